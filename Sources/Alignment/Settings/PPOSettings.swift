public import Settings
public import Training

/// The settings of PPO on text, under TRL's names where it has them.
public struct PPOSettings: LearnerSettings {
  /// The policy has learnt to speak: small steps.
  public static var training: TrainingSettings { TrainingSettings(learningRate: 1e-5) }

  /// Passes over each batch of episodes.
  @Setting("num_ppo_epochs", .count(), "count", "Passes over each batch of episodes.")
  public var epochs = 1
  /// Updates per pass.
  @Setting("num_mini_batches", .count(), "count", "Updates per pass.")
  public var minibatches = 4
  /// β of the KL penalty, per token.
  @Setting("kl_coef", .atLeast(0), "beta", "The KL penalty's coefficient.")
  public var klCoefficient = 0.05
  /// The KL that an adaptive β steers to, in nats per episode; 0 keeps β fixed.
  @Setting(
    "kl_target", .atLeast(0), "nats", "Steer the coefficient to this KL, in nats per completion; 0 keeps it fixed.")
  public var klTarget = 0.0
  /// Episodes over which an adaptive β acts.
  @Setting("kl_horizon", .above(0), "episodes", "Episodes over which the steered coefficient acts.")
  public var klHorizon = 10_000.0
  /// The range ±ε around 1 within which the ratio counts.
  @Setting("cliprange", .above(0), "range", "How far the probability ratio may move.")
  public var clipRange = 0.2
  /// The range around the old value within which a value counts.
  @Setting("cliprange_value", .above(0), "range", "How far a value may move.")
  public var clipRangeValue = 0.2
  /// The value network's learning rate as a multiple of the policy's.
  @Setting("value_learning_rate_ratio", .above(0), "factor", "The value network's learning rate over the policy's.")
  public var valueRate = 1.0
  /// γ.
  @Setting("gamma", .above(0, to: 1), "discount", "The discount from one token to the next.")
  public var gamma = 1.0
  /// λ.
  @Setting("lam", .from(0, to: 1), "lambda", "How far advantages look ahead (GAE's lambda).")
  public var lambda = 0.95
  /// Scales advantages to variance 1 over the batch.
  @Setting("whiten_advantages", .any, "", "Scale advantages to mean 0 and variance 1 over the batch.")
  public var whitensAdvantages = true
  /// Scales rewards to variance 1 over the batch, keeping their mean.
  @Setting("whiten_rewards", .any, "", "Scale rewards to variance 1 over the batch, keeping their mean.")
  public var whitensRewards = false
  /// Tokens per completion.
  @Setting("response_length", .count(), "count", "Tokens per completion.")
  public var responseLength = 48
  /// Sampling temperature.
  @Setting("temperature", .above(0), "value", "Sampling temperature.")
  public var temperature = 1.0
  /// The score of a completion that did not end by itself; nil scores it as it stands.
  @Setting(
    "missing_eos_score", .any, "score",
    "The score of completions that don't end by themselves; none scores them as they stand.")
  public var missingEndScore: Double? = nil
  /// Weight of the language-modelling loss on pretraining text (PPO-ptx, Ouyang 2022, equation 2), where there is such text.
  @Setting("ptx_coef", .atLeast(0), "gamma", "The weight of the language-modelling loss on --ptx-data.")
  public var pretrainingCoefficient = 1.0
  /// The first updates train only the value network, which starts from the reward model and knows no half sentences.
  @Setting("value_warmup_steps", .count(from: 0), "count", "First steps that train only the value network.")
  public var valueWarmupSteps = 0

  /// The defaults.
  public init() {}
}
