import RealModule
import Statistics

/// A number between bounds whose logit is normal.
///
/// log p(x) = log N(logit u; μ, σ) − log u(1 − u) − log(b − a), u = (x − a)/(b − a)
public struct LogitNormal<Scalar: DifferentiableReal>: DifferentiableDistribution {
  /// The mean of the logit.
  public var location: Scalar
  /// The standard deviation of the logit.
  public var scale: Scalar
  /// The lower bound a.
  public var lower: Scalar
  /// The upper bound b.
  public var upper: Scalar

  /// The distribution over any differentiable scalar.
  @_disfavoredOverload
  @inlinable public init(location: Scalar, scale: Scalar, lower: Scalar, upper: Scalar) {
    self.location = location
    self.scale = scale
    self.lower = lower
    self.upper = upper
  }

  /// The log density; −∞ outside the support.
  @inlinable public func logDensity(at x: Scalar) -> Scalar {
    if x.value <= lower.value || x.value >= upper.value { return Scalar(-.infinity) }
    let below = Scalar.log(x - lower)
    let above = Scalar.log(upper - x)
    let normal = Gaussian(mean: location, standardDeviation: scale)
    return normal.logDensity(at: below - above) - below - above + Scalar.log(upper - lower)
  }

  /// The interval between the bounds.
  @inlinable public var interval: Interval<Scalar> { .between(lower, upper) }

  /// The point between the bounds and the normal log density of its logit.
  @inlinable public func place(_ u: Scalar) -> (x: Scalar, logDensity: Scalar) {
    (interval.constrain(u).x, Gaussian(mean: location, standardDeviation: scale).logDensity(at: u))
  }

  /// One draw at the parameters' plain values.
  public func predict(using random: inout RandomSource) -> Double? {
    LogitNormal<Double>(
      location: location.value, scale: scale.value, lower: lower.value, upper: upper.value
    ).draw(using: &random)
  }
}

extension LogitNormal: ProbabilityDistribution, ContinuousDistribution where Scalar == Double {
  /// The distribution with the given parameters.
  @inlinable public init(location: Double, scale: Double, lower: Double, upper: Double) {
    self.location = location
    self.scale = scale
    self.lower = lower
    self.upper = upper
  }

  /// Throws when a parameter is out of its range.
  @inlinable public func validate() throws {
    if !location.isFinite {
      throw ParameterError("LogitNormal", "the location", location, must: "finite")
    }
    if !(scale > 0 && scale < .infinity) {
      throw ParameterError("LogitNormal", "the scale", scale, must: "finite and > 0")
    }
    if !(lower < upper) {
      throw ParameterError(
        "LogitNormal", "the upper bound", upper, must: "above the lower bound, \(lower)")
    }
  }

  /// One draw, between the bounds even where it would round to one.
  public func draw(using random: inout RandomSource) -> Double {
    interval.constrain(logit.draw(using: &random)).x
  }

  /// Draws as a normal choice of the logit.
  public func choose(with sampler: Sampler, at location: UInt64) throws -> Double {
    try validate()
    return interval.constrain(try sampler.chooseReal(from: logit, at: location)).x
  }

  private var logit: Gaussian<Double> { Gaussian(mean: location, standardDeviation: scale) }

  /// The interval between the bounds.
  public var bounds: ClosedRange<Double> { lower...upper }
  /// P(X ≤ x).
  public func cumulative(at x: Double) -> Double {
    if x <= lower { return 0 }
    if x >= upper { return 1 }
    return StandardNormal.cumulative(
      (Double.log((x - lower) / (upper - x)) - location) / scale)
  }
  /// P(X > x).
  public func survival(at x: Double) -> Double {
    if x <= lower { return 1 }
    if x >= upper { return 0 }
    return StandardNormal.cumulative(
      (location - Double.log((x - lower) / (upper - x))) / scale)
  }
  /// log P(X ≤ x).
  public func logCumulative(at x: Double) -> Double {
    if x <= lower { return -.infinity }
    return x >= upper ? 0 : logit.logCumulative(at: interval.unconstrain(x))
  }
  /// log P(X > x).
  public func logSurvival(at x: Double) -> Double {
    if x <= lower { return 0 }
    return x >= upper ? -.infinity : logit.logSurvival(at: interval.unconstrain(x))
  }
  /// The mean.
  public var mean: Double { lower + (upper - lower) * moment { $0 } }
  /// The variance.
  public var variance: Double { squaredWidth * (moment { $0 * $0 } - pow2(moment { $0 })) }
}

extension LogitNormal where Scalar == Double {
  private var squaredWidth: Double { (upper - lower) * (upper - lower) }
  private func pow2(_ x: Double) -> Double { x * x }

  /// E f(logistic(μ + σZ)), which has no closed form, by the trapezium rule: exponentially accurate
  /// for an analytic integrand with Gaussian decay.
  private func moment(_ f: (Double) -> Double) -> Double {
    let step = 1.0 / 32
    var sum = 0.0
    for index in -320...320 {
      let z = Double(index) * step
      sum += Double.exp(-0.5 * z * z) * f(Double.logistic(location + scale * z))
    }
    return sum * step / (2 * Double.pi).squareRoot()
  }
}
