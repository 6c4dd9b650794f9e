public import NeuralNetworks

/// The settings that every training run has, under Hugging Face's names.
public struct TrainingSettings: Sendable, Equatable, Codable {
  /// The optimizers that a run can choose.
  public enum OptimizerKind: String, Sendable, Codable, CaseIterable {
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
  public var maxSteps = 1000
  /// Which optimizer.
  public var optimizer = OptimizerKind.adamw
  /// With Muon: AdamW's learning rate for embeddings and vectors as a share of the matrices'.
  public var muonAdamRatio = 0.15
  /// Examples (or rows of packed text) per optimizer step, over all processes.
  public var batchSize = 16
  /// The most tokens in one forward and backward pass; a step's batch is cut into as many passes as that takes.
  public var microBatchTokens = 8192
  /// Peak learning rate.
  public var learningRate = 3e-4
  /// The course of the learning rate over the run.
  public var schedule = LearningRateSchedule.Kind.cosineWithMinimum
  /// Steps over which the rate rises from 0.
  public var warmupSteps = 0
  /// The rate at the end of the schedule, as a share of the peak.
  public var minimumRateRatio = 0.1
  /// Decoupled weight decay on matrices.
  public var weightDecay = 0.1
  /// AdamW's β₁.
  public var beta1 = 0.9
  /// AdamW's β₂.
  public var beta2 = 0.95
  /// AdamW's ε.
  public var epsilon = 1e-8
  /// Gradients are scaled down to this norm; 0 leaves them.
  public var maxGradNorm = 1.0
  /// Saves a checkpoint every so many steps; 0 only at the end.
  public var saveSteps = 0
  /// The number of checkpoints that are kept besides the best.
  public var saveTotalLimit = 2
  /// Evaluates every so many steps; 0 only at the end.
  public var evalSteps = 0
  /// Stops when this many evaluations in a row brought no better result; 0 never.
  public var earlyStoppingPatience = 0
  /// Seeds everything that is drawn.
  public var seed: UInt64 = 1
  /// The type of matrix products; weights stay float32.
  public var bf16 = false

  /// The defaults.
  public init() {}

  enum CodingKeys: String, CodingKey {
    case maxSteps = "max_steps"
    case optimizer = "optim"
    case muonAdamRatio = "muon_adam_ratio"
    case batchSize = "batch_size"
    case microBatchTokens = "micro_batch_tokens"
    case learningRate = "learning_rate"
    case schedule = "lr_scheduler_type"
    case warmupSteps = "warmup_steps"
    case minimumRateRatio = "min_lr_ratio"
    case weightDecay = "weight_decay"
    case beta1 = "adam_beta1"
    case beta2 = "adam_beta2"
    case epsilon = "adam_epsilon"
    case maxGradNorm = "max_grad_norm"
    case saveSteps = "save_steps"
    case saveTotalLimit = "save_total_limit"
    case evalSteps = "eval_steps"
    case earlyStoppingPatience = "early_stopping_patience"
    case seed, bf16
  }
}
