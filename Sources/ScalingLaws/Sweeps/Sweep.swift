import Console
public import Documents
import Foundation

/// The runs of a sweep at work: some at a time, each a process, each in a folder of its own.
///
/// A run's state is what lies in its folder (`run.json` says when it finished, `metrics.jsonl` what it reached), so that a sweep
/// that was stopped, or whose runs another machine makes, needs no more than the same command. A run that fails is named and the
/// sweep goes on; the next call tries it again. `points.csv` has all learning curves in the form that fits read.
public struct Sweep: Sendable {
  /// The state of one run.
  public enum State: Sendable, Equatable {
    /// Not begun, or stopped before its end.
    case open
    /// At its end.
    case done
    /// Stopped because a larger run reached less loss with no more compute.
    case beaten
    /// Ended with an error.
    case failed(String)
  }

  /// The program and the arguments that train one run into a folder.
  public typealias Launcher =
    @Sendable (_ run: SweepSpecification.Run, _ folder: String) -> (program: String, arguments: [String])

  /// The runs.
  public let specification: SweepSpecification
  /// The sweep's folder.
  public let folder: String
  /// How many runs are made at a time.
  public var workers = 1
  /// Runs that lie this share of the loss above a larger one at the same compute are stopped; nil stops none.
  ///
  /// What is left suffices for L(C) and N_opt(C), not for the law of small models at much data.
  public var stopsBeaten: Double?
  private let launcher: Launcher

  /// A sweep in a folder.
  public init(_ specification: SweepSpecification, folder: String, launcher: @escaping Launcher) {
    (self.specification, self.folder, self.launcher) = (specification, folder, launcher)
  }

  /// The folder of a run.
  public func path(of run: SweepSpecification.Run) -> String { "\(folder)/runs/\(run.name)" }

  /// The state of a run, by its folder.
  public func state(of run: SweepSpecification.Run) -> State {
    if FileManager.default.fileExists(atPath: path(of: run) + "/beaten") { return .beaten }
    let manifest = try? JSONValue(contentsOf: path(of: run) + "/run.json")
    return manifest?["finished"]?.string == nil ? .open : .done
  }

  /// The learning curve of a run so far: its evaluations on held-out text.
  public func points(of run: SweepSpecification.Run) -> [TrainingPoint] {
    guard let text = try? String(contentsOfFile: path(of: run) + "/metrics.jsonl", encoding: .utf8) else { return [] }
    return text.split(separator: "\n").compactMap { line in
      // The last line may be half written.
      guard let value = try? JSONValue(parsing: Array(line.utf8)), let step = value["step"]?.int, step > 0,
        let loss = value["eval_loss"]?.double, loss.isFinite, loss > 0
      else { return nil }
      return TrainingPoint(
        run: run.name, step: step, parameters: run.shape.parameters, tokens: Double(step * run.tokensPerStep),
        loss: loss)
    }
  }

  /// Makes the runs that aren't done.
  ///
  /// - Parameters:
  ///   - only: the numbers of the runs to make, for arrays of jobs; nil for all.
  ///   - log: gets the progress line.
  ///   - shouldStop: asked several times a second; true ends the runs in order, to be gone on with.
  /// - Returns: the state of each run.
  public func run(
    only: Set<Int>? = nil, log: (String) -> Void = { _ in }, shouldStop: () -> Bool = { false }
  ) throws -> [State] {
    try FileManager.default.createDirectory(atPath: folder + "/logs", withIntermediateDirectories: true)
    try FileManager.default.createDirectory(atPath: folder + "/runs", withIntermediateDirectories: true)
    var states = specification.runs.map(state)
    var waiting = specification.runs.indices.filter { states[$0] == .open && (only?.contains($0) ?? true) }
    let total = waiting.reduce(0) { $0 + specification.runs[$1].flops }
    var (spent, began, isStopping) = (0.0, ContinuousClock.now, false)
    var working: [Int: Process] = [:]
    began = .now
    while !working.isEmpty || (!waiting.isEmpty && !isStopping) {
      if shouldStop(), !isStopping {
        isStopping = true
        for process in working.values { process.terminate() }
      }
      while working.count < workers, !isStopping, let next = waiting.first {
        waiting.removeFirst()
        do { working[next] = try start(specification.runs[next]) } catch {
          states[next] = .failed("\(error)")
        }
      }
      Thread.sleep(forTimeInterval: 0.1)
      for (index, process) in working {
        let run = specification.runs[index]
        if process.isRunning {
          if let stopsBeaten, isBeaten(run, by: stopsBeaten) {
            try DurableFile.write("", to: path(of: run) + "/beaten")
            process.terminate()
          }
          continue
        }
        working[index] = nil
        states[index] = state(of: run)
        if states[index] == .open, !isStopping { states[index] = .failed(reason(run, process.terminationStatus)) }
        spent += run.flops
        try writePoints()
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        let left = spent > 0 ? seconds * (total - spent) / spent : 0
        let loss = points(of: run).last.map { "loss \(short($0.loss))" } ?? "no loss"
        log(
          "[\(states.count { $0 != .open })/\(states.count)] \(run.name): \(Self.word(states[index])), \(loss); "
            + "about \(Int(left.rounded())) s left")
      }
    }
    try writePoints()
    return states
  }

