public import NeuralNetworks
public import Settings
public import Training

/// The settings of PPO on pictures, with the values of Procgen's published curves.
public struct AgentSettings: LearnerSettings {
  /// Environments that are trained in.
  @Setting("num_envs", .count(), "count", "Environments that take their steps together.")
  public var environments = 64
  /// Steps of each environment between updates.
  @Setting("num_steps", .count(), "count", "Steps of each environment between updates.")
  public var steps = 256
  /// Minibatches that a rollout is cut into.
  @Setting("num_minibatches", .count(), "count", "Minibatches that a rollout is cut into.")
  public var minibatches = 8
  /// Passes over a rollout.
  @Setting("update_epochs", .count(), "count", "Passes over a rollout.")
  public var epochs = 3
  /// γ.
  @Setting("gamma", .from(0, to: 1), "gamma", "The discount of later rewards.")
  public var gamma = 0.999
  /// λ.
  @Setting("gae_lambda", .from(0, to: 1), "lambda", "How far advantages look before they trust the value function.")
  public var lambda = 0.95
  /// ε.
  @Setting("clip_coef", .above(0), "epsilon", "How far a probability may move before its gradient is cut.")
  public var clip = 0.2
  /// Whether values are clipped around the old ones by `clip_coef` as well.
  @Setting("clip_vloss", .any, "", "Clip values around the old ones by the same number.")
  public var clipsValues = true
  /// Whether each minibatch's advantages are whitened.
  @Setting("norm_adv", .any, "", "Whiten each minibatch's advantages.")
  public var whitensAdvantages = true
  /// The entropy's weight.
  @Setting("ent_coef", .atLeast(0), "weight", "The entropy's weight in the loss.")
  public var entropyCoefficient = 0.01
  /// The value loss's weight.
  @Setting("vf_coef", .atLeast(0), "weight", "The value loss's weight.")
  public var valueCoefficient = 0.5
  /// Whether rewards are divided by the running deviation of discounted returns.
  @Setting("norm_reward", .any, "", "Divide rewards by the running deviation of their discounted sums.")
  public var normalizesRewards = true
  /// The discount of those sums.
  @Setting(
    "reward_gamma", .from(0, to: 1), "gamma", "The discount of those sums; the published code has this one there.")
  public var rewardGamma = 0.99
  /// Observations in one forward and backward pass; 0 is all of a minibatch on a GPU and 256 on the processor, whose caches
  /// hold no more.
  @Setting(
    "pass_size", .count(from: 0), "count",
    "Observations in one forward and backward pass; 0 a minibatch on a GPU, 256 on the processor.")
  public var passSize = 0
  /// The type in which the network's body computes; nil is bfloat16 where the device multiplies it faster.
  @Setting(
    "precision", .any, "type",
    "The type of the network's body; unless given bfloat16 where the device multiplies it faster.")
  public var precision: Precision? = nil

  /// The published values.
  public init() {}

  /// The published Adam: no decay of weights or rate, gradients of norm 0.5 at most.
  public static var training: TrainingSettings {
    var settings = TrainingSettings(learningRate: 5e-4)
    settings.schedule = .constant
    settings.weightDecay = 0
    settings.beta2 = 0.999
    settings.epsilon = 1e-5
    settings.maxGradNorm = 0.5
    settings.batchSize = 64 * 256
    return settings
  }

  /// The steps of all environments between updates.
  public var batchSize: Int { environments * steps }

  /// Refuses minibatches that don't divide a rollout.
  public mutating func settle(given: Set<String>) throws(SettingError) {
    guard batchSize % minibatches == 0 else {
      throw SettingError(
        key: "num_minibatches", value: "\(minibatches)",
        problem: "it must divide num_envs · num_steps, which is \(batchSize)")
    }
  }
}

extension Precision: SettingValue {}
