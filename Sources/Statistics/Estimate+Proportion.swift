extension Estimate {
  /// A proportion with Wilson's score interval.
  ///
  /// With p = successes / n and z the normal quantile, the interval is
  /// (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n) (Wilson, 1927). It keeps its coverage for
  /// few observations and at the ends, where p ± 2 standard errors does not. Halves are allowed
  /// (a tie counts as half a win); the interval is then on the safe side, since a half varies less
  /// than a coin.
  ///
  /// Nothing observed gives NaN with the interval 0 to 1.
  public static func wilson(
    successes: Double, n: Int, confidence: Double = 0.95
  ) -> Estimate {
    precondition(n >= 0 && successes >= 0 && successes <= Double(n), "not a count out of n")
    guard n > 0 else { return Estimate(value: .nan, low: 0, high: 1, n: 0) }
    let count = Double(n)
    let p = successes / count
    let z = StandardNormal.criticalValue(confidence: confidence)
    let scale = 1 + z * z / count
    let centre = (p + z * z / (2 * count)) / scale
    let half = z * (p * (1 - p) / count + z * z / (4 * count * count)).squareRoot() / scale
    return Estimate(
      value: p, low: successes == 0 ? 0 : max(0, centre - half),
      high: successes == count ? 1 : min(1, centre + half), n: n)
  }

  /// The share of `true` with Wilson's interval.
  public static func proportion(
    of outcomes: some Sequence<Bool>, confidence: Double = 0.95
  ) -> Estimate {
    var hits = 0
    var n = 0
    for outcome in outcomes {
      n += 1
      if outcome { hits += 1 }
    }
    return wilson(successes: Double(hits), n: n, confidence: confidence)
  }
}
