import Training

/// An epoch of the learners, and the figures that show how they get on.
extension PPOLearner {
  /// The prompts.
  public var examplesPerEpoch: Int? { prompts.count }
  /// The score that is to rise, and what it costs.
  public var shownMetrics: [(label: String, metric: String)] {
    [("reward", "objective/scores"), ("KL", "objective/kl")]
  }
}

extension GroupLearner {
  /// The prompts.
  public var examplesPerEpoch: Int? { prompts.count }
  /// The reward, and the share of groups in which completions differ in it: others teach nothing.
  public var shownMetrics: [(label: String, metric: String)] {
    [("reward", "reward"), ("varied groups", "frac_reward_varied")] + (options.beta > 0 ? [("KL", "kl")] : [])
  }
}

extension DPOLearner {
  /// The pairs.
  public var examplesPerEpoch: Int? { pairs.count }
  /// How often the policy prefers as people did, and by how much.
  public var shownMetrics: [(label: String, metric: String)] {
    [("loss", "loss"), ("accuracy", "rewards/accuracies"), ("margin", "rewards/margins")]
  }
}

extension RewardLearner {
  /// The prompts that are learnt from.
  public var examplesPerEpoch: Int? { rankings.count }
  /// How often the better one of two gets the higher score.
  public var shownMetrics: [(label: String, metric: String)] { [("loss", "loss"), ("accuracy", "accuracy")] }
}