  private func start(_ run: SweepSpecification.Run) throws -> Process {
    let (program, arguments) = launcher(run, path(of: run))
    let file = "\(folder)/logs/\(run.name).log"
    guard
      FileManager.default.fileExists(atPath: file)
        || FileManager.default.createFile(atPath: file, contents: nil)
    else { throw DataError(.inputOutput, path: file, problem: "can't make the file") }
    let output = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
    try output.seekToEnd()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
    return process
  }

  /// Whether a larger run had less loss, by a share, for no more compute than this one has spent.
  private func isBeaten(_ run: SweepSpecification.Run, by share: Double) -> Bool {
    guard let last = points(of: run).last, let flops = last.flops else { return false }
    return specification.runs.contains { other in
      other.shape.parameters > run.shape.parameters
        && points(of: other).contains { ($0.flops ?? .infinity) <= flops && $0.loss * (1 + share) < last.loss }
    }
  }

  private func reason(_ run: SweepSpecification.Run, _ status: Int32) -> String {
    let text = (try? String(contentsOfFile: "\(folder)/logs/\(run.name).log", encoding: .utf8)) ?? ""
    let line =
      text.split(whereSeparator: \.isNewline).last { $0.contains("error:") } ?? "it ended with status \(status)"
    let words = line.drop { $0 == " " }
    return words.count > 120 ? words.prefix(120) + "…" : String(words)
  }

  /// Writes all learning curves as `points.csv`.
  private func writePoints() throws {
    var text = "run,step,parameters,tokens,flops,loss\n"
    for run in specification.runs {
      for point in points(of: run) {
        text +=
          "\(run.name),\(point.step ?? 0),\(point.parameters ?? 0),\(point.tokens ?? 0),\(point.flops ?? 0),\(point.loss)\n"
      }
    }
    try DurableFile.write(text, to: folder + "/points.csv")
  }

  static func word(_ state: State) -> String {
    switch state {
    case .open: "open"
    case .done: "done"
    case .beaten: "beaten"
    case .failed(let reason): "failed: \(reason)"
    }
  }

  /// The runs with their states as a table.
  public func text(_ states: [State]) -> String {
    var table = Table([
      ("run", .left), ("parameters", .right), ("tokens", .right), ("FLOP", .right), ("rate", .right), ("loss", .right),
      ("", .left),
    ])
    for (run, state) in zip(specification.runs, states) {
      table.add([
        run.name, short(run.shape.parameters), short(run.tokens), short(run.flops, digits: 3),
        short(run.learningRate, digits: 3), points(of: run).last.map { short($0.loss) } ?? "–", Self.word(state),
      ])
    }
    return table.text
  }

  /// Refuses states with failures among them, for a command's last word.
  ///
  /// - Throws: ``ScalingError`` that says how many runs failed and where their logs are.
  public func requireNoFailure(_ states: [State]) throws(ScalingError) {
    let failed = states.count {
      if case .failed = $0 { return true }
      return false
    }
    guard failed > 0 else { return }
    throw .unusable(
      "\(failed) of \(states.count) runs failed; their logs are in \(folder)/logs. The same command tries them again and leaves "
        + "the others as they are.")
  }

  /// A Slurm script that makes each run as one task of an array.
  ///
  /// - Parameter command: the words of the command that goes on with the sweep; the task's number comes after them.
  public func slurmScript(command: [String]) -> String {
    let words = command.map { "'" + $0.replacingOccurrences(of: "'", with: "'\\''") + "'" }.joined(separator: " ")
    return """
      #!/bin/bash
      #SBATCH --job-name=scaling-sweep
      #SBATCH --array=0-\(specification.runs.count - 1)%\(workers)
      #SBATCH --output=\(folder)/logs/slurm-%a.log
      # Runs come cheapest first. Afterwards the same command without --only shows the table and writes points.csv.
      exec \(words) --only "$SLURM_ARRAY_TASK_ID"

      """
  }

  /// The runs with their states as one JSON document.
  public func document(_ states: [State]) -> JSONValue {
    [
      "points": .string(folder + "/points.csv"),
      "runs": .array(
        zip(specification.runs, states).map { run, state in
          [
            "name": .string(run.name), "parameters": .double(run.shape.parameters), "tokens": .double(run.tokens),
            "flops": .double(run.flops), "learning_rate": .double(run.learningRate),
            "loss": points(of: run).last.map { .double($0.loss) } ?? .null, "state": .string(Self.word(state)),
          ]
        }),
    ]
  }
}
