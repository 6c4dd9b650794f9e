public import Settings
public import Training

/// The settings of supervised fine-tuning on demonstrations.
public struct FineTuningSettings: LearnerSettings {
  /// Smaller steps than pretraining's.
  public static var training: TrainingSettings { TrainingSettings(learningRate: 1e-4) }

  /// The share of prompts kept for evaluation.
  @Setting("eval_share", .from(0, below: 1), "share", "The share of examples kept for evaluation, drawn by the seed.")
  public var evalShare = 0.05
  /// Leaves out examples that are longer than the model's context.
  @Setting("skip_long", .any, "", "Leave out examples that are longer than the model's context instead of stopping.")
  public var skipsLong = false

  /// The defaults.
  public init() {}
}
