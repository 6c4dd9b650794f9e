import RealModule

/// A number between bounds, all equally probable.
///
/// log p(x) = −log(b − a)
public struct Uniform<Scalar: DifferentiableReal>: DifferentiableDistribution {
  /// a.
  public var lower: Scalar
  /// b > a.
  public var upper: Scalar

  /// The distribution over any differentiable scalar.
  @_disfavoredOverload
  @inlinable public init(_ lower: Scalar, _ upper: Scalar) {
    self.lower = lower
    self.upper = upper
  }

  /// The log density; −∞ outside the support.
  @inlinable public func logDensity(at x: Scalar) -> Scalar {
    if x.value < lower.value || x.value > upper.value { return Scalar(-.infinity) }
    return -Scalar.log(upper - lower)
  }

  /// The interval between the bounds.
  @inlinable public var interval: Interval<Scalar> { .between(lower, upper) }

  /// One draw at the parameters' plain values.
  public func predict(using random: inout RandomSource) -> Double? {
    Uniform<Double>(lower.value, upper.value).draw(using: &random)
  }
}

extension Uniform: ProbabilityDistribution, ContinuousDistribution where Scalar == Double {
  /// The distribution with the given parameters.
  @inlinable public init(_ lower: Double, _ upper: Double) {
    self.lower = lower
    self.upper = upper
  }

  /// Throws when a parameter is out of its range.
  @inlinable public func validate() throws {
    if !(lower < upper && (upper - lower).isFinite) {
      throw ParameterError(
        "Uniform", "the interval", "\(lower) to \(upper)", must: "finite and not empty")
    }
  }

  /// One draw.
  public func draw(using random: inout RandomSource) -> Double {
    lower + (upper - lower) * random.uniform()
  }

  /// The interval between the bounds.
  public var bounds: ClosedRange<Double> { lower...upper }
  /// P(X ≤ x).
  public func cumulative(at x: Double) -> Double {
    min(max((x - lower) / (upper - lower), 0), 1)
  }
  /// P(X > x).
  public func survival(at x: Double) -> Double {
    min(max((upper - x) / (upper - lower), 0), 1)
  }
  /// The mean.
  public var mean: Double { (lower + upper) / 2 }
  /// The variance.
  public var variance: Double { (upper - lower) * (upper - lower) / 12 }
}
