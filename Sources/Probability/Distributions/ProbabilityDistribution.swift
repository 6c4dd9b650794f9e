public import Documents
import RealModule

/// Something with a log density or mass over a scalar type: `Double`, or ``Dual`` for gradients.
public protocol Scored<Value, Scalar>: Sendable {
  /// The type of the values that it is a distribution over.
  associatedtype Value
  /// The number its density comes out as.
  associatedtype Scalar: DifferentiableReal
  /// The natural log of the density (continuous) or mass (discrete) at a value; −∞ outside the
  /// support.
  func logDensity(at value: Value) -> Scalar
  /// One draw as a number, at the parameters' plain values; `nil` where a distribution has none to give.
  func predict(using random: inout RandomSource) -> Double?
}

extension Scored {
  /// None.
  public func predict(using random: inout RandomSource) -> Double? { nil }
}

/// A distribution that a model can sample from and observe.
///
/// Parameters are public and unchecked when a value is made, so that distributions can be built
/// from numbers that a model computes; ``validate()`` says what is wrong, and every `sample` and
/// `observe` calls it.
public protocol ProbabilityDistribution<Value>: Scored where Scalar == Double, Value: Sendable {
  /// Throws a ``ParameterError`` when the parameters describe no distribution.
  func validate() throws
  /// One independent draw.
  func draw(using random: inout RandomSource) -> Value
  /// Draws as one or more choices of an execution; ``DiscreteDistribution`` and
  /// ``ContinuousDistribution`` supply it, compound distributions break themselves up into those.
  func choose(with sampler: Sampler, at location: UInt64) throws -> Value
}

/// A distribution over finitely or countably many values, in a fixed order.
///
/// Inference records the *index* of a choice in this order, never the value, which is what makes
/// traces flat arrays of words.
public protocol DiscreteDistribution<Value>: ProbabilityDistribution {
  /// The number of values; `Int.max` when they are countably infinite.
  var supportCount: Int { get }
  /// The value at an index.
  func supportValue(at index: Int) -> Value
  /// The log mass of the value at an index.
  func logMass(at index: Int) -> Double
  /// The log of an upper bound on the mass of all indices above one, or `nil` where none is known.
  ///
  /// Enumeration ends an infinite support by it. Without one it goes by the sum of the masses so far,
  /// whose rounding hides whatever is below 1e-14.
  func logTail(above index: Int) -> Double?
  /// The index of one draw.
  func drawIndex(using random: inout RandomSource) -> Int
}

extension DiscreteDistribution {
  /// One independent draw.
  @inlinable public func draw(using random: inout RandomSource) -> Value {
    supportValue(at: drawIndex(using: &random))
  }

  /// No bound.
  @inlinable public func logTail(above index: Int) -> Double? { nil }

  /// Draws as one discrete choice.
  @inlinable public func choose(with sampler: Sampler, at location: UInt64) throws -> Value {
    supportValue(at: try sampler.chooseIndex(from: self, at: location))
  }

  /// The values, where they are finitely many.
  public var support: [Value] {
    supportCount == .max ? [] : (0..<supportCount).map(supportValue)
  }
}

/// A distribution over real numbers with a density.
public protocol ContinuousDistribution<Value>: ProbabilityDistribution where Value == Double {
  /// The interval outside which the density is zero.
  var bounds: ClosedRange<Double> { get }
  /// P(X ≤ x).
  func cumulative(at x: Double) -> Double
  /// P(X > x), exact where it is small for the families that have it so.
  func survival(at x: Double) -> Double
  /// log P(X ≤ x), also where P(X ≤ x) is too small for a `Double`, for the families that have it so.
  func logCumulative(at x: Double) -> Double
  /// log P(X > x), likewise.
  func logSurvival(at x: Double) -> Double
  /// The point with probability `level` below it.
  func quantile(_ level: Double) -> Double
  /// The point with probability `level` above it.
  func quantile(upper level: Double) -> Double
  /// The mean; NaN where it doesn't exist.
  var mean: Double { get }
  /// The variance; infinite or NaN where it doesn't exist.
  var variance: Double { get }
  /// A typical width, for proposals: the standard deviation where it exists.
  var spread: Double { get }
}

extension ContinuousDistribution {
  /// Draws as one continuous choice.
  @inlinable public func choose(with sampler: Sampler, at location: UInt64) throws -> Double {
    try sampler.chooseReal(from: self, at: location)
  }

  /// 1 − P(X ≤ x).
  public func survival(at x: Double) -> Double { 1 - cumulative(at: x) }

  /// The logarithm of P(X ≤ x), by way of P(X ≤ x).
  public func logCumulative(at x: Double) -> Double { Double.log(cumulative(at: x)) }

  /// The logarithm of P(X > x), by way of P(X > x).
  public func logSurvival(at x: Double) -> Double { Double.log(survival(at: x)) }

