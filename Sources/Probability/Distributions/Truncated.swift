import RealModule
import Synchronization

/// A continuous distribution cut to an interval.
///
/// Masses are kept as logarithms and taken from whichever tail is the smaller, so that a normal cut to
/// 300...400 standard deviations is as exact as one cut in the middle. Mean and variance are computed once,
/// when first asked for.
public struct Truncated<Base: ContinuousDistribution>: ContinuousDistribution {
  /// The distribution that is cut.
  public let base: Base
  /// The range in which the density remains.
  public let bounds: ClosedRange<Double>
  /// The log of the base's mass in the interval.
  private let logMass: Double
  private let moments = MomentCache()

  /// A distribution cut to an interval, either end of which may be infinite.
  public init(_ base: Base, to interval: ClosedRange<Double>) {
    self.base = base
    bounds = interval
    logMass = Self.logMass(of: base, from: interval.lowerBound, to: interval.upperBound)
  }

  /// Throws unless the base makes sense and the interval has some of its mass.
  public func validate() throws {
    try base.validate()
    if !(logMass > -.infinity) {
      throw ParameterError("Truncated", "the interval", bounds, must: "one in which \(base) has mass")
    }
  }

  /// log p(x) − log mass inside, −∞ outside.
  public func logDensity(at x: Double) -> Double {
    bounds.contains(x) ? base.logDensity(at: x) - logMass : -.infinity
  }

  /// One draw, by inversion.
  public func draw(using random: inout RandomSource) -> Double { quantile(random.uniform()) }

  /// The point with a fraction of the mass below it.
  public func quantile(_ level: Double) -> Double { point(below: level, above: 1 - level) }

  /// The point with a fraction of the mass above it.
  public func quantile(upper level: Double) -> Double { point(below: 1 - level, above: level) }

  /// P(X ≤ x).
  public func cumulative(at x: Double) -> Double {
    if x <= bounds.lowerBound { return 0 }
    if x >= bounds.upperBound { return 1 }
    return min(Double.exp(Self.logMass(of: base, from: bounds.lowerBound, to: x) - logMass), 1)
  }

  /// P(X > x).
  public func survival(at x: Double) -> Double {
    if x <= bounds.lowerBound { return 1 }
    if x >= bounds.upperBound { return 0 }
    return min(Double.exp(Self.logMass(of: base, from: x, to: bounds.upperBound) - logMass), 1)
  }

  /// The mean, by quadrature between quantiles.
  public var mean: Double { moments.value(computedBy: computeMoments).mean }

  /// The variance, likewise.
  public var variance: Double { moments.value(computedBy: computeMoments).variance }

  /// The width of a normal as dense as this is at its median, or the interval's if that is less.
  public var spread: Double {
    let width = 0.4 * Double.exp(-logDensity(at: quantile(0.5)))
    return min(width, bounds.upperBound - bounds.lowerBound)
  }
}

// MARK: Masses and points

extension Truncated {
  /// The log of a distribution's mass between two points.
  ///
  /// A difference of tails; where that cancels, the interval is short beside what lies further out, and
  /// the density's integral over it has all digits.
  private static func logMass(of base: Base, from p: Double, to q: Double) -> Double {
    let above = base.logSurvival(at: p)
    let isUpper = base.logCumulative(at: p) > above
    let outer = isUpper ? above : base.logCumulative(at: q)
    let beyond = isUpper ? base.logSurvival(at: q) : base.logCumulative(at: p)
    if !(beyond < outer) || beyond - outer > -0.01 {
      let top = base.logDensity(at: p + (q - p) / 2)
      let (integral, error) = GaussKronrod.integrate(from: p, to: q) {
        Double.exp(base.logDensity(at: $0) - top)
      }
      if integral > 0, integral < .infinity, error < 1e-9 * integral { return top + Double.log(integral) }
    }
    return beyond < outer ? outer + SpecialFunctions.logOneMinusExp(beyond - outer) : -.infinity
  }

  /// The point that divides the mass into two fractions, each given so that the smaller has its digits.
  private func point(below: Double, above: Double) -> Double {
    if !(below > 0) { return bounds.lowerBound }
    if !(above > 0) { return bounds.upperBound }
    let mass = Double.exp(logMass)
    let lower = base.cumulative(at: bounds.lowerBound)
    let upper = base.survival(at: bounds.upperBound)
    // The base can't tell points apart whose tails differ by less than it rounds to.
    if mass < 1e-280 || mass < 1e-5 * max(min(lower, 1 - lower), min(upper, 1 - upper)) {
      return search(below: below, above: above)
    }
    let fromBelow = lower + below * mass
    let fromAbove = upper + above * mass
    let x = fromBelow <= fromAbove ? base.quantile(fromBelow) : base.quantile(upper: fromAbove)
    return min(max(x, bounds.lowerBound), bounds.upperBound)
  }

