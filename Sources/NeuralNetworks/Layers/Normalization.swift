public import Torch

/// The common part of the norms: a learnt scale over the last axis.
public class Normalization: Module {
  /// Normalises the last axis.
  public func callAsFunction(_ x: Tensor) -> Tensor { x }

  /// Adds `other` to x and normalises the sum; both are results.
  public func callAsFunction(_ x: Tensor, adding other: Tensor) -> (sum: Tensor, norm: Tensor) {
    let sum = x + other
    return (sum, self(sum))
  }
}

/// y = (x − mean)/√(variance + ε)·w + b over the last axis (Ba 2016).
public final class LayerNorm: Normalization {
  /// `[width]`.
  @Parameter public var weight: Tensor
  /// `[width]`, or nil.
  @OptionalParameter public var bias: Tensor?
  /// ε.
  public let epsilon: Double

  /// Starts as plain normalisation: weight 1, bias 0.
  public init(_ width: Int, epsilon: Double = 1e-5, bias: Bool = true) {
    self.epsilon = epsilon
    super.init()
    weight = Tensor.ones([width])
    if bias { self.bias = Tensor.zeros([width]) }
  }

  /// Normalises the last axis.
  public override func callAsFunction(_ x: Tensor) -> Tensor {
    x.layerNorm(weight: weight, bias: bias, epsilon: epsilon)
  }

  /// Adds `other` to x and normalises the sum; both are results.
  public override func callAsFunction(_ x: Tensor, adding other: Tensor) -> (sum: Tensor, norm: Tensor) {
    x.addingNorm(other, weight: weight, bias: bias, epsilon: epsilon, isCentered: true)
  }
}

/// y = x/√(mean(x²) + ε)·w over the last axis (Zhang 2019), or ·(1 + w) as Gemma has it.
public final class RMSNorm: Normalization {
  /// `[width]`.
  @Parameter public var weight: Tensor
  /// ε.
  public let epsilon: Double
  /// Whether the factor is 1 + w.
  public let isAroundOne: Bool

  /// Starts as plain normalisation: weight 1, or 0 around one.
  public init(_ width: Int, epsilon: Double = 1e-6, aroundOne: Bool = false) {
    self.epsilon = epsilon
    isAroundOne = aroundOne
    super.init()
    weight = aroundOne ? Tensor.zeros([width]) : Tensor.ones([width])
  }

  /// Normalises the last axis.
  public override func callAsFunction(_ x: Tensor) -> Tensor {
    guard isAroundOne else { return x.rmsNorm(weight: weight, epsilon: epsilon) }
    // 1 + w in float32: weights near 0 would lose their digits in 16 bits.
    return x.to(.float32).rmsNorm(weight: weight.to(.float32) + 1, epsilon: epsilon).to(x.dtype)
  }

  /// Adds `other` to x and normalises the sum; both are results.
  public override func callAsFunction(_ x: Tensor, adding other: Tensor) -> (sum: Tensor, norm: Tensor) {
    guard !isAroundOne else { return super.callAsFunction(x, adding: other) }
    return x.addingNorm(other, weight: weight, bias: nil, epsilon: epsilon, isCentered: false)
  }
}
