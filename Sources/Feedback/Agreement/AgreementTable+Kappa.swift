public import Statistics

extension AgreementTable {
  /// The weight of disagreements between ordered categories.
  public enum Weights: String, Sendable, Codable, CaseIterable {
    /// All alike.
    case none
    /// By how many categories they are apart.
    case linear
    /// By the square of that.
    case quadratic

    func agreement(_ i: Int, _ j: Int, of count: Int) -> Double {
      guard i != j, self != .none else { return i == j ? 1 : 0 }
      let distance = Double(abs(i - j)) / Double(count - 1)
      return 1 - (self == .linear ? distance : distance * distance)
    }
  }

  /// The share of pairs of labellers that agree on an item, averaged over items.
  ///
  /// The interval is bootstrapped over items. Says nothing about chance: two labellers who always
  /// press the same button agree on everything.
  public func percentAgreement(bootstrap: Bootstrap = Bootstrap()) -> Estimate {
    bootstrap.mean(
      comparableRows.map { row in
        let pairs = Double(row.count * (row.count - 1))
        let equal = row.reduce(0.0) { sum, value in sum + Double(row.count { $0 == value } - 1) }
        return equal / pairs
      })
  }

  /// Cohen's kappa of two labellers over the items that both judged (Cohen, 1960; 1968).
  ///
  /// κ = (pₒ − pₑ) / (1 − pₑ) with weighted shares of observed and expected agreement; the interval
  /// is normal with the large-sample variance of Fleiss, Cohen and Everitt (1969). NaN where both
  /// used a single category.
  ///
  /// - Parameters:
  ///   - first: the column of one labeller.
  ///   - second: the column of the other.
  ///   - weights: how much the distance between categories counts.
  ///   - categories: the ordered categories; nil takes those that the two used.
  ///   - confidence: the share of intervals that should contain the truth.
  public func cohenKappa(
    _ first: Int = 0, _ second: Int = 1, weights: Weights = .none, categories: [Double]? = nil,
    confidence: Double = 0.95
  ) -> Estimate {
    let pairs = rows.compactMap { row -> (Double, Double)? in
      guard let a = row[first], let b = row[second] else { return nil }
      return (a, b)
    }
    let names = categories ?? Set(pairs.flatMap { [$0.0, $0.1] }).sorted()
    let q = names.count
    let n = Double(pairs.count)
    guard q > 1, n > 0 else { return Self.undefined(pairs.count) }
    var joint = [[Double]](repeating: [Double](repeating: 0, count: q), count: q)
    for (a, b) in pairs {
      guard let i = names.firstIndex(of: a), let j = names.firstIndex(of: b) else {
        preconditionFailure("a judgement is not among the categories")
      }
      joint[i][j] += 1 / n
    }
    let rowShares = joint.map { $0.reduce(0, +) }
    let columnShares = (0..<q).map { j in joint.reduce(0) { $0 + $1[j] } }
    let w = (0..<q).map { i in (0..<q).map { weights.agreement(i, $0, of: q) } }
    var (observed, expected) = (0.0, 0.0)
    for i in 0..<q {
      for j in 0..<q {
        observed += joint[i][j] * w[i][j]
        expected += rowShares[i] * columnShares[j] * w[i][j]
      }
    }
    guard expected < 1 else { return Self.undefined(pairs.count) }
    let rowMeans = (0..<q).map { i in (0..<q).reduce(0) { $0 + columnShares[$1] * w[i][$1] } }
    let columnMeans = (0..<q).map { j in (0..<q).reduce(0) { $0 + rowShares[$1] * w[$1][j] } }
    var spread = 0.0
    for i in 0..<q {
      for j in 0..<q {
        let term = w[i][j] * (1 - expected) - (rowMeans[i] + columnMeans[j]) * (1 - observed)
        spread += joint[i][j] * term * term
      }
    }
    let centre = observed * expected - 2 * expected + observed
    let chance = 1 - expected
    let variance = (spread - centre * centre) / (n * chance * chance * chance * chance)
    return Self.normal(
      (observed - expected) / chance, variance: variance, n: pairs.count, confidence: confidence)
  }

