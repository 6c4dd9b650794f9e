public import RealModule

/// A symmetric distribution with exponential tails.
///
/// log p(x) = −|x − μ|/b − log 2b
public struct Laplace<Scalar: DifferentiableReal>: DifferentiableDistribution {
  /// μ, the median.
  public var location: Scalar
  /// b > 0.
  public var scale: Scalar

  /// The distribution over any differentiable scalar.
  @_disfavoredOverload
  @inlinable public init(location: Scalar, scale: Scalar) {
    self.location = location
    self.scale = scale
  }

  /// The log density; −∞ outside the support.
  @inlinable public func logDensity(at x: Scalar) -> Scalar {
    let distance = (x - location).absolute / scale
    return -distance - Scalar.log(scale) - 0.693147180559945309417232121458
  }

  /// The real line.
  @inlinable public var interval: Interval<Scalar> { .real }

  /// One draw at the parameters' plain values.
  public func predict(using random: inout RandomSource) -> Double? {
    Laplace<Double>(location: location.value, scale: scale.value).draw(using: &random)
  }
}

extension Laplace: ProbabilityDistribution, ContinuousDistribution where Scalar == Double {
  /// The distribution with the given parameters.
  @inlinable public init(location: Double, scale: Double) {
    self.location = location
    self.scale = scale
  }

  /// Throws when a parameter is out of its range.
  @inlinable public func validate() throws {
    if !location.isFinite {
      throw ParameterError("Laplace", "the location", location, must: "finite")
    }
    if !(scale > 0 && scale < .infinity) {
      throw ParameterError("Laplace", "the scale", scale, must: "finite and > 0")
    }
  }

  /// One draw.
  public func draw(using random: inout RandomSource) -> Double {
    let sign = random.next() & 1 == 0 ? 1.0 : -1.0
    return location + sign * scale * random.exponential()
  }

  /// The real line.
  public var bounds: ClosedRange<Double> { -.infinity ... .infinity }
  /// P(X ≤ x).
  public func cumulative(at x: Double) -> Double {
    let z = (x - location) / scale
    return z < 0 ? 0.5 * Double.exp(z) : 1 - 0.5 * Double.exp(-z)
  }
  /// P(X > x), by symmetry.
  public func survival(at x: Double) -> Double { cumulative(at: 2 * location - x) }
  /// log P(X ≤ x).
  public func logCumulative(at x: Double) -> Double {
    x < location
      ? (x - location) / scale - 0.693147180559945309417232121458 : Double.log(cumulative(at: x))
  }
  /// log P(X > x), by symmetry.
  public func logSurvival(at x: Double) -> Double { logCumulative(at: 2 * location - x) }
  /// The mean.
  public var mean: Double { location }
  /// The variance.
  public var variance: Double { 2 * scale * scale }
}
