import Documents
import Foundation
import NeuralNetworks
import Settings
public import Torch

/// Drives a ``Learner``: steps, metrics, progress, evaluation, checkpoints, resume and orderly stops.
///
/// ```swift
/// let run = try RunFolder("runs/mine", manifest: RunManifest(command: "mine", configuration: [:], seed: 1))
/// try TrainingLoop(settings, folder: run, title: "mine").run(learner)
/// ```
///
/// Ctrl-C ends the step, saves and returns; the same command again goes on from there. A run killed at any moment loses at
/// most the steps since its last checkpoint, two minutes of them unless told otherwise, and reaches the same losses when it
/// is started again.
public final class TrainingLoop {
  /// The end of a run.
  public enum Ending: Sendable, Equatable {
    /// All steps were made.
    case finished
    /// A signal or ``TrainingLoop/isTimeUp`` asked for it; the checkpoint is saved.
    case interrupted(step: Int)
    /// Evaluation got no better; the best checkpoint is the run's result.
    case stoppedEarly(step: Int, best: CheckpointStore.Best?)
  }

  let settings: TrainingSettings
  let folder: RunFolder
  let group: ProcessGroup?
  let title: String
  let peak: Double?
  /// Asked before and after each step; where it says so the run ends as at a signal, saved and ready to go on.
  public var isTimeUp: () -> Bool = { false }

  /// A loop that writes into a run's folder; in a group only rank 0 writes.
  ///
  /// - Parameter peak: the machine's matrix products in FLOP/s, for the share shown in the progress bar.
  public init(
    _ settings: TrainingSettings, folder: RunFolder, title: String, group: ProcessGroup? = nil,
    peak: Double? = nil
  ) {
    self.settings = settings
    self.folder = folder
    self.title = title
    self.group = group
    self.peak = peak
  }

  /// The steps after which the time of the others can be told.
  private static let stepsBeforeEstimate = 3

  private static func short(_ rate: Double) -> String { String(format: "%.3g", rate) }

  /// Makes the remaining steps.
  @discardableResult
  public func run(_ learner: any Learner) throws -> Ending {
    do { return try drive(learner) } catch let error as DivergenceError {
      if (group?.rank ?? 0) == 0 { try folder.noteDivergence() }
      throw error
    }
  }

