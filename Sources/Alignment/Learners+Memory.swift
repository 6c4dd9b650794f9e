import LanguageModels
public import Training

/// The least memory that steps of the learners take.
extension PPOLearner {
  /// An episode's tokens with their numbers, and the passes of a minibatch over prompts and what follows them.
  public var memory: StepMemory {
    StepMemory(
      bytesPerExample: 256, tokensPerExample: max(1, (meanCount(prompts) + 1) / options.minibatches),
      bytesPerToken: policy.configuration.trainingBytesPerToken)
  }
}

extension GroupLearner {
  /// The same for all samples of a prompt.
  public var memory: StepMemory {
    StepMemory(
      bytesPerExample: options.samples * 256, tokensPerExample: options.samples * (meanCount(prompts) + 1),
      bytesPerToken: policy.configuration.trainingBytesPerToken)
  }
}

extension DPOLearner {
  /// The passes over pairs.
  public var memory: StepMemory {
    StepMemory(
      tokensPerExample: pairs.reduce(0) { $0 + $1.tokenCount } / max(1, pairs.count),
      bytesPerToken: policy.configuration.trainingBytesPerToken)
  }
}

extension RewardLearner {
  /// The passes over rankings.
  public var memory: StepMemory {
    StepMemory(
      tokensPerExample: rankings.reduce(0) { $0 + $1.tokenCount } / max(1, rankings.count),
      bytesPerToken: model.backbone.configuration.trainingBytesPerToken)
  }
}

private func meanCount(_ lists: [[Int]]) -> Int { lists.reduce(0) { $0 + $1.count } / max(1, lists.count) }
