public import NeuralNetworks
import Torch

/// The part of a layer that looks at one token at a time: plain or gated.
public final class FeedForward: Module {
  /// `[feedForwardWidth, width]`, or gate and up in one `[2·feedForwardWidth, width]`.
  @Child("up_proj") public var up: Linear
  /// `[width, feedForwardWidth]`.
  @Child("down_proj") public var down: Linear
  let activation: Activation
  let isGated: Bool
  let clampedGate: DecoderConfiguration.ClampedGate?

  /// - Parameter inner: the features inside; the configuration's unless given.
  init(_ configuration: DecoderConfiguration, width inner: Int? = nil, weights: InitialWeights) {
    let c = configuration
    let inner = inner ?? c.feedForwardWidth
    activation = Activation(rawValue: c.activation) ?? .geluNew
    (isGated, clampedGate) = (c.isGated, c.clampedGate)
    super.init()
    up = weights.linear(
      c.width, inner * (c.isGated ? 2 : 1), bias: c.feedForwardBias, standardDeviation: c.initializerRange)
    down = weights.linear(
      inner, c.width, bias: c.feedForwardBias,
      standardDeviation: c.initializerRange / (2 * Double(c.layers)).squareRoot())
  }

  init(sharing other: FeedForward) {
    (activation, isGated, clampedGate) = (other.activation, other.isGated, other.clampedGate)
    super.init()
    up = Linear(sharing: other.up)
    down = Linear(sharing: other.down)
  }

  /// The output, and `residual` added to it.
  func callAsFunction(_ x: Tensor, adding residual: Tensor? = nil) -> Tensor {
    guard let clampedGate else { return down(up(x, activation, gated: isGated), adding: residual) }
    return down(clampedGate(up(x)), adding: residual)
  }
}

extension DecoderConfiguration.ClampedGate {
  /// Of `[…, 2·n]` the first half as the gate, the second as what it lets through.
  func callAsFunction(_ x: Tensor) -> Tensor {
    let half = x.size(-1) / 2
    let parts = x.split([half, half], axis: -1)
    let gate = parts[0].clamped(-.infinity, limit)
    return gate * (gate * alpha).sigmoid() * (parts[1].clamped(-limit, limit) + 1)
  }
}
