/// The share of items on which one system is preferred to another, ties counting half.
///
/// ```swift
/// var rate = WinRate()
/// for post in posts { rate.add(judge(tuned(post)), judge(baseline(post))) }
/// print(rate.estimate.percentage, "p =", rate.pValue)
/// ```
public struct WinRate: Sendable, Codable, Equatable {
  /// The items on which the first side was better.
  public var wins: Int
  /// The items on which neither side was better.
  public var ties: Int
  /// The items on which the second side was better.
  public var losses: Int

  /// Starts from counts, by default from none.
  public init(wins: Int = 0, ties: Int = 0, losses: Int = 0) {
    self.wins = wins
    self.ties = ties
    self.losses = losses
  }

  /// Counts pairs of scores; differences of at most `tolerance` are ties.
  public init(first: [Double], second: [Double], tolerance: Double = 0) {
    precondition(first.count == second.count, "paired scores differ in length")
    self.init()
    for (a, b) in zip(first, second) { add(a, b, tolerance: tolerance) }
  }

  /// Counts one pair of scores of the same item.
  public mutating func add(_ first: Double, _ second: Double, tolerance: Double = 0) {
    precondition(!first.isNaN && !second.isNaN, "a judge's score is not a number")
    if (first - second).magnitude <= tolerance || first == second {
      ties += 1
    } else if first > second {
      wins += 1
    } else {
      losses += 1
    }
  }

  /// The number of pairs.
  public var n: Int { wins + ties + losses }

  /// (wins + ties/2) / n with Wilson's 95% interval.
  public var estimate: Estimate {
    Estimate.wilson(successes: Double(wins) + Double(ties) / 2, n: n)
  }

  /// The rate over items with several samples of each system: the mean over items of the share of all pairs that the first
  /// one wins.
  ///
  /// More samples lower the error without more items; the interval is over items, whose pairs go together.
  public static func estimate(of first: [[Double]], over second: [[Double]]) -> Estimate {
    precondition(first.count == second.count, "paired scores differ in length")
    return Bootstrap(seed: 1).mean(
      zip(first, second).map { first, second in
        var rate = WinRate()
        for a in first { for b in second { rate.add(a, b) } }
        return (Double(rate.wins) + Double(rate.ties) / 2) / Double(rate.n)
      })
  }

  /// The exact two-sided sign test of "neither is better".
  public var pValue: Double { PairedTest.sign(wins: wins, losses: losses) }
}
