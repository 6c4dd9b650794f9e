import Documents
import Foundation

/// Programs that are run some at a time until all have ended: the runs of a sweep, the entries of a competition.
///
/// The pool keeps no books: which jobs are left to do its owner tells by what they wrote, so that the same call goes on where one
/// was stopped. Each job's output goes to `NAME.log` in the pool's folder, after what earlier tries left there.
///
/// ```swift
/// var pool = JobPool(logs: "runs/sweep/logs")
/// pool.workers = 2
/// let job = JobPool.Job("first", program: "/usr/bin/true")
/// try pool.run([job]) { index, ending in print(index, ending) }
/// ```
public struct JobPool: Sendable {
  /// A program to be run.
  public struct Job: Sendable, Equatable {
    /// Its name, also of its log.
    public var name: String
    /// The program.
    public var program: String
    /// Its arguments.
    public var arguments: [String]

    /// Names a job.
    public init(_ name: String, program: String, arguments: [String] = []) {
      (self.name, self.program, self.arguments) = (name, program, arguments)
    }
  }

  /// The end of a job.
  public enum Ending: Sendable, Equatable {
    /// It ended with status 0.
    case done
    /// It ended otherwise, or could not be started; with its last words.
    case failed(String)
    /// It was told to end: the pool was, or the job's owner wanted no more of it.
    case stopped
  }

  /// The folder of the jobs' output.
  public let logs: String
  /// How many jobs are run at a time.
  public var workers = 1
  /// The seconds that a job has to save its work after it was told to end; then it is killed.
  public var patience = 30.0

  /// A pool that writes its jobs' output to a folder.
  public init(logs: String) { self.logs = logs }

  /// The file of a job's output.
  public func log(of job: Job) -> String { "\(logs)/\(job.name).log" }

  /// Runs jobs in their order, some at a time, and returns when the last has ended.
  ///
  /// Several at a time share the processors: each is told by `OMP_NUM_THREADS` how many are its own, unless the environment says.
  ///
  /// - Parameters:
  ///   - isUnwanted: asked every second or so about each job at work; true ends it.
  ///   - shouldStop: asked several times a second; true ends all jobs and starts no more.
  ///   - ended: gets the number of each job that was begun, and how it ended.
  public func run(
    _ jobs: [Job], isUnwanted: (Int) -> Bool = { _ in false }, shouldStop: () -> Bool = { false },
    ended: (Int, Ending) throws -> Void
  ) throws {
    try FileManager.default.createDirectory(atPath: logs, withIntermediateDirectories: true)
    var (next, isStopping, polls) = (0, false, 0)
    var working: [Int: Process] = [:]
    // Since when a job has been told to end. One that was started where the signal is ignored wouldn't hear of it.
    var stopped: [Int: ContinuousClock.Instant] = [:]
    // Whatever is thrown on the way, no program is left behind.
    defer { for process in working.values where process.isRunning { process.terminate() } }
    while !working.isEmpty || (next < jobs.count && !isStopping) {
      if !isStopping, shouldStop() {
        isStopping = true
        for (index, process) in working {
          stopped[index] = .now
          process.terminate()
        }
      }
      while working.count < workers, next < jobs.count, !isStopping {
        do { working[next] = try start(jobs[next]) } catch { try ended(next, .failed("\(error)")) }
        next += 1
      }
      Thread.sleep(forTimeInterval: 0.05)
      polls += 1
      for (index, process) in working.sorted(by: { $0.key < $1.key }) {
        if process.isRunning {
          if let since = stopped[index] {
            if (ContinuousClock.now - since) / .seconds(1) > patience { kill(process.processIdentifier, SIGKILL) }
          } else if polls.isMultiple(of: 20), isUnwanted(index) {
            stopped[index] = .now
            process.terminate()
          }
          continue
        }
        working[index] = nil
        let isDone = process.terminationReason == .exit && process.terminationStatus == 0
        let ending: Ending =
          isDone ? .done : stopped[index] != nil ? .stopped : .failed(lastWords(of: jobs[index], process))
        try ended(index, ending)
      }
    }
  }

  private func start(_ job: Job) throws -> Process {
    let file = log(of: job)
    guard
      FileManager.default.fileExists(atPath: file)
        || FileManager.default.createFile(atPath: file, contents: nil)
    else { throw DataError(.inputOutput, path: file, problem: "can't make the file") }
    let output = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
    try output.seekToEnd()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: job.program)
    process.arguments = job.arguments
    var environment = ProcessInfo.processInfo.environment
    if workers > 1, environment["OMP_NUM_THREADS"] == nil {
      environment["OMP_NUM_THREADS"] = "\(max(1, Machine.cores / workers))"
    }
    process.environment = environment
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
    return process
  }

  /// The last line of a job's log that names an error, or its status.
  private func lastWords(of job: Job, _ process: Process) -> String {
    let text = (try? String(contentsOfFile: log(of: job), encoding: .utf8)) ?? ""
    let way = process.terminationReason == .exit ? "it ended with status" : "it was ended by signal"
    let line =
      text.split(whereSeparator: \.isNewline).last { $0.contains("error:") } ?? "\(way) \(process.terminationStatus)"
    let words = line.drop { $0 == " " }
    return words.count > 120 ? words.prefix(120) + "…" : String(words)
  }
}
