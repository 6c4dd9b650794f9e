public import Settings
public import Training

/// The settings of learning a reward model.
public struct RewardSettings: LearnerSettings {
  /// A new head over a model that has learnt to read.
  public static var training: TrainingSettings { TrainingSettings(learningRate: 5e-5) }

  /// The share of prompts kept for evaluation.
  @Setting("eval_share", .from(0, below: 1), "share", "The share of prompts kept for evaluation, drawn by the seed.")
  public var evalShare = 0.1

  /// The defaults.
  public init() {}
}
