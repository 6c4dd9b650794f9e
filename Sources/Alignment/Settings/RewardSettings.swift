public import Settings
public import Training

/// The settings of learning a reward model.
public struct RewardSettings: LearnerSettings {
  /// A new head over a model that has learnt to read.
  public static var training: TrainingSettings { TrainingSettings(learningRate: 5e-5) }

  /// Where the weight of the completion's log-probability in the score starts; nil for the head alone.
  ///
  /// See ``ScalarModel``: it judges what is said against the prompt, where the model can already continue such texts well.
  @Setting(
    "likelihood_weight", .ifGiven(.atLeast(0)), "beta",
    "Let the score weigh the completion's log-probability besides; its weight starts here, say at 0.1.")
  public var likelihoodWeight: Double? = nil
  /// The share of prompts kept for evaluation.
  @Setting("eval_share", .from(0, below: 1), "share", "The share of prompts kept for evaluation, drawn by the seed.")
  public var evalShare = 0.1

  /// The defaults.
  public init() {}
}