  private func drive(_ learner: any Learner) throws -> Ending {
    try settings.validate()
    try learner.requireMemory(settings)
    let isWriter = (group?.rank ?? 0) == 0
    let updater = Updater(learner, settings: settings, group: group)
    let device = learner.modules.lazy.flatMap { $0.module.parameters }.first?.tensor.device ?? .cpu
    var start = 0
    var best: Double?
    var worse = 0
    var atCheckpoint: TrainerState?
    if let checkpoint = try folder.checkpoints.latest() {
      start = checkpoint.step
      let url = URL(fileURLWithPath: checkpoint.path)
      try learner.load(from: url)
      let saved = try TrainerState.read(from: url)
      learner.state = saved.learner
      best = saved.best
      worse = saved.worse
      try updater.load(from: url)
      atCheckpoint = saved
    }
    let metrics = isWriter ? try MetricsWriter(folder: folder, resumingAfter: start > 0 ? start : nil) : nil
    let progress =
      isWriter ? ProgressBar(title: title, totalSteps: settings.maxSteps, startingAt: start, peak: peak) : nil
    defer { progress?.finish() }

    var (lastSave, saving) = (ContinuousClock.now, Duration.zero)

    /// Whether it is time to save. A save that took long is followed by more steps, so that it costs a twentieth at most.
    func isSaveDue() -> Bool {
      let interval = Duration.seconds(60 * settings.saveMinutes)
      return settings.saveMinutes > 0 && lastSave.duration(to: .now) >= max(interval, saving * 20)
    }

    func state(_ step: Int, _ line: Metrics, isCounted: Bool) -> TrainerState {
      TrainerState(
        step: step, learner: learner.state, best: best, worse: worse, isCounted: isCounted,
        line: line.pairs.map { .init(name: $0.name, value: $0.value.isFinite ? $0.value : nil) })
    }

    func save(_ step: Int, _ line: Metrics, isCounted: Bool = false) throws {
      let began = ContinuousClock.now
      defer {
        lastSave = ContinuousClock.now
        saving = lastSave - began
      }
      guard isWriter else { return }
      try metrics?.synchronize()
      _ = try folder.checkpoints.save(step: step) { path in
        let url = URL(fileURLWithPath: path)
        try learner.save(to: url)
        try updater.save(to: url)
        try state(step, line, isCounted: isCounted).write(to: url)
      }
      try folder.checkpoints.prune(keepLast: max(1, settings.saveTotalLimit))
    }

    /// Evaluates where the step asks for it, keeps the best, and writes the step's line; true if the run should stop early.
    ///
    /// - Parameter counts: whether the evaluation has yet to be counted as better or worse.
    func evaluateAndLog(
      _ step: Int, _ measured: Metrics, isSaved: Bool, stops: Bool, counts: Bool = true
    ) throws -> Bool {
      var line = measured
      let evaluates =
        step == settings.maxSteps || (settings.evalSteps > 0 && step % settings.evalSteps == 0)
      if evaluates, !stops, let found = try learner.evaluate(step: step) {
        line.merge(found)
        progress?.log(
          "step \(step): "
            + found.pairs.map { "\($0.name) \(String(format: "%.4f", $0.value))" }.joined(separator: ", "))
        if counts, let first = found.pairs.first {
          let isBetter = first.value < best ?? .infinity
          (best, worse) = isBetter ? (first.value, 0) : (best, worse + 1)
          // A run that may stop early must still have its best weights then.
          if isBetter, !isSaved, settings.earlyStoppingPatience > 0 {
            try save(step, measured, isCounted: true)
          } else if isSaved, isWriter {
            // The checkpoint was written before its evaluation, which counts when the run goes on from it.
            try folder.checkpoints.replace(
              TrainerState.name, in: step, with: state(step, measured, isCounted: true).encoded())
          }
          if isBetter, isWriter, isSaved || settings.earlyStoppingPatience > 0 {
            try folder.checkpoints.setBest(.init(step: step, metric: first.name, value: first.value))
          }
        }
      }
      try metrics?.write(step: step, line)
      return isPatienceOver && step < settings.maxSteps
    }

    var isPatienceOver: Bool { settings.earlyStoppingPatience > 0 && worse >= settings.earlyStoppingPatience }

    /// Ends a run that got no better: the best checkpoint is its result.
    func stopEarly(_ step: Int) throws -> Ending {
      if isWriter {
        if var best = try folder.checkpoints.best() {
          best.isResult = true
          try folder.checkpoints.setBest(best)
        }
        try folder.finish()
      }
      return .stoppedEarly(step: step, best: try folder.checkpoints.best())
    }

    if let atCheckpoint, let metrics, (metrics.lastStep ?? 0) < start {
      // The run died between this step's checkpoint and its line.
      _ = try evaluateAndLog(
        start, atCheckpoint.metrics, isSaved: true, stops: false, counts: atCheckpoint.isCounted != true)
    }
    if isPatienceOver, start < settings.maxSteps { return try stopEarly(start) }
    if isWriter, var best = try folder.checkpoints.best(), best.isResult == true {
      best.isResult = nil
      try folder.checkpoints.setBest(best)
    }
    if start < settings.maxSteps, let saved = atCheckpoint?.metrics["learning_rate"] {
      // A schedule spans all steps, so that another number of them bends it.
      updater.begin(step: start - 1)
      let now = updater.learningRate
      if abs(now - saved) > 1e-3 * max(now, saved) {
        progress?.log(
          "\(title): over \(settings.maxSteps) steps the schedule has the learning rate \(Self.short(now)) at step \(start), where it "
            + "was \(Self.short(saved)); a run that was to end gets larger steps again. '--lr-scheduler-type constant' has none of that"
        )
      }
    }
    var step = start
    while step < settings.maxSteps {
      if isTimeUp() { return .interrupted(step: step) }
      let began = ContinuousClock.now
      updater.begin(step: step)
      let report = try withAutocast(settings.bf16 ? .bfloat16 : nil, device: device) {
        try learner.step(step, updater)
      }
      guard report.loss.isFinite else {
        throw DivergenceError(step: step + 1, message: "the loss is \(report.loss)")
      }
      step += 1
      let seconds = (ContinuousClock.now - began) / .seconds(1)
      var line: Metrics = [
        "loss": report.loss, "learning_rate": updater.learningRate,
      ]
      if report.tokens > 0 { line["tokens_per_second"] = Double(report.tokens) / max(seconds, 1e-9) }
      line.merge(report.metrics)
      progress?.update(
        step: step, tokens: report.tokens,
        figures: learner.shownMetrics.compactMap { shown in line[shown.metric].map { (shown.label, $0) } },
        operations: report.operations)
      if step == start + Self.stepsBeforeEstimate, settings.maxSteps > step, let left = progress?.timeLeft {
        progress?.log("\(title): about \(left) to go for \(settings.maxSteps - step) steps")
      }
      let stops = InterruptSignals.stopRequested || isTimeUp()
      let saves =
        step == settings.maxSteps || stops || (settings.saveSteps > 0 && step % settings.saveSteps == 0) || isSaveDue()
      // Saved before the evaluation, which may be long or fail.
      if saves { try save(step, line) }
      let stopsEarly = try evaluateAndLog(step, line, isSaved: saves, stops: stops)
      if stops { return .interrupted(step: step) }
      if stopsEarly {
        if !saves { try save(step, line) }
        return try stopEarly(step)
      }
    }
    if isWriter { try folder.finish() }
    return .finished
  }
}

