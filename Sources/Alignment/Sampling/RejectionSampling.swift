import Foundation
import Statistics

/// Rejection sampling: of what was drawn, keeps what a judge accepts, as examples to learn from.
///
/// By a threshold it makes demonstrations of a model's own right answers (STaR, Zelikman 2022; rejection-sampling
/// fine-tuning, Yuan 2023). By exp((score − max)/β) what is kept is distributed as the policy that maximises score − β·KL
/// (statistical rejection sampling, Liu 2024, algorithm 1), as far as the pool is large enough.
public struct RejectionSampling: Sendable, Equatable {
  /// A rule of acceptance.
  public enum Rule: Sendable, Equatable {
    /// Scores of at least this.
    case atLeast(Double)
    /// Each with probability exp((score − the pool's highest)/β).
    case tilted(beta: Double)
  }
  /// The rule of acceptance.
  public var rule: Rule
  /// The most that is kept of one task; nil keeps all that is accepted.
  public var most: Int?
  /// Whether a text is kept only once for each task.
  public var dropsRepeats: Bool
  /// Decides what is accepted by chance.
  public var seed: UInt64

  /// Keeps by a rule.
  public init(_ rule: Rule, most: Int? = nil, dropsRepeats: Bool = true, seed: UInt64 = 0) {
    if case .tilted(let beta) = rule { precondition(beta > 0, "β is \(beta)") }
    self.rule = rule
    self.most = most
    self.dropsRepeats = dropsRepeats
    self.seed = seed
  }

  /// The accepted candidates of each pool, in the order in which they were drawn.
  public func kept(_ pools: [JudgedPool]) -> [[Candidate]] {
    var random = SeededGenerator(seed: seed)
    return pools.map { pool in
      let highest = pool.scores.max() ?? 0
      var seen: Set<[Int]> = []
      var kept: [Candidate] = []
      for (candidate, score) in zip(pool.candidates, pool.scores) {
        let isAccepted =
          switch rule {
          case .atLeast(let threshold): score >= threshold
          case .tilted(let beta): random.uniform() < exp((score - highest) / beta)
          }
        guard isAccepted, kept.count < most ?? .max else { continue }
        if dropsRepeats, !seen.insert(candidate.completion).inserted { continue }
        kept.append(candidate)
      }
      return kept
    }
  }
}
