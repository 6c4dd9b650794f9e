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

  /// logistic(u) and the log density of u, a log x + b log(1 − x) − log B(a, b), both logarithms by u:
  /// finite however near to 0 or 1 x is.
  @inlinable public func place(_ u: Scalar) -> (x: Scalar, logDensity: Scalar) {
    let logDensity = -a * Scalar.softplus(-u) - b * Scalar.softplus(u)
    return (interval.constrain(u).x, logDensity - SpecialFunctions.logBeta(a, b))
  }

  /// One draw at the parameters' plain values.
  public func predict(using random: inout RandomSource) -> Double? {
    Beta<Double>(a.value, b.value).draw(using: &random)
  }
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

  /// One draw, inside the unit interval even where it would round to an end.
  public func draw(using random: inout RandomSource) -> Double {
    min(max(random.beta(a, b), .leastNonzeroMagnitude), 1.0.nextDown)
  }

  /// Draws as a choice of the logit, whose density is finite everywhere: at shapes below 1 the
  /// number's own is infinite at an end, and at small ones that is what most numbers round to.
  public func choose(with sampler: Sampler, at location: UInt64) throws -> Double {
    interval.constrain(try sampler.chooseReal(from: BetaLogit(beta: self), at: location)).x
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
  /// log P(X ≤ x).
  public func logCumulative(at x: Double) -> Double {
    SpecialFunctions.logIncompleteBeta(a, b, min(max(x, 0), 1)).lower
  }
  /// log P(X > x).
  public func logSurvival(at x: Double) -> Double {
    SpecialFunctions.logIncompleteBeta(a, b, min(max(x, 0), 1)).upper
  }
  /// The mean.
  public var mean: Double { a / (a + b) }
  /// The variance.
  public var variance: Double { a * b / ((a + b) * (a + b) * (a + b + 1)) }
}

/// The logit of a beta number, as which a model chooses it.
struct BetaLogit: ContinuousDistribution, CustomStringConvertible {
  let beta: Beta<Double>

  var description: String { "\(beta)" }
  func validate() throws { try beta.validate() }
  func logDensity(at u: Double) -> Double { beta.place(u).logDensity }
  func draw(using random: inout RandomSource) -> Double {
    random.logGamma(shape: beta.a) - random.logGamma(shape: beta.b)
  }
  var bounds: ClosedRange<Double> { -.infinity ... .infinity }
  func cumulative(at u: Double) -> Double { beta.cumulative(at: Double.logistic(u)) }
  func survival(at u: Double) -> Double { beta.survival(at: Double.logistic(u)) }
  var mean: Double { SpecialFunctions.digamma(beta.a) - SpecialFunctions.digamma(beta.b) }
  var variance: Double { SpecialFunctions.trigamma(beta.a) + SpecialFunctions.trigamma(beta.b) }
}