  /// Fleiss' kappa of any number of labellers, judgements missing or not (Fleiss, 1971).
  ///
  /// The interval is normal with Gwet's linearised variance over items (Gwet, 2014, chapter 5).
  public func fleissKappa(
    categories: [Double]? = nil, confidence: Double = 0.95
  ) -> Estimate {
    chanceCorrected(categories: categories, confidence: confidence) { shares, counts, raters in
      (
        shares.reduce(0) { $0 + $1 * $1 },
        zip(counts, raters).map { row, r in
          zip(row, shares).reduce(0) { $0 + $1.0 * $1.1 } / r
        }
      )
    }
  }

  /// Gwet's AC1: chance agreement taken only over items that are hard to judge (Gwet, 2008).
  ///
  /// Stays sensible where nearly all items are of one category, where kappas collapse. `categories`
  /// are all that could have been chosen, which matters where some never were.
  public func gwetAC1(categories: [Double]? = nil, confidence: Double = 0.95) -> Estimate {
    let q = Double((categories ?? self.categories).count)
    return chanceCorrected(categories: categories, confidence: confidence) {
      shares, counts, raters in
      (
        shares.reduce(0) { $0 + $1 * (1 - $1) } / (q - 1),
        zip(counts, raters).map { row, r in
          zip(row, shares).reduce(0) { $0 + $1.0 * (1 - $1.1) } / (r * (q - 1))
        }
      )
    }
  }

  /// (pₐ − pₑ) / (1 − pₑ) with the variance of its linearisation over items.
  ///
  /// `chance` gives pₑ from the categories' shares, and each item's part in it.
  private func chanceCorrected(
    categories: [Double]?, confidence: Double,
    chance: (_ shares: [Double], _ counts: [[Double]], _ raters: [Double]) -> (Double, [Double])
  ) -> Estimate {
    let names = categories ?? self.categories
    let table = counts(names).filter { $0.contains { $0 > 0 } }
    let raters = table.map { $0.reduce(0, +) }
    let comparable = raters.count { $0 >= 2 }
    guard names.count > 1, comparable > 0 else { return Self.undefined(comparable) }
    let n = Double(table.count)
    let agreement = zip(table, raters).map { row, r in
      r < 2 ? 0 : row.reduce(0) { $0 + $1 * ($1 - 1) } / (r * (r - 1))
    }
    let observed = agreement.reduce(0, +) / Double(comparable)
    let shares = names.indices.map { k in
      zip(table, raters).reduce(0) { $0 + $1.0[k] / $1.1 } / n
    }
    let (expected, parts) = chance(shares, table, raters)
    guard expected < 1 else { return Self.undefined(comparable) }
    let value = (observed - expected) / (1 - expected)
    guard table.count > 1 else {
      return Estimate(value: value, low: -1, high: 1, n: comparable)
    }
    var squares = 0.0
    for ((item, r), part) in zip(zip(agreement, raters), parts) {
      let own = n / Double(comparable) * (r < 2 ? 0 : item - expected) / (1 - expected)
      let linear = own - 2 * (1 - value) * (part - expected) / (1 - expected)
      squares += (linear - value) * (linear - value)
    }
    return Self.normal(
      value, variance: squares / (n * (n - 1)), n: comparable, confidence: confidence)
  }

  private static func normal(
    _ value: Double, variance: Double, n: Int, confidence: Double
  ) -> Estimate {
    let half =
      StandardNormal.criticalValue(confidence: confidence) * max(0, variance).squareRoot()
    return Estimate(value: value, low: max(-1, value - half), high: min(1, value + half), n: n)
  }

  static func undefined(_ n: Int) -> Estimate {
    Estimate(value: .nan, low: -1, high: 1, n: n)
  }
}
