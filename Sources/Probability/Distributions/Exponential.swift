import RealModule

/// A waiting time with rate λ.
///
/// log p(x) = log λ − λx
public struct Exponential<Scalar: DifferentiableReal>: DifferentiableDistribution {
  /// λ > 0.
  public var rate: Scalar

  /// The distribution over any differentiable scalar.
  @_disfavoredOverload
  @inlinable public init(rate: Scalar) {
    self.rate = rate
  }

  /// The log density; −∞ outside the support.
  @inlinable public func logDensity(at x: Scalar) -> Scalar {
    x.value < 0 ? Scalar(-.infinity) : Scalar.log(rate) - rate * x
  }

  /// The positive numbers.
  @inlinable public var interval: Interval<Scalar> { .above(0) }

  /// One draw at the parameters' plain values.
  public func predict(using random: inout RandomSource) -> Double? {
    Exponential<Double>(rate: rate.value).draw(using: &random)
  }
}

extension Exponential: ProbabilityDistribution, ContinuousDistribution where Scalar == Double {
  /// The distribution with the given parameters.
  @inlinable public init(rate: Double) {
    self.rate = rate
  }

  /// Throws when a parameter is out of its range.
  @inlinable public func validate() throws {
    if !(rate > 0 && rate < .infinity) {
      throw ParameterError("Exponential", "the rate", rate, must: "finite and > 0")
    }
  }

  /// One draw.
  public func draw(using random: inout RandomSource) -> Double {
    random.exponential() / rate
  }

  /// The positive numbers.
  public var bounds: ClosedRange<Double> { 0 ... .infinity }
  /// P(X ≤ x).
  public func cumulative(at x: Double) -> Double {
    x <= 0 ? 0 : -Double.expMinusOne(-rate * x)
  }
  /// P(X > x).
  public func survival(at x: Double) -> Double { x <= 0 ? 1 : Double.exp(-rate * x) }
  /// log P(X > x).
  public func logSurvival(at x: Double) -> Double { x <= 0 ? 0 : -rate * x }
  /// The mean.
  public var mean: Double { 1 / rate }
  /// The variance.
  public var variance: Double { 1 / (rate * rate) }
}
