import RealModule

/// Correlations of two measurements of the same items.
public enum Correlation {
  /// Pearson's r with Fisher's interval: tanh(artanh r ± z / √(n − 3)).
  public static func pearson(
    _ x: [Double], _ y: [Double], confidence: Double = 0.95
  ) -> Estimate {
    let r = coefficient(x, y)
    return fisher(r, n: x.count, variance: 1, confidence: confidence)
  }

  /// Spearman's ρ: Pearson's r of the ranks, equal values sharing their mean rank.
  ///
  /// The interval is Fisher's with the variance (1 + ρ²/2) / (n − 3) (Bonett and Wright, 2000).
  public static func spearman(
    _ x: [Double], _ y: [Double], confidence: Double = 0.95
  ) -> Estimate {
    let rho = coefficient(ranks(x), ranks(y))
    return fisher(rho, n: x.count, variance: 1 + rho * rho / 2, confidence: confidence)
  }

  /// Ranks from 1, equal values sharing the mean of theirs.
  public static func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      for position in start..<end { ranks[order[position]] = Double(start + end + 1) / 2 }
      start = end
    }
    return ranks
  }

  private static func coefficient(_ x: [Double], _ y: [Double]) -> Double {
    precondition(x.count == y.count, "paired samples differ in length")
    let n = Double(x.count)
    let (meanX, meanY) = (x.reduce(0, +) / n, y.reduce(0, +) / n)
    var (xx, yy, xy) = (0.0, 0.0, 0.0)
    for (a, b) in zip(x, y) {
      xx += (a - meanX) * (a - meanX)
      yy += (b - meanY) * (b - meanY)
      xy += (a - meanX) * (b - meanY)
    }
    guard xx > 0, yy > 0 else { return .nan }
    return min(1, max(-1, xy / (xx.squareRoot() * yy.squareRoot())))
  }

  private static func fisher(
    _ r: Double, n: Int, variance: Double, confidence: Double
  ) -> Estimate {
    guard r.isFinite else { return Estimate(value: .nan, low: -1, high: 1, n: n) }
    guard n > 3 else { return Estimate(value: r, low: -1, high: 1, n: n) }
    guard r.magnitude < 1 else { return Estimate(value: r, low: r, high: r, n: n) }
    let half =
      StandardNormal.criticalValue(confidence: confidence) * (variance / Double(n - 3)).squareRoot()
    let centre = Double.atanh(r)
    return Estimate(
      value: r, low: Double.tanh(centre - half), high: Double.tanh(centre + half), n: n)
  }
}
