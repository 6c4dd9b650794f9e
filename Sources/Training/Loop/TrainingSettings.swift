public import NeuralNetworks
public import Settings

/// The settings that every training run has, under Hugging Face's names.
public struct TrainingSettings: DeclaredSettings {
  /// The optimizers that a run can choose.
  public enum OptimizerKind: String, Sendable, Codable, CaseIterable, SettingValue {
    /// AdamW (Loshchilov 2019), the default.
    case adamw
    /// Muon for matrices, AdamW for the rest (Jordan 2024); learning rates near 0.02.
    case muon
    /// Adafactor (Shazeer 2018): hardly any memory for state.
    case adafactor
    /// Gradient descent with momentum `adam_beta1`.
    case sgd
  }

  /// Optimizer steps in all.
  @Setting("max_steps", .count(), "count", "Optimizer steps.")
  public var maxSteps = 1000
  /// Passes over the data instead of a number of steps; of both the one that ends first.
  @Setting(
    "num_train_epochs", .ifGiven(.above(0)), "count",
    "Passes over the data; with max_steps too, whichever ends first.", aliases: ["epochs"])
  public var epochs: Double? = nil
  /// Examples (or rows of packed text) per optimizer step, over all processes.
  @Setting("batch_size", .count(), "count", "Examples or rows per optimizer step.")
  public var batchSize = 16
  /// The most tokens in one forward and backward pass; a step's batch is cut into as many passes as that takes.
  @Setting("micro_batch_tokens", .count(), "count", "The most tokens in one forward and backward pass.")
  public var microBatchTokens = 8192
  /// The optimizer.
  @Setting("optim", .any, "name", "The optimizer.")
  public var optimizer = OptimizerKind.adamw
  /// Peak learning rate.
  @Setting("learning_rate", .above(0, below: 10), "rate", "Peak learning rate; of Muon 0.02 where none is given.")
  public var learningRate = 3e-4
  /// The course of the learning rate over the run.
  @Setting("lr_scheduler_type", .any, "name", "The learning rate's course.")
  public var schedule = LearningRateSchedule.Kind.cosineWithMinimum
  /// Steps over which the rate rises from 0.
  @Setting("warmup_steps", .count(from: 0), "count", "Steps over which the rate rises from 0.")
  public var warmupSteps = 0
  /// The rate at the end of the schedule, as a share of the peak.
  @Setting("min_lr_ratio", .from(0, to: 1), "share", "The rate at the end, as a share of the peak.")
  public var minimumRateRatio = 0.1
  /// Decoupled weight decay on matrices.
  @Setting("weight_decay", .atLeast(0), "rate", "Decoupled weight decay on matrices.")
  public var weightDecay = 0.1
  /// AdamW's β₁.
  @Setting("adam_beta1", .from(0, below: 1), "beta", "AdamW's first decay, SGD's momentum.")
  public var beta1 = 0.9
  /// AdamW's β₂.
  @Setting("adam_beta2", .from(0, below: 1), "beta", "AdamW's second decay.")
  public var beta2 = 0.95
  /// AdamW's ε.
  @Setting("adam_epsilon", .above(0), "value", "What AdamW adds to the root of the second moment.")
  public var epsilon = 1e-8
  /// With Muon: AdamW's learning rate for embeddings and vectors as a share of the matrices'.
  @Setting(
    "muon_adam_ratio", .above(0), "share", "With Muon, AdamW's rate for vectors and tables over the matrices' rate.")
  public var muonAdamRatio = 0.15
  /// Gradients are scaled down to this norm; 0 leaves them.
  @Setting("max_grad_norm", .atLeast(0), "norm", "Gradients are scaled down to this norm; 0 leaves them.")
  public var maxGradNorm = 1.0
  /// Saves a checkpoint every so many steps; 0 only by time and at the end.
  @Setting("save_steps", .count(from: 0), "steps", "Save every so many steps; 0 only by time and at the end.")
  public var saveSteps = 0
  /// Saves a checkpoint when the last one is so many minutes old; 0 leaves that.
  @Setting(
    "save_minutes", .atLeast(0), "minutes", "Save when the last save is so many minutes ago, besides; 0 never by time.")
  public var saveMinutes = 2.0
  /// The number of checkpoints that are kept besides the best.
  @Setting("save_total_limit", .count(), "count", "Checkpoints kept besides the best.")
  public var saveTotalLimit = 2
  /// Evaluates every so many steps; 0 only at the end.
  @Setting("eval_steps", .count(from: 0), "steps", "Evaluate every so many steps; 0 only at the end.")
  public var evalSteps = 0
  /// Stops when this many evaluations in a row brought no better result; 0 never.
  @Setting(
    "early_stopping_patience", .count(from: 0), "count",
    "Stop after this many evaluations without a better one; 0 never.")
  public var earlyStoppingPatience = 0
  /// Seeds everything that is drawn.
  @Setting("seed", .any, "number", "Seeds everything that is drawn.")
  public var seed: UInt64 = 1
  /// The type of matrix products; weights stay float32.
  @Setting("bf16", .any, "", "Matrix products in bfloat16; weights stay float32.")
  public var bf16 = false

  /// The defaults.
  public init() {}

  /// The defaults with another peak learning rate.
  public init(learningRate: Double) { self.learningRate = learningRate }

  /// Turns a length in epochs into steps; nothing where none is given.
  ///
  /// - Parameters:
  ///   - examples: of one epoch.
  ///   - isLimited: whether a number of steps was asked for, too, which the run doesn't go beyond.
  public mutating func resolveEpochs(of examples: Int, isLimited: Bool) {
    guard let epochs else { return }
    let steps = max(1, (epochs * Double(examples) / Double(batchSize)).rounded(.up))
    maxSteps = min(isLimited ? maxSteps : Int(Int32.max), Int(min(steps, Double(Int32.max))))
  }

  /// Gives Muon its own rate where none was asked for.
  public mutating func settle(given: Set<String>) throws(SettingError) {
    if optimizer == .muon, !given.contains("learning_rate") { learningRate = 0.02 }
  }
}

extension LearningRateSchedule.Kind: SettingValue {}
