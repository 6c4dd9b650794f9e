public import Settings
public import Training

/// The settings of the learners from groups of samples, under TRL's names where it has them.
public struct GroupSettings: LearnerSettings {
  /// The policy has learnt to speak: very small steps.
  public static var training: TrainingSettings { TrainingSettings(learningRate: 1e-6) }

  /// The rule by which a sample's advantage comes from its group.
  public enum Advantage: String, Sendable, Codable, CaseIterable, SettingValue {
    /// (r − mean)/(standard deviation + 1e-4) (GRPO, Shao 2024, section 4.1).
    case grpo
    /// r − mean (Dr. GRPO, Liu 2025): no weight to groups that all but agree.
    case centred
    /// r − mean of the others (RLOO, Ahmadian 2024, equation 8).
    case rloo
  }

  /// Samples of each prompt.
  @Setting("num_generations", .count(from: 2), "count", "Completions of each prompt.")
  public var samples = 4
  /// The rule of advantages.
  @Setting("advantage", .any, "name", "How advantages are made.")
  public var advantage = Advantage.grpo
  /// Weight of the KL to the reference (Schulman's k3 estimator per token); 0 leaves the reference out.
  @Setting("beta", .atLeast(0), "beta", "Weight of the KL to the reference; 0 leaves it out.")
  public var beta = 0.0
  /// The range ±ε around 1 within which the ratio counts.
  @Setting("epsilon", .above(0), "range", "How far the probability ratio may move.")
  public var clipRange = 0.2
  /// Passes over each rollout.
  @Setting("num_iterations", .count(), "count", "Passes over each rollout.")
  public var iterations = 1
  /// Tokens per completion.
  @Setting("max_completion_length", .count(), "count", "Tokens per completion.", aliases: ["response_length"])
  public var maxCompletionLength = 48
  /// Sampling temperature.
  @Setting("temperature", .above(0), "value", "Sampling temperature.")
  public var temperature = 1.0

  /// The defaults.
  public init() {}

  /// Each sample's advantage within its group.
  public func advantages(_ rewards: [Float]) -> [Float] {
    guard rewards.count > 1 else { return rewards.map { _ in 0 } }
    let n = Float(rewards.count)
    let mean = rewards.reduce(0, +) / n
    switch advantage {
    case .centred: return rewards.map { $0 - mean }
    case .rloo: return rewards.map { $0 - (mean * n - $0) / (n - 1) }
    case .grpo:
      let variance = rewards.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)
      return rewards.map { ($0 - mean) / (variance.squareRoot() + 1e-4) }
    }
  }
}