  /// The quantile, by bisection of the distribution function.
  public func quantile(_ level: Double) -> Double { bisect { self.cumulative(at: $0) >= level } }

  /// The upper quantile, by bisection of the survival function.
  public func quantile(upper level: Double) -> Double { bisect { self.survival(at: $0) <= level } }

  /// The least point at which a monotone statement holds, to the last bit or so.
  private func bisect(_ holds: (Double) -> Bool) -> Double {
    var low = bounds.lowerBound
    var high = bounds.upperBound
    var reach = spread
    if !low.isFinite {
      low = min(high, 0) - reach
      while holds(low), reach < 1e300 {
        reach *= 2
        low -= reach
      }
    }
    reach = spread
    if !high.isFinite {
      high = low + reach
      while !holds(high), reach < 1e300 {
        reach *= 2
        high += reach
      }
    }
    // Halves the numbers between, not their distance: 64 steps lead from 1 to the least there is.
    while true {
      let middle = low.midwayNumber(to: high)
      if middle <= low || middle >= high { return high }
      if holds(middle) { high = middle } else { low = middle }
    }
  }

  /// The standard deviation where it exists, else 1.
  @inlinable public var spread: Double {
    let variance = self.variance
    return variance > 0 && variance < .infinity ? variance.squareRoot() : 1
  }

  /// The square root of the variance.
  public var standardDeviation: Double { variance.squareRoot() }
}

/// A continuous distribution whose density is written for any ``DifferentiableReal``, so that
/// Hamiltonian Monte Carlo and variational inference can use it.
public protocol DifferentiableDistribution<Scalar>: Scored where Value == Scalar {
  /// The interval that it lives on.
  var interval: Interval<Scalar> { get }
  /// The point at a coordinate on the real line, and the log density of the coordinate there.
  func place(_ u: Scalar) -> (x: Scalar, logDensity: Scalar)
}

extension DifferentiableDistribution {
  /// The point by the interval's change of variables, its density times |dx/du|.
  ///
  /// Families whose mass may gather nearer to a bound than a `Double` resolves have their own, in
  /// terms of the coordinate alone.
  @inlinable public func place(_ u: Scalar) -> (x: Scalar, logDensity: Scalar) {
    let (x, logJacobian) = interval.constrain(u)
    return (x, logDensity(at: x) + logJacobian)
  }
}

/// The support of a continuous distribution, as the change of variables that makes it the real
/// line.
public enum Interval<Scalar: DifferentiableReal>: Sendable {
  /// All real numbers.
  case real
  /// Numbers above a bound: x = lower + e^u.
  case above(Scalar)
  /// Numbers between two bounds: x = lower + (upper − lower)·logistic(u).
  case between(Scalar, Scalar)

  /// The point for an unconstrained coordinate, and log |dx/du|.
  ///
  /// A point that rounds to a bound is the number next to it.
  @inlinable public func constrain(_ u: Scalar) -> (x: Scalar, logJacobian: Scalar) {
    switch self {
    case .real: return (u, 0)
    case .above(let lower):
      let x = lower + Scalar.exp(u)
      return (x.value > lower.value ? x : Scalar(lower.value.nextUp), u)
    case .between(let lower, let upper):
      let width = upper - lower
      let log = -Scalar.softplus(-u) - Scalar.softplus(u)
      var x = lower + width * Scalar.logistic(u)
      if x.value <= lower.value { x = Scalar(lower.value.nextUp) }
      if x.value >= upper.value { x = Scalar(upper.value.nextDown) }
      return (x, Scalar.log(width) + log)
    }
  }

  /// The unconstrained coordinate of a point inside.
  public func unconstrain(_ x: Double) -> Double {
    switch self {
    case .real: return x
    case .above(let lower): return Double.log(x - lower.value)
    case .between(let lower, let upper):
      return Double.log((x - lower.value) / (upper.value - x))
    }
  }
}

/// A distribution's parameters describe no distribution.
public struct ParameterError: UserFacingError {
  /// Which distribution, what is wrong with which parameter, and what is allowed.
  public let description: String

  /// An error for a distribution by name.
  public init(_ distribution: String, _ parameter: String, _ value: some Any, must: String) {
    description = "\(distribution): \(parameter) is \(value), but it must be \(must)"
  }
}

extension Double {
  /// The number with as many numbers between `self` and it as between it and another.
  func midwayNumber(to other: Double) -> Double {
    // Bits of positive numbers are in the numbers' order; those of negative ones are in reverse.
    func rank(_ x: Double) -> Int64 {
      let bits = Int64(bitPattern: x.bitPattern)
      return bits < 0 ? .min &- bits : bits
    }
    let (a, b) = (rank(self), rank(other))
    let middle = (a >> 1) + (b >> 1) + (a & b & 1)
    return Double(bitPattern: UInt64(bitPattern: middle < 0 ? .min &- middle : middle))
  }
}
