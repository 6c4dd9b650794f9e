public import RealModule

/// A count of rare events.
///
/// log p(k) = k log λ − λ − log k!
public struct Poisson<Scalar: DifferentiableReal>: Scored {
  /// λ ≥ 0.
  public var rate: Scalar

  /// Counts at a rate over any differentiable scalar.
  @_disfavoredOverload
  @inlinable public init(rate: Scalar) { self.rate = rate }

  /// The log mass; −∞ for negative counts.
  @inlinable public func logDensity(at count: Int) -> Scalar {
    if count < 0 { return Scalar(-.infinity) }
    if count == 0 { return -rate }
    return Scalar(Double(count)) * Scalar.log(rate) - rate
      - Scalar(Double.logGamma(Double(count) + 1))
  }

  /// One draw at the parameters' plain values.
  public func predict(using random: inout RandomSource) -> Double? {
    Double(Poisson<Double>(rate: rate.value).draw(using: &random))
  }
}

extension Poisson: ProbabilityDistribution, DiscreteDistribution where Scalar == Double {
  /// Counts at a rate.
  @inlinable public init(rate: Double) { self.rate = rate }

  /// Throws unless the rate is finite and not negative.
  @inlinable public func validate() throws {
    if !(rate >= 0 && rate < 1e15) {
      throw ParameterError("Poisson", "the rate", rate, must: "in [0, 1e15)")
    }
  }

  /// Countably many.
  @inlinable public var supportCount: Int { .max }
  /// The count itself.
  @inlinable public func supportValue(at index: Int) -> Int { index }
  /// The log mass.
  @inlinable public func logMass(at index: Int) -> Double { logDensity(at: index) }
  /// The mass of the next count times a geometric series: beyond the rate, masses fall by more than the
  /// first ratio does.
  @inlinable public func logTail(above index: Int) -> Double? {
    let ratio = rate / Double(index + 2)
    return ratio < 1 ? min(logMass(at: index + 1) - Double.log(onePlus: -ratio), 0) : 0
  }
  /// One draw.
  public func drawIndex(using random: inout RandomSource) -> Int { random.poisson(rate: rate) }
  /// λ.
  public var mean: Double { rate }
  /// λ.
  public var variance: Double { rate }
}
