import RealModule

/// A continuous distribution cut to an interval.
///
/// Masses are taken from whichever tail is the smaller, so that a normal cut to 30...40 standard
/// deviations is as exact as one cut in the middle.
public struct Truncated<Base: ContinuousDistribution>: ContinuousDistribution {
  /// What is cut.
  public let base: Base
  /// Where the density remains.
  public let bounds: ClosedRange<Double>
  /// Base mass in the interval.
  private let mass: Double
  private let isUpperTail: Bool

  /// A distribution cut to an interval, either end of which may be infinite.
  public init(_ base: Base, to interval: ClosedRange<Double>) {
    self.base = base
    bounds = interval
    isUpperTail = base.cumulative(at: interval.lowerBound) > 0.5
    mass =
      isUpperTail
      ? base.survival(at: interval.lowerBound) - base.survival(at: interval.upperBound)
      : base.cumulative(at: interval.upperBound) - base.cumulative(at: interval.lowerBound)
  }

  /// Throws unless the base makes sense and the interval has some of its mass.
  public func validate() throws {
    try base.validate()
    if !(mass > 0) {
      throw ParameterError(
        "Truncated", "the interval", bounds,
        must: "one in which \(base) has mass that a Double can hold")
    }
  }

  /// log p(x) − log mass inside, −∞ outside.
  public func logDensity(at x: Double) -> Double {
    bounds.contains(x) ? base.logDensity(at: x) - Double.log(mass) : -.infinity
  }

  /// One draw, by inversion.
  public func draw(using random: inout RandomSource) -> Double {
    quantile(random.uniform())
  }

  /// The point with a fraction of the mass below it.
  public func quantile(_ level: Double) -> Double {
    let x =
      isUpperTail
      ? base.quantile(upper: base.survival(at: bounds.upperBound) + (1 - level) * mass)
      : base.quantile(base.cumulative(at: bounds.lowerBound) + level * mass)
    return min(max(x, bounds.lowerBound), bounds.upperBound)
  }

  /// P(X ≤ x).
  public func cumulative(at x: Double) -> Double {
    if x <= bounds.lowerBound { return 0 }
    if x >= bounds.upperBound { return 1 }
    return isUpperTail
      ? (base.survival(at: bounds.lowerBound) - base.survival(at: x)) / mass
      : (base.cumulative(at: x) - base.cumulative(at: bounds.lowerBound)) / mass
  }

  /// P(X > x).
  public func survival(at x: Double) -> Double {
    if x <= bounds.lowerBound { return 1 }
    if x >= bounds.upperBound { return 0 }
    return isUpperTail
      ? (base.survival(at: x) - base.survival(at: bounds.upperBound)) / mass
      : (base.cumulative(at: bounds.upperBound) - base.cumulative(at: x)) / mass
  }

  /// The mean, by Simpson's rule.
  public var mean: Double { moment { $0 } }

  /// The variance, by Simpson's rule.
  public var variance: Double {
    let mean = mean
    return moment { ($0 - mean) * ($0 - mean) }
  }

  /// ∫ f(x) p(x) dx over all but 1e-15 of the mass at either end.
  private func moment(_ function: (Double) -> Double) -> Double {
    let lower = bounds.lowerBound.isFinite ? bounds.lowerBound : quantile(1e-15)
    let upper = quantile(1 - 1e-15)
    let intervals = 8_192
    let step = (upper - lower) / Double(intervals)
    var sum = 0.0
    for index in 0...intervals {
      let x = lower + Double(index) * step
      let weight = index == 0 || index == intervals ? 1.0 : index % 2 == 1 ? 4 : 2
      let density = Double.exp(logDensity(at: min(max(x, bounds.lowerBound), bounds.upperBound)))
      if density > 0 { sum += weight * density * function(x) }
    }
    return sum * step / 3
  }
}
