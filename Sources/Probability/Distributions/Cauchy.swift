public import RealModule

/// A symmetric distribution with tails so heavy that it has no mean.
///
/// log p(x) = −log πγ − log(1 + ((x − x₀)/γ)²)
public struct Cauchy<Scalar: DifferentiableReal>: DifferentiableDistribution {
  /// x₀, the median.
  public var location: Scalar
  /// γ > 0, half the interquartile range.
  public var scale: Scalar

  /// The distribution over any differentiable scalar.
  @_disfavoredOverload
  @inlinable public init(location: Scalar, scale: Scalar) {
    self.location = location
    self.scale = scale
  }

  /// The log density; −∞ outside the support.
  @inlinable public func logDensity(at x: Scalar) -> Scalar {
    let z = (x - location) / scale
    return -Scalar.log(onePlus: z * z) - Scalar.log(scale) - 1.14472988584940017414342735135
  }

  /// The real line.
  @inlinable public var interval: Interval<Scalar> { .real }

  /// One draw at the parameters' plain values.
  public func predict(using random: inout RandomSource) -> Double? {
    Cauchy<Double>(location: location.value, scale: scale.value).draw(using: &random)
  }
}

extension Cauchy: ProbabilityDistribution, ContinuousDistribution where Scalar == Double {
  /// The distribution with the given parameters.
  @inlinable public init(location: Double, scale: Double) {
    self.location = location
    self.scale = scale
  }

  /// Throws when a parameter is out of its range.
  @inlinable public func validate() throws {
    if !location.isFinite {
      throw ParameterError("Cauchy", "the location", location, must: "finite")
    }
    if !(scale > 0 && scale < .infinity) {
      throw ParameterError("Cauchy", "the scale", scale, must: "finite and > 0")
    }
  }

  /// One draw.
  public func draw(using random: inout RandomSource) -> Double {
    location + scale * Double.tan(.pi * (random.uniform() - 0.5))
  }

  /// The real line.
  public var bounds: ClosedRange<Double> { -.infinity ... .infinity }
  /// P(X ≤ x).
  public func cumulative(at x: Double) -> Double {
    Double.atan2(y: 1, x: -(x - location) / scale) / .pi
  }
  /// P(X > x), by symmetry.
  public func survival(at x: Double) -> Double { cumulative(at: 2 * location - x) }
  /// The mean.
  public var mean: Double { .nan }
  /// The variance.
  public var variance: Double { .nan }
  /// A typical width, for proposals.
  public var spread: Double { scale }
}
