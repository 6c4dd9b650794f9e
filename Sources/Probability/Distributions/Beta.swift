import RealModule

/// A number in (0, 1), for probabilities.
///
/// log p(x) = (a − 1) log x + (b − 1) log(1 − x) − log B(a, b)
public struct Beta<Scalar: DifferentiableReal>: DifferentiableDistribution {
  /// The first shape, a > 0.
  public var a: Scalar
  /// The second shape, b > 0.
  public var b: Scalar

  /// The distribution over any differentiable scalar.
  @_disfavoredOverload
  @inlinable public init(_ a: Scalar, _ b: Scalar) {
    self.a = a
    self.b = b
  }

  /// The log density; −∞ outside the support.
  @inlinable public func logDensity(at x: Scalar) -> Scalar {
    if x.value < 0 || x.value > 1 { return Scalar(-.infinity) }
    let left = a.value == 1 ? 0 : (a - 1) * Scalar.log(x)
    let right = b.value == 1 ? 0 : (b - 1) * Scalar.log(onePlus: -x)
    return left + right - SpecialFunctions.logBeta(a, b)
  }

  /// The unit interval.
  @inlinable public var interval: Interval<Scalar> { .between(0, 1) }
}

extension Beta: ProbabilityDistribution, ContinuousDistribution where Scalar == Double {
  /// The distribution with the given parameters.
  @inlinable public init(_ a: Double, _ b: Double) {
    self.a = a
    self.b = b
  }

  /// Throws when a parameter is out of its range.
  @inlinable public func validate() throws {
    if !(a > 0 && a < .infinity) {
      throw ParameterError("Beta", "the shape a", a, must: "finite and > 0")
    }
    if !(b > 0 && b < .infinity) {
      throw ParameterError("Beta", "the shape b", b, must: "finite and > 0")
    }
  }

  /// One draw.
  public func draw(using random: inout RandomSource) -> Double {
    random.beta(a, b)
  }

  /// The unit interval.
  public var bounds: ClosedRange<Double> { 0...1 }
  /// P(X ≤ x).
  public func cumulative(at x: Double) -> Double {
    SpecialFunctions.incompleteBeta(a, b, min(max(x, 0), 1))
  }
  /// P(X > x): above the mean by the symmetry that exchanges the shapes.
  public func survival(at x: Double) -> Double {
    x < mean ? 1 - cumulative(at: x) : SpecialFunctions.incompleteBeta(b, a, max(1 - x, 0))
  }
  /// The mean.
  public var mean: Double { a / (a + b) }
  /// The variance.
  public var variance: Double { a * b / ((a + b) * (a + b) * (a + b + 1)) }
}
