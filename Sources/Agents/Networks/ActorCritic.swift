public import NeuralNetworks
public import Torch

/// A policy and a value function over one body of features (Mnih 2016): what PPO trains.
///
/// ```swift
/// let network = ActorCritic(.impala, shape: [64, 64, 3], actions: 15, generator: Generator(seed: 1))
/// let seen = network(observations)           // uint8 [N, 64, 64, 3]
/// print(seen.logits.shape, seen.values.shape)   // [N, 15], [N]
/// ```
///
/// Heads start orthogonal, the policy's with gain 0.01, so that all actions are about equally likely at first, and the
/// value's with gain 1. The body can compute in bfloat16; the heads are in float32 always, as ratios of probabilities
/// multiply their rounding.
public final class ActorCritic: Module {
  /// What is made of observations.
  public struct Output {
    /// The actions' logits, `[N, actions]`.
    public var logits: Tensor
    /// V(s), `[N]`.
    public var values: Tensor
  }

  /// A body by name.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// ``StridedBody``.
    case small
    /// ``ImpalaBody``.
    case impala
    /// ``BlindBody``.
    case blind
  }

  /// The body.
  @Child("network") public var body: ImageBody
  /// The policy's head.
  @Child("actor") public var actor: Linear
  /// The value's head.
  @Child("critic") public var critic: Linear
  /// The type in which the body computes.
  public var precision = Precision.float32
  /// Height, width and channels of an observation.
  public let shape: [Int]
  /// The number of actions.
  public let actions: Int

  /// A network with a body of one's own.
  public init(body: ImageBody, shape: [Int], actions: Int, generator: Generator) {
    self.shape = shape
    self.actions = actions
    super.init()
    self.body = body
    actor = .initialized(body.features, actions, .orthogonal(gain: 0.01), generator)
    critic = .initialized(body.features, 1, .orthogonal(gain: 1), generator)
  }

  /// A network with a body by name, its channels scaled by `width`.
  public convenience init(_ kind: Kind, shape: [Int], actions: Int, width: Double = 1, generator: Generator) {
    let body: ImageBody =
      switch kind {
      case .small: StridedBody(shape: shape, width: width, generator: generator)
      case .impala: ImpalaBody(shape: shape, width: width, generator: generator)
      case .blind: BlindBody()
      }
    self.init(body: body, shape: shape, actions: actions, generator: generator)
  }

  /// The device of the weights.
  public var device: Device { actor.weight.device }

  /// Logits and values of observations, bytes `[N, height, width, channels]`.
  ///
  /// The bytes lie as the games draw them, channels last, and convolutions take them so: nothing is laid out anew.
  public func callAsFunction(_ observations: Tensor) -> Output {
    let pixels = observations.to(precision == .bfloat16 ? .bfloat16 : .float32).permuted(0, 3, 1, 2)
    let features = precision.run(on: observations.device) { body(pixels) }.to(.float32)
    return Output(logits: actor(features), values: critic(features).squeezed(-1))
  }
}
