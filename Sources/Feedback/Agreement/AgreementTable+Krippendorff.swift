public import Statistics

extension AgreementTable {
  /// The scale of the values, which decides how far apart two of them lie.
  public enum Measurement: String, Sendable, Codable, CaseIterable {
    /// Names without order.
    case nominal
    /// Ranks.
    case ordinal
    /// Numbers with equal steps.
    case interval
  }

  /// Krippendorff's alpha, for any number of labellers, scales and gaps (Krippendorff, 2004).
  ///
  /// α = 1 − Dₒ / Dₑ, observed over expected disagreement. The interval is bootstrapped over items.
  /// NaN where nobody ever used a second value, since then there is nothing to tell apart.
  public func krippendorffAlpha(
    _ measurement: Measurement = .nominal,
    bootstrap: Bootstrap = Bootstrap(resamples: 1_000, method: .percentile)
  ) -> Estimate {
    let categories = categories
    let places = Dictionary(uniqueKeysWithValues: categories.enumerated().map { ($1, $0) })
    let units = comparableRows.map { row in row.compactMap { places[$0] } }
    guard !units.isEmpty, categories.count > 1 else { return Self.undefined(units.count) }
    return bootstrap.estimate(of: units) {
      Self.alpha($0, categories: categories, measurement: measurement)
    }
  }

  private static func alpha(
    _ units: [[Int]], categories: [Double], measurement: Measurement
  ) -> Double {
    let q = categories.count
    // How often values c and k meet within an item, each item weighing as many as its judgements.
    var coincidences = [Double](repeating: 0, count: q * q)
    for unit in units {
      let weight = 1 / Double(unit.count - 1)
      for (i, c) in unit.enumerated() {
        for (j, k) in unit.enumerated() where i != j { coincidences[c * q + k] += weight }
      }
    }
    let totals = (0..<q).map { c in coincidences[(c * q)..<((c + 1) * q)].reduce(0, +) }
    let n = totals.reduce(0, +)
    var cumulative = [0.0]
    for total in totals { cumulative.append((cumulative.last ?? 0) + total) }
    var (observed, expected) = (0.0, 0.0)
    for c in 0..<q {
      for k in (c + 1)..<max(q, c + 1) {
        let distance =
          switch measurement {
          case .nominal: 1.0
          case .interval: categories[k] - categories[c]
          // All values from c to k, those at the ends counting half.
          case .ordinal: cumulative[k + 1] - cumulative[c] - (totals[c] + totals[k]) / 2
          }
        observed += 2 * coincidences[c * q + k] * distance * distance
        expected += 2 * totals[c] * totals[k] * distance * distance
      }
    }
    return expected > 0 ? 1 - (n - 1) * observed / expected : .nan
  }
}
