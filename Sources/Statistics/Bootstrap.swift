/// Intervals by resampling: what the statistic would have been on other samples like this one.
///
/// Items are drawn with replacement, the statistic is computed again, and the interval is read off
/// the sorted results: their quantiles as they are (`percentile`), or quantiles corrected for bias
/// and skewness (`bca`; Efron, 1987). When observations come in groups that go together (several
/// pairs on one prompt), pass the groups as the items: resampling single pairs would claim more
/// certainty than there is.
///
/// ```swift
/// let rouge = Bootstrap(seed: 1).mean(scores)
/// let gain = Bootstrap(seed: 1).meanDifference(tuned, baseline)
/// let median = Bootstrap(seed: 1).estimate(of: scores) { $0.sorted()[$0.count / 2] }
/// ```
public struct Bootstrap: Sendable, Codable, Equatable {
  /// A way to read an interval off the resampled statistics.
  public enum Method: String, Sendable, Codable, CaseIterable {
    /// The plain quantiles.
    case percentile
    /// Bias-corrected and accelerated quantiles.
    case bca
  }

  /// The number of samples that are drawn.
  public var resamples: Int
  /// The share of intervals that should contain the truth.
  public var confidence: Double
  /// The way to read the interval off.
  public var method: Method
  /// The seed; the same seed gives the same interval.
  public var seed: UInt64

  /// Sets up a bootstrap.
  public init(
    resamples: Int = 2_000, confidence: Double = 0.95, method: Method = .bca, seed: UInt64 = 0
  ) {
    precondition(resamples > 0 && confidence > 0 && confidence < 1)
    self.resamples = resamples
    self.confidence = confidence
    self.method = method
    self.seed = seed
  }

  /// A statistic of a sample with its interval.
  ///
  /// Resamples on which the statistic is not finite (a correlation of constants) are left out.
  public func estimate<Item>(
    of sample: [Item], statistic: ([Item]) -> Double
  ) -> Estimate {
    let value = sample.isEmpty ? Double.nan : statistic(sample)
    guard sample.count > 1, value.isFinite else {
      return Estimate(value: value, low: value, high: value, n: sample.count)
    }
    let statistics = replicates(of: sample, statistic: statistic).filter(\.isFinite)
    return interval(value, statistics, n: sample.count) {
      var rest = Array(sample.dropFirst())
      return sample.indices.map { index in
        // `rest` lacks item `index`; moving the gap one place on costs one assignment.
        if index > 0 { rest[index - 1] = sample[index - 1] }
        return statistic(rest)
      }
    }
  }

  /// A statistic of each of the resamples, in the order of drawing.
  ///
  /// For statistics of several numbers at once, such as the constants of a law, whose quantiles ``interval(_:of:n:)`` reads.
  public func replicates<Item, Value>(of sample: [Item], statistic: ([Item]) -> Value) -> [Value] {
    guard !sample.isEmpty else { return [] }
    var random = SeededGenerator(seed: seed)
    var drawn = sample
    return (0..<resamples).map { _ in
      for index in drawn.indices { drawn[index] = sample[random.index(below: sample.count)] }
      return statistic(drawn)
    }
  }

  /// A value with the plain quantiles of its replicates, whatever the bootstrap's method; replicates that are not finite are left
  /// out.
  public func interval(_ value: Double, of replicates: [Double], n: Int) -> Estimate {
    let sorted = replicates.filter(\.isFinite).sorted()
    guard !sorted.isEmpty else { return Estimate(value: value, low: .nan, high: .nan, n: n) }
    let tail = (1 - confidence) / 2
    return Estimate(value: value, low: quantile(of: sorted, tail), high: quantile(of: sorted, 1 - tail), n: n)
  }

  /// The mean with its interval.
  public func mean(_ values: [Double]) -> Estimate {
    estimate(of: values) { $0.reduce(0, +) / Double($0.count) }
  }

  /// The mean of `first − second` over pairs measured on the same items.
  public func meanDifference(_ first: [Double], _ second: [Double]) -> Estimate {
    precondition(first.count == second.count, "paired samples differ in length")
    return mean(zip(first, second).map { $0 - $1 })
  }

  private func interval(
    _ value: Double, _ statistics: [Double], n: Int, leaveOneOut: () -> [Double]
  ) -> Estimate {
    let sorted = statistics.sorted()
    guard let least = sorted.first, let greatest = sorted.last, least < greatest else {
      return Estimate(value: value, low: value, high: value, n: n)
    }
    let tail = (1 - confidence) / 2
    var (lower, upper) = (tail, 1 - tail)
    if method == .bca {
      // Share of resampled statistics below the estimate; ties count as half.
      let below = sorted.count { $0 < value }
      let equal = sorted.count { $0 == value }
      let share = (Double(below) + 0.5 * Double(equal)) / Double(sorted.count)
      let bias = StandardNormal.quantile(share)
      let jackknife = leaveOneOut().filter(\.isFinite)
      let centre = jackknife.reduce(0, +) / Double(jackknife.count)
      var (squares, cubes) = (0.0, 0.0)
      for item in jackknife {
        let deviation = centre - item
        squares += deviation * deviation
        cubes += deviation * deviation * deviation
      }
      let acceleration = squares > 0 ? cubes / (6 * squares * squares.squareRoot()) : 0
      func corrected(_ p: Double) -> Double {
        let z = bias + StandardNormal.quantile(p)
        return StandardNormal.cumulative(bias + z / (1 - acceleration * z))
      }
      let (a, b) = (corrected(tail), corrected(1 - tail))
      // A statistic outside its own resamples leaves nothing to correct with.
      if a.isFinite, b.isFinite { (lower, upper) = (a, b) }
    }
    return Estimate(
      value: value, low: quantile(of: sorted, lower), high: quantile(of: sorted, upper), n: n)
  }
}

/// The quantile of sorted numbers, linear between neighbours (the usual type 7).
public func quantile(of sorted: [Double], _ p: Double) -> Double {
  guard let first = sorted.first else { return .nan }
  let position = min(max(p, 0), 1) * Double(sorted.count - 1)
  let index = Int(position)
  guard index + 1 < sorted.count else { return sorted.last ?? first }
  return sorted[index] + (position - Double(index)) * (sorted[index + 1] - sorted[index])
}
