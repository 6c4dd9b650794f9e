import RealModule
import Statistics

/// A positive number whose logarithm is normal.
///
/// log p(x) = log N(log x; μ, σ) − log x
public struct LogNormal<Scalar: DifferentiableReal>: DifferentiableDistribution {
  /// The mean of the logarithm.
  public var location: Scalar
  /// The standard deviation of the logarithm.
  public var scale: Scalar

  /// The distribution over any differentiable scalar.
  @_disfavoredOverload
  @inlinable public init(location: Scalar, scale: Scalar) {
    self.location = location
    self.scale = scale
  }

  /// The log density; −∞ outside the support.
  @inlinable public func logDensity(at x: Scalar) -> Scalar {
    if x.value <= 0 { return Scalar(-.infinity) }
    let log = Scalar.log(x)
    return Gaussian(mean: location, standardDeviation: scale).logDensity(at: log) - log
  }

  /// The positive numbers.
  @inlinable public var interval: Interval<Scalar> { .above(0) }

  /// e^u and the normal log density of u.
  @inlinable public func place(_ u: Scalar) -> (x: Scalar, logDensity: Scalar) {
    (interval.constrain(u).x, Gaussian(mean: location, standardDeviation: scale).logDensity(at: u))
  }

  /// One draw at the parameters' plain values.
  public func predict(using random: inout RandomSource) -> Double? {
    LogNormal<Double>(location: location.value, scale: scale.value).draw(using: &random)
  }
}

extension LogNormal: ProbabilityDistribution, ContinuousDistribution where Scalar == Double {
  /// The distribution with the given parameters.
  @inlinable public init(location: Double, scale: Double) {
    self.location = location
    self.scale = scale
  }

  /// Throws when a parameter is out of its range.
  @inlinable public func validate() throws {
    if !location.isFinite {
      throw ParameterError("LogNormal", "the location", location, must: "finite")
    }
    if !(scale > 0 && scale < .infinity) {
      throw ParameterError("LogNormal", "the scale", scale, must: "finite and > 0")
    }
  }

  /// One draw, above 0 even where it would underflow.
  public func draw(using random: inout RandomSource) -> Double {
    interval.constrain(logarithm.draw(using: &random)).x
  }

  /// Draws as a normal choice of the logarithm.
  public func choose(with sampler: Sampler, at location: UInt64) throws -> Double {
    try validate()
    return interval.constrain(try sampler.chooseReal(from: logarithm, at: location)).x
  }

  private var logarithm: Gaussian<Double> { Gaussian(mean: location, standardDeviation: scale) }

  /// The positive numbers.
  public var bounds: ClosedRange<Double> { 0 ... .infinity }
  /// P(X ≤ x).
  public func cumulative(at x: Double) -> Double {
    x <= 0 ? 0 : StandardNormal.cumulative((Double.log(x) - location) / scale)
  }
  /// P(X > x).
  public func survival(at x: Double) -> Double {
    x <= 0 ? 1 : StandardNormal.cumulative((location - Double.log(x)) / scale)
  }
  /// log P(X ≤ x).
  public func logCumulative(at x: Double) -> Double {
    x <= 0 ? -.infinity : logarithm.logCumulative(at: Double.log(x))
  }
  /// log P(X > x).
  public func logSurvival(at x: Double) -> Double {
    x <= 0 ? 0 : logarithm.logSurvival(at: Double.log(x))
  }
  /// The mean.
  public var mean: Double { Double.exp(location + scale * scale / 2) }
  /// The variance.
  public var variance: Double {
    Double.expMinusOne(scale * scale) * Double.exp(2 * location + scale * scale)
  }
}
