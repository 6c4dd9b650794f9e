import RealModule

/// A coin that is true with probability `p`.
public struct Bernoulli<Scalar: DifferentiableReal>: Scored {
  /// The probability of true, in [0, 1].
  public var p: Scalar

  /// A coin over any differentiable scalar.
  @_disfavoredOverload
  @inlinable public init(_ p: Scalar) { self.p = p }

  /// log p or log(1 − p).
  @inlinable public func logDensity(at value: Bool) -> Scalar {
    value ? Scalar.log(p) : Scalar.log(onePlus: -p)
  }

  /// One draw at the parameters' plain values.
  public func predict(using random: inout RandomSource) -> Double? {
    Bernoulli<Double>(p.value).draw(using: &random) ? 1 : 0
  }
}

extension Bernoulli: ProbabilityDistribution, DiscreteDistribution where Scalar == Double {
  /// A coin that is true with probability `p`.
  @inlinable public init(_ p: Double) { self.p = p }

  /// Throws unless 0 ≤ p ≤ 1.
  @inlinable public func validate() throws {
    if !(p >= 0 && p <= 1) { throw ParameterError("Bernoulli", "p", p, must: "in [0, 1]") }
  }

  /// Two: false, then true.
  @inlinable public var supportCount: Int { 2 }
  /// False at 0, true at 1.
  @inlinable public func supportValue(at index: Int) -> Bool { index == 1 }
  /// log(1 − p) at 0, log p at 1.
  @inlinable public func logMass(at index: Int) -> Double { logDensity(at: index == 1) }
  /// 1 with probability p.
  @inlinable public func drawIndex(using random: inout RandomSource) -> Int {
    random.uniform() < p ? 1 : 0
  }

  /// The mean, p.
  public var mean: Double { p }
  /// p(1 − p).
  public var variance: Double { p * (1 - p) }
}
