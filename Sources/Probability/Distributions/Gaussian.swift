public import RealModule
import Statistics

/// The normal distribution.
///
/// log p(x) = −½((x − μ)/σ)² − log σ − ½ log 2π
public struct Gaussian<Scalar: DifferentiableReal>: DifferentiableDistribution {
  /// μ.
  public var location: Scalar
  /// σ > 0.
  public var scale: Scalar

  /// A normal distribution over any differentiable scalar.
  @_disfavoredOverload
  @inlinable public init(mean: Scalar, standardDeviation: Scalar) {
    location = mean
    scale = standardDeviation
  }

  /// The log density.
  @inlinable public func logDensity(at x: Scalar) -> Scalar {
    let z = (x - location) / scale
    return z * z * -0.5 - Scalar.log(scale) - 0.918938533204672741780329736406
  }

  /// The real line.
  @inlinable public var interval: Interval<Scalar> { .real }

  /// One draw at the parameters' plain values.
  public func predict(using random: inout RandomSource) -> Double? {
    Gaussian<Double>(mean: location.value, standardDeviation: scale.value).draw(using: &random)
  }
}

extension Gaussian: ProbabilityDistribution, ContinuousDistribution where Scalar == Double {
  /// The normal distribution with a mean and a standard deviation.
  @inlinable public init(mean: Double, standardDeviation: Double) {
    location = mean
    scale = standardDeviation
  }

  /// Throws unless μ is finite and σ > 0.
  @inlinable public func validate() throws {
    if !(scale > 0 && scale < .infinity) {
      throw ParameterError("Gaussian", "the standard deviation", scale, must: "finite and > 0")
    }
    if !location.isFinite { throw ParameterError("Gaussian", "the mean", location, must: "finite") }
  }

  /// One draw.
  @inlinable public func draw(using random: inout RandomSource) -> Double {
    location + scale * random.normal()
  }

  /// The real line.
  public var bounds: ClosedRange<Double> { -.infinity ... .infinity }
  /// Φ((x − μ)/σ).
  public func cumulative(at x: Double) -> Double {
    StandardNormal.cumulative((x - location) / scale)
  }
  /// Φ((μ − x)/σ).
  public func survival(at x: Double) -> Double {
    StandardNormal.cumulative((location - x) / scale)
  }
  /// log Φ((x − μ)/σ).
  public func logCumulative(at x: Double) -> Double {
    StandardNormal.logCumulative((x - location) / scale)
  }
  /// log Φ((μ − x)/σ).
  public func logSurvival(at x: Double) -> Double {
    StandardNormal.logCumulative((location - x) / scale)
  }
  /// μ + σ Φ⁻¹(level).
  public func quantile(_ level: Double) -> Double {
    location + scale * StandardNormal.quantile(level)
  }
  /// μ − σ Φ⁻¹(level).
  public func quantile(upper level: Double) -> Double {
    location - scale * StandardNormal.quantile(level)
  }
  /// μ.
  @inlinable public var mean: Double { location }
  /// σ².
  @inlinable public var variance: Double { scale * scale }
  /// σ.
  @inlinable public var spread: Double { scale }
}