/// The contents of a checkpoint besides weights and moments.
struct TrainerState: Codable {
  var step: Int
  var learner: [String: Double]
  var best: Double?
  var worse: Int
  /// Whether `best` and `worse` know the step's own evaluation; nil means no.
  var isCounted: Bool?
  /// The measurements of the step, before its evaluation: the run may die before the line is in `metrics.jsonl`.
  var line: [Measurement]

  struct Measurement: Codable {
    var name: String
    var value: Double?
  }

  var metrics: Metrics {
    line.reduce(into: Metrics()) { $0[$1.name] = $1.value ?? .nan }
  }

  static let name = "trainer_state.json"

  func write(to folder: URL) throws { try encoded().write(to: folder.appendingPathComponent(Self.name)) }

  func encoded() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return try encoder.encode(self)
  }

  static func read(from folder: URL) throws -> TrainerState {
    let file = folder.appendingPathComponent(name)
    do {
      return try JSONDecoder().decode(TrainerState.self, from: Data(contentsOf: file))
    } catch {
      throw DataError(
        .badData, path: file.path, problem: "can't be read, so this checkpoint can't be resumed: \(error)")
    }
  }
}

extension Updater {
  static let optimizerFile = "optimizer.safetensors"

  func save(to folder: URL) throws {
    var all: [(String, Tensor)] = []
    for (name, optimizer) in optimizers {
      for (key, tensor) in optimizer.state { all.append(("\(name)/\(key)", tensor)) }
    }
    try Safetensors.write(all, to: folder.appendingPathComponent(Self.optimizerFile))
  }

  func load(from folder: URL) throws {
    let file = try Safetensors(folder.appendingPathComponent(Self.optimizerFile))
    for (name, optimizer) in optimizers {
      var state: [String: Tensor] = [:]
      for key in file.names where key.hasPrefix("\(name)/") {
        state[String(key.dropFirst(name.count + 1))] = try file.tensor(key)
      }
      try optimizer.load(state)
    }
  }
}
