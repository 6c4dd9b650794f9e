public import RealModule

/// A positive number with shape k and scale θ.
///
/// log p(x) = (k − 1) log x − x/θ − log Γ(k) − k log θ
public struct Gamma<Scalar: DifferentiableReal>: DifferentiableDistribution {
  /// k > 0.
  public var shape: Scalar
  /// θ > 0.
  public var scale: Scalar

  /// The distribution over any differentiable scalar.
  @_disfavoredOverload
  @inlinable public init(shape: Scalar, scale: Scalar) {
    self.shape = shape
    self.scale = scale
  }

  /// The log density; −∞ outside the support.
  @inlinable public func logDensity(at x: Scalar) -> Scalar {
    if x.value < 0 { return Scalar(-.infinity) }
    let power = shape.value == 1 ? 0 : (shape - 1) * Scalar.log(x)
    return power - x / scale - Scalar.logGamma(shape) - shape * Scalar.log(scale)
  }

  /// The positive numbers.
  @inlinable public var interval: Interval<Scalar> { .above(0) }
}

extension Gamma: ProbabilityDistribution, ContinuousDistribution where Scalar == Double {
  /// The distribution with the given parameters.
  @inlinable public init(shape: Double, scale: Double) {
    self.shape = shape
    self.scale = scale
  }

  /// Throws when a parameter is out of its range.
  @inlinable public func validate() throws {
    if !(shape > 0 && shape < .infinity) {
      throw ParameterError("Gamma", "the shape", shape, must: "finite and > 0")
    }
    if !(scale > 0 && scale < .infinity) {
      throw ParameterError("Gamma", "the scale", scale, must: "finite and > 0")
    }
  }

  /// One draw.
  public func draw(using random: inout RandomSource) -> Double {
    scale * Double.exp(random.logGamma(shape: shape))
  }

  /// The positive numbers.
  public var bounds: ClosedRange<Double> { 0 ... .infinity }
  /// P(X ≤ x).
  public func cumulative(at x: Double) -> Double {
    x <= 0 ? 0 : SpecialFunctions.incompleteGamma(shape: shape, x / scale).lower
  }
  /// P(X > x).
  public func survival(at x: Double) -> Double {
    x <= 0 ? 1 : SpecialFunctions.incompleteGamma(shape: shape, x / scale).upper
  }
  /// The mean.
  public var mean: Double { shape * scale }
  /// The variance.
  public var variance: Double { shape * scale * scale }
}
