import Console
public import Documents
import Foundation
public import Training

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

  private var logs: String { folder + "/logs" }

  /// The state of a run, by its folder.
  public func state(of run: SweepSpecification.Run) -> State {
    if FileManager.default.fileExists(atPath: path(of: run) + "/beaten") { return .beaten }
    let manifest = try? JSONValue(contentsOf: path(of: run) + "/run.json")
    return manifest?["finished"]?.string == nil ? .open : .done
  }

  /// The learning curve of a run so far: its evaluations on held-out data.
  public func points(of run: SweepSpecification.Run) -> [TrainingPoint] {
    MetricsFile(ofRun: path(of: run)).lines.compactMap { line in
      guard line.step > 0, let loss = line["eval_loss"], loss > 0 else { return nil }
      return TrainingPoint(
        run: run.name, step: line.step, parameters: run.shape.parameters,
        tokens: Double(line.step) * Double(run.tokensPerStep), loss: loss)
    }
  }

  /// The learning curves of all runs.
  public var points: [TrainingPoint] { specification.runs.flatMap(points) }

  /// Makes the runs that aren't done.
  ///
  /// - Parameters:
  ///   - only: the numbers of the runs to make; nil for all.
  ///   - log: gets the progress line.
  ///   - shouldStop: asked several times a second; true ends the runs in order, to be gone on with.
  /// - Returns: the state of each run.
  public func run(
    only: Set<Int>? = nil, log: (String) -> Void = { _ in }, shouldStop: () -> Bool = { false }
  ) throws -> [State] {
    var progress = try Progress(self, only: only)
    var pool = JobPool(logs: logs)
    pool.workers = workers
    let open = progress.open
    try pool.run(
      open.map { job(specification.runs[$0]) },
      isUnwanted: { place in
        guard let stopsBeaten, isBeaten(specification.runs[open[place]], by: stopsBeaten) else { return false }
        try? DurableFile.write("", to: path(of: specification.runs[open[place]]) + "/beaten")
        return true
      }, shouldStop: shouldStop
    ) { place, ending in
      try progress.note(open[place], ending, log)
    }
    try writePoints()
    return progress.states
  }

  /// Gives the runs that aren't done to Slurm as one array, and waits for them.
  ///
  /// - Parameters:
  ///   - log: gets a line for each run that ends.
  ///   - shouldStop: asked every second; true cancels the array, whose runs save and can be gone on with.
  /// - Returns: the state of each run.
  public func runOnSlurm(log: (String) -> Void = { _ in }, shouldStop: () -> Bool = { false }) throws -> [State] {
    var progress = try Progress(self, only: nil)
    let open = progress.open
    guard !open.isEmpty else {
      try writePoints()
      return progress.states
    }
    let array = slurmArray
    let id = try array.submit(script: folder + "/sweep.sbatch")
    log("Slurm array \(id): \(open.count) runs, \(workers) at a time")
    var (waiting, isStopping) = (Set(open.indices), false)
    while !waiting.isEmpty {
      Thread.sleep(forTimeInterval: 1)
      if !isStopping, shouldStop() {
        isStopping = true
        try SlurmArray.cancel(id)
      }
      let left = try SlurmArray.waiting(in: id)
      for place in waiting.subtracting(left).sorted() {
        let isDone = state(of: specification.runs[open[place]]) == .done
        try progress.note(open[place], isDone ? .done : isStopping ? .stopped : .failed("it ended before its end"), log)
      }
      waiting.formIntersection(left)
    }
    try writePoints()
    return progress.states
  }

  /// The states of the runs while they are made, and the line that tells of it.
  private struct Progress {
    let sweep: Sweep
    var states: [State]
    /// The numbers of the runs to make, the cheapest first.
    let open: [Int]
    private let total: Double
    private var spent = 0.0
    private let began = ContinuousClock.now

    init(_ sweep: Sweep, only: Set<Int>?) throws {
      try FileManager.default.createDirectory(atPath: sweep.folder + "/runs", withIntermediateDirectories: true)
      let runs = sweep.specification.runs
      let states = runs.map(sweep.state)
      open = runs.indices.filter { states[$0] == .open && (only?.contains($0) ?? true) }
      total = open.reduce(0) { $0 + runs[$1].flops }
      (self.sweep, self.states) = (sweep, states)
    }

    mutating func note(_ index: Int, _ ending: JobPool.Ending, _ log: (String) -> Void) throws {
      let run = sweep.specification.runs[index]
      states[index] = sweep.state(of: run)
      switch ending {
      case .failed(let reason) where states[index] == .open: states[index] = .failed(reason)
      case .done where states[index] == .open: states[index] = .failed("it ended before its end")
      default: break
      }
      spent += run.flops
      try sweep.writePoints()
      let seconds = (ContinuousClock.now - began) / .seconds(1)
      let left = spent > 0 ? seconds * (total - spent) / spent : 0
      let loss = sweep.points(of: run).last.map { "loss \(short($0.loss))" } ?? "no loss"
      log(
        "[\(states.count { $0 != .open })/\(states.count)] \(run.name): \(Sweep.word(states[index])), \(loss); "
          + "about \(Int(left.rounded())) s left")
    }
  }

  private func job(_ run: SweepSpecification.Run) -> JobPool.Job {
    let (program, arguments) = launcher(run, path(of: run))
    return JobPool.Job(run.name, program: program, arguments: arguments)
  }

  /// The runs that aren't done as an array of Slurm's.
  public var slurmArray: SlurmArray {
    let open = specification.runs.filter { state(of: $0) == .open }
    return SlurmArray(name: "scaling-sweep", jobs: open.map(job), parallel: workers, logs: logs)
  }

  /// Whether a larger run had less loss, by a share, for no more compute than this one has spent.
  private func isBeaten(_ run: SweepSpecification.Run, by share: Double) -> Bool {
    guard let last = points(of: run).last, let flops = last.flops else { return false }
    return specification.runs.contains { other in
      other.shape.parameters > run.shape.parameters
        && points(of: other).contains { ($0.flops ?? .infinity) <= flops && $0.loss * (1 + share) < last.loss }
    }
  }

  /// Writes all learning curves as `points.csv`.
  private func writePoints() throws { try PointFile.write(points, to: folder + "/points.csv") }

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
