import Documents
import Foundation

/// Jobs as the tasks of one Slurm array: what ``JobPool`` runs here, a cluster runs there.
///
/// ```swift
/// let job = JobPool.Job("first", program: "/usr/bin/true")
/// let array = SlurmArray(name: "sweep", jobs: [job], parallel: 8, logs: "runs/sweep/logs")
/// let id = try array.submit(script: "runs/sweep/sweep.sbatch")
/// print(try SlurmArray.waiting(in: id))
/// ```
public struct SlurmArray: Sendable {
  /// The array's name in the queue.
  public var name: String
  /// The jobs; task n is job n.
  public var jobs: [JobPool.Job]
  /// How many tasks may run at a time.
  public var parallel: Int
  /// The folder of the tasks' output; it must be there when they start.
  public var logs: String

  /// Describes an array.
  public init(name: String, jobs: [JobPool.Job], parallel: Int, logs: String) {
    (self.name, self.jobs, self.parallel, self.logs) = (name, jobs, parallel, logs)
  }

  /// The script for `sbatch`.
  public var script: String {
    let cases = jobs.enumerated().map { index, job in
      "  \(index)) exec \(([job.program] + job.arguments).map(Self.quoted).joined(separator: " ")) "
        + ">> \(Self.quoted("\(logs)/\(job.name).log")) 2>&1 ;;"
    }
    return """
      #!/bin/bash
      #SBATCH --job-name=\(name)
      #SBATCH --array=0-\(max(0, jobs.count - 1))%\(parallel)
      #SBATCH --output=/dev/null
      case "$SLURM_ARRAY_TASK_ID" in
      \(cases.joined(separator: "\n"))
      esac

      """
  }

  private static func quoted(_ word: String) -> String {
    "'" + word.replacingOccurrences(of: "'", with: "'\\''") + "'"
  }

  /// Writes the script and gives it to `sbatch`, in the folder where the caller is.
  ///
  /// - Returns: the array's number.
  /// - Throws: ``DataError`` where there is no Slurm, or it refuses.
  public func submit(script path: String) throws -> String {
    try FileManager.default.createDirectory(atPath: logs, withIntermediateDirectories: true)
    try DurableFile.write(script, to: path)
    let answer = try Self.ask("sbatch", ["--parsable", path])
    // With several clusters the answer is NUMBER;CLUSTER.
    let id = answer.split(whereSeparator: { $0 == ";" || $0.isWhitespace }).first.map(String.init) ?? ""
    guard Int(id) != nil else {
      throw DataError(.badData, path: path, problem: "sbatch answered '\(answer)', which is no job's number")
    }
    return id
  }

  /// The tasks of an array that haven't ended, by number; none when all have.
  public static func waiting(in id: String) throws -> Set<Int> {
    // A number that Slurm has forgotten is one whose tasks have all ended.
    guard let answer = try? ask("squeue", ["--noheader", "--array", "--jobs", id, "--format", "%K"]) else { return [] }
    return Set(answer.split(whereSeparator: \.isWhitespace).compactMap { Int($0) })
  }

  /// Ends all tasks of an array; each is told by SIGTERM, and saves.
  public static func cancel(_ id: String) throws { _ = try ask("scancel", [id]) }

  private static func ask(_ program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    let (output, errors) = (Pipe(), Pipe())
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let complaint = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw DataError(
        process.terminationStatus == 127 ? .noInput : .badData, path: program,
        problem: process.terminationStatus == 127
          ? "there is no such program: Slurm isn't installed here" : "it failed: \(complaint.prefix(300))",
        advice: "Check 'sinfo', or leave Slurm out to run the jobs here.")
    }
    return said
  }
}
