public import RealModule

/// The number of failures before the first success.
///
/// log p(k) = log p + k log(1 − p)
public struct Geometric: DiscreteDistribution {
  /// The probability of success, in (0, 1].
  public var p: Double

  /// Failures before a success of probability `p`.
  @inlinable public init(_ p: Double) { self.p = p }

  /// Throws unless 0 < p ≤ 1.
  @inlinable public func validate() throws {
    if !(p > 0 && p <= 1) { throw ParameterError("Geometric", "p", p, must: "in (0, 1]") }
  }

  /// The log mass; −∞ for negative counts.
  @inlinable public func logDensity(at count: Int) -> Double {
    if count < 0 { return -.infinity }
    return count == 0
      ? Double.log(p) : Double.log(p) + Double(count) * Double.log(onePlus: -p)
  }

  /// Countably many.
  @inlinable public var supportCount: Int { .max }
  /// The count itself.
  @inlinable public func supportValue(at index: Int) -> Int { index }
  /// The log mass.
  @inlinable public func logMass(at index: Int) -> Double { logDensity(at: index) }
  /// (k + 1) log(1 − p), exactly.
  @inlinable public func logTail(above index: Int) -> Double? {
    Double(index + 1) * Double.log(onePlus: -p)
  }
  /// One draw, by inversion.
  public func drawIndex(using random: inout RandomSource) -> Int {
    p == 1 ? 0 : Int(min(Double.log(random.uniform()) / Double.log(onePlus: -p), 1e18))
  }
  /// (1 − p)/p.
  public var mean: Double { (1 - p) / p }
  /// (1 − p)/p².
  public var variance: Double { (1 - p) / (p * p) }
}