  /// The same by Newton's method, kept inside a bracket that shrinks.
  private func search(below: Double, above: Double) -> Double {
    var low = bounds.lowerBound
    var high = bounds.upperBound
    // An infinite end is replaced by a point beyond what is looked for.
    if !(high < .infinity) {
      var reach = Double.exp(-logDensity(at: low))
      while low + reach < .greatestFiniteMagnitude, survival(at: low + reach) > above { reach *= 2 }
      high = low + reach
    } else if !(low > -.infinity) {
      var reach = Double.exp(-logDensity(at: high))
      while high - reach > -.greatestFiniteMagnitude, cumulative(at: high - reach) > below { reach *= 2 }
      low = high - reach
    }
    var x = low + (high - low) / 2
    for _ in 0..<200 {
      // Positive when x is too far up.
      let excess = below < above ? cumulative(at: x) - below : above - survival(at: x)
      if excess > 0 { high = x } else { low = x }
      var next = x - excess * Double.exp(-logDensity(at: x))
      if !(next > low && next < high) { next = low + (high - low) / 2 }
      if abs(next - x) <= 4e-16 * abs(x) || next <= low || next >= high { return next }
      x = next
    }
    return x
  }
}

// MARK: Moments

extension Truncated {
  /// The end of a panel of the quadrature: a point with the mass on either side of it.
  private struct Knot {
    var x: Double
    var below: Double
    var above: Double
  }

  private func knot(below: Double, above: Double) -> Knot {
    Knot(x: point(below: below, above: above), below: below, above: above)
  }

  /// Mean and variance by quadrature that follows the mass: panels end at quantiles, from the median
  /// outwards until what is left can't matter, and are halved until their mass comes out right.
  private func computeMoments() -> (mean: Double, variance: Double) {
    let isBounded = bounds.lowerBound > -.infinity && bounds.upperBound < .infinity
    if !isBounded, !base.mean.isFinite {
      let oneSided = bounds.lowerBound > -.infinity || bounds.upperBound < .infinity
      return (oneSided ? (bounds.upperBound < .infinity ? -.infinity : .infinity) : base.mean, .nan)
    }
    let hasVariance = isBounded || base.variance.isFinite
    let center = quantile(0.5)
    var sums = SIMD3<Double>.zero
    var budget = 1_000
    for isUpper in [false, true] {
      var last = Knot(x: center, below: 0.5, above: 0.5)
      var level = 0.5
      while level > 1e-300 {
        level *= level > 0.02 ? 0.3 : level > 1e-6 ? 0.05 : 1e-4
        let next = isUpper ? knot(below: 1 - level, above: level) : knot(below: level, above: 1 - level)
        let (a, b) = isUpper ? (last, next) : (next, last)
        sums += panel(a, b, center, sums, &budget)
        last = next
        let distance = abs(next.x - center)
        let rest = level * (hasVariance ? distance * distance : distance)
        if rest <= 1e-14 * (hasVariance ? sums.z : max(abs(sums.y), distance * 1e-300)) { break }
      }
    }
    let shift = sums.y / sums.x
    let variance = hasVariance ? sums.z / sums.x - shift * shift : base.variance
    return (center + shift, variance)
  }

  /// ∫ (1, x − c, (x − c)²) p(x) dx between two knots, exact beside the sums so far, in at most as many
  /// pieces as the budget has.
  private func panel(
    _ a: Knot, _ b: Knot, _ center: Double, _ sums: SIMD3<Double>, _ budget: inout Int
  ) -> SIMD3<Double> {
    guard a.x < b.x else { return .zero }
    budget -= 1
    // Densities so far out are differences of numbers as large as the mass's logarithm.
    let tolerance = 1e-11 + 1e-15 * abs(logMass)
    let (integral, error) = GaussKronrod.integrate(from: a.x, to: b.x) { x -> SIMD3<Double> in
      let distance = x - center
      return Double.exp(self.logDensity(at: x)) * SIMD3(1, distance, distance * distance)
    }
    let mass = a.below < a.above ? b.below - a.below : a.above - b.above
    let seesTheMass = abs(integral.x - mass) <= 1e-5 * mass + 1e-12
    let isRight =
      seesTheMass && error.x <= tolerance && error.z <= tolerance * (sums.z + integral.z)
    if isRight || budget <= 0 { return integral }
    // A mass that was missed is found where its middle is; else the panel is only too long.
    var middle = a
    if !seesTheMass {
      middle = knot(below: (a.below + b.below) / 2, above: (a.above + b.above) / 2)
    }
    if !(middle.x > a.x && middle.x < b.x) {
      middle.x = a.x + (b.x - a.x) / 2
      guard middle.x > a.x, middle.x < b.x else { return integral }
      middle.below = cumulative(at: middle.x)
      middle.above = survival(at: middle.x)
    }
    return panel(a, middle, center, sums, &budget) + panel(middle, b, center, sums, &budget)
  }
}

/// A mean and a variance, computed once.
private final class MomentCache: Sendable {
  private let known = Mutex<(mean: Double, variance: Double)?>(nil)

  func value(
    computedBy compute: () -> (mean: Double, variance: Double)
  ) -> (mean: Double, variance: Double) {
    if let value = known.withLock({ $0 }) { return value }
    let value = compute()
    known.withLock { $0 = value }
    return value
  }
}
