public import RealModule

/// The number of successes in independent trials.
///
/// log p(k) = log C(n, k) + k log p + (n − k) log(1 − p)
public struct Binomial<Scalar: DifferentiableReal>: Scored {
  /// n ≥ 0.
  public var trials: Int
  /// The probability of success in one trial.
  public var p: Scalar

  /// Successes over any differentiable scalar.
  @_disfavoredOverload
  @inlinable public init(trials: Int, p: Scalar) {
    self.trials = trials
    self.p = p
  }

  /// The log mass; −∞ outside 0...n.
  @inlinable public func logDensity(at count: Int) -> Scalar {
    if count < 0 || count > trials { return Scalar(-.infinity) }
    let n = Double(trials)
    let k = Double(count)
    let ways = Double.logGamma(n + 1) - Double.logGamma(k + 1) - Double.logGamma(n - k + 1)
    let successes = count == 0 ? 0 : Scalar(k) * Scalar.log(p)
    let failures = count == trials ? 0 : Scalar(n - k) * Scalar.log(onePlus: -p)
    return Scalar(ways) + successes + failures
  }

  /// One draw at the parameters' plain values.
  public func predict(using random: inout RandomSource) -> Double? {
    Double(Binomial<Double>(trials: trials, p: p.value).draw(using: &random))
  }
}

extension Binomial: ProbabilityDistribution, DiscreteDistribution where Scalar == Double {
  /// Successes in a number of trials.
  @inlinable public init(trials: Int, p: Double) {
    self.trials = trials
    self.p = p
  }

  /// Throws unless n ≥ 0 and 0 ≤ p ≤ 1.
  @inlinable public func validate() throws {
    if trials < 0 {
      throw ParameterError("Binomial", "the number of trials", trials, must: "≥ 0")
    }
    if !(p >= 0 && p <= 1) { throw ParameterError("Binomial", "p", p, must: "in [0, 1]") }
  }

  /// n + 1, or `Int.max` where that doesn't fit.
  @inlinable public var supportCount: Int { trials == .max ? .max : trials + 1 }
  /// The count itself.
  @inlinable public func supportValue(at index: Int) -> Int { index }
  /// The log mass of a count.
  @inlinable public func logMass(at index: Int) -> Double { logDensity(at: index) }
  /// One draw.
  public func drawIndex(using random: inout RandomSource) -> Int {
    random.binomial(trials: trials, probability: p)
  }
  /// np.
  public var mean: Double { Double(trials) * p }
  /// np(1 − p).
  public var variance: Double { Double(trials) * p * (1 - p) }
}
