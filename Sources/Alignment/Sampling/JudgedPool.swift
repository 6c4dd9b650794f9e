import Statistics

/// One task's candidates with a judge's scores.
public struct JudgedPool: Sendable, Equatable {
  /// The candidates, as they were drawn.
  public let candidates: [Candidate]
  /// The judge's score of each.
  public let scores: [Double]
  /// The candidates' places, the best first; of equal ones the earlier.
  public let order: [Int]

  /// Ranks candidates by their scores.
  public init(_ candidates: [Candidate], scores: [Double]) {
    precondition(candidates.count == scores.count, "\(scores.count) scores for \(candidates.count) candidates")
    self.candidates = candidates
    self.scores = scores
    order = candidates.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }
  }

  /// The best candidate; nil of an empty pool.
  public var best: Candidate? { order.first.map { candidates[$0] } }

  /// The `count` best, the best first.
  public func top(_ count: Int) -> [Candidate] { order.prefix(count).map { candidates[$0] } }

  /// The mean worth of the best of n candidates over all subsets of n, without bias.
  ///
  /// - Parameter gold: another judge's scores of the same candidates; the chooser's own unless given.
  public func expectedScore(ofBest n: Int, gold: [Double]? = nil) -> Double {
    RepeatedSampling.expectedScore(proxy: scores, gold: gold ?? scores, n: n)
  }

  /// The chance that one of k candidates has a score above `threshold`: pass@k where scores are 1 and 0.
  public func passRate(at k: Int, above threshold: Double = 0.5) -> Double {
    RepeatedSampling.passRate(samples: scores.count, correct: scores.count { $0 > threshold }, k: k)
  }
}
