public import ArgumentParser
import Documents
import Foundation
public import NeuralNetworks
import Torch
public import Training

/// The settings of the training loop, the same flags in every `train` command; names are Hugging Face's.
struct TrainingOptions: ParsableArguments {
  @Option(help: .init("The run's folder; a run that was stopped goes on in it.", valueName: "folder"))
  var run: String

  @Option(help: .init("Optimizer steps.", valueName: "count"))
  var maxSteps = 1000

  @Option(help: .init("Examples or rows per optimizer step.", valueName: "count"))
  var batchSize = 16

  @Option(help: .init("The most tokens in one forward and backward pass.", valueName: "count"))
  var microBatchTokens = 8192

  @Option(help: "The optimizer: \(TrainingSettings.OptimizerKind.allCases.map(\.rawValue).joined(separator: ", ")).")
  var optim = TrainingSettings.OptimizerKind.adamw

  @Option(help: .init("Peak learning rate.", valueName: "rate"))
  var learningRate: Double?

  @Option(
    help: "The learning rate's course: \(LearningRateSchedule.Kind.allCases.map(\.rawValue).joined(separator: ", ")).")
  var lrSchedulerType = LearningRateSchedule.Kind.cosineWithMinimum

  @Option(help: .init("Steps over which the rate rises from 0.", valueName: "count"))
  var warmupSteps = 0

  @Option(help: .init("The rate at the end, as a share of the peak.", valueName: "share"))
  var minLrRatio = 0.1

  @Option(help: .init("Decoupled weight decay on matrices.", valueName: "rate"))
  var weightDecay = 0.1

  @Option(help: .init("AdamW's first decay.", valueName: "beta"))
  var adamBeta1 = 0.9

  @Option(help: .init("AdamW's second decay.", valueName: "beta"))
  var adamBeta2 = 0.95

  @Option(help: .init("Gradients are scaled down to this norm; 0 leaves them.", valueName: "norm"))
  var maxGradNorm = 1.0

  @Option(help: .init("Save every so many steps; 0 only at the end.", valueName: "steps"))
  var saveSteps = 0

  @Option(help: .init("Checkpoints kept besides the best.", valueName: "count"))
  var saveTotalLimit = 2

  @Option(help: .init("Evaluate every so many steps; 0 only at the end.", valueName: "steps"))
  var evalSteps = 0

  @Option(help: .init("Stop after this many evaluations without a better one; 0 never.", valueName: "count"))
  var earlyStoppingPatience = 0

  @Option(help: .init("Seeds everything that is drawn.", valueName: "number"))
  var seed: UInt64 = 1

  @Flag(help: "Matrix products in bfloat16; weights stay float32.")
  var bf16 = false

  @Option(help: .init("auto, cpu, cuda, cuda:N or mps.", valueName: "device"))
  var device = "auto"

  /// The settings for the loop.
  func settings(learningRate fallback: Double) throws -> TrainingSettings {
    var s = TrainingSettings()
    s.maxSteps = maxSteps
    s.batchSize = batchSize
    s.microBatchTokens = microBatchTokens
    s.optimizer = optim
    s.learningRate = learningRate ?? (optim == .muon ? 0.02 : fallback)
    s.schedule = lrSchedulerType
    s.warmupSteps = warmupSteps
    s.minimumRateRatio = minLrRatio
    s.weightDecay = weightDecay
    s.beta1 = adamBeta1
    s.beta2 = adamBeta2
    s.maxGradNorm = maxGradNorm
    s.saveSteps = saveSteps
    s.saveTotalLimit = saveTotalLimit
    s.evalSteps = evalSteps
    s.earlyStoppingPatience = earlyStoppingPatience
    s.seed = seed
    s.bf16 = bf16
    return s
  }

  func validate() throws {
    for (name, value) in [
      ("--max-steps", maxSteps), ("--batch-size", batchSize), ("--micro-batch-tokens", microBatchTokens),
    ] where value < 1 {
      throw ValidationError("\(name) \(value): it must be at least 1.")
    }
    if let learningRate, !(learningRate > 0 && learningRate < 10) {
      throw ValidationError("--learning-rate \(learningRate): it must be positive and below 10.")
    }
  }

  /// The settings that a resumed run may change: how long it goes on and what it writes, not what a step is.
  private static let mayChange: Set<String> = [
    "max_steps", "save_steps", "save_total_limit", "eval_steps", "early_stopping_patience",
    "micro_batch_tokens",
  ]

  /// Opens the run's folder and drives the learner.
  func drive(
    _ learner: any Learner, title: String, settings: TrainingSettings, extra: [String: JSONValue]
  ) throws {
    InterruptSignals.install()
    let group = try ProcessGroup.fromEnvironment()
    var configuration = extra
    if case .object(let object) = try JSONValue(encoding: settings) {
      for (key, value) in object.members { configuration[key] = value }
    }
    let folder = try RunFolder(
      group.map { $0.rank == 0 ? run : "\(run)/.rank-\($0.rank)" } ?? run,
      manifest: RunManifest(
        command: "train \(title)", configuration: configuration, seed: settings.seed,
        versions: try TorchLibrary.versions()),
      mayChange: Self.mayChange)
    let ending = try TrainingLoop(settings, folder: folder, title: title, group: group).run(learner)
    switch ending {
    case .finished: Log.raw("\(title): finished; the model is in \(run)/checkpoints")
    case .stoppedEarly(let step): Log.raw("\(title): evaluation got no better; stopped at step \(step)")
    case .interrupted(let step):
      Log.raw("\(title): stopped at step \(step) and saved; the same command goes on from there")
      throw ExitCode(130)
    }
  }
}

extension LearningRateSchedule.Kind: ExpressibleByArgument {}
extension TrainingSettings.OptimizerKind: ExpressibleByArgument {}
