/// Samples judging each other: a candidate's score is the share of its task's votes that its answer has.
///
/// Self-consistency (Wang 2022) where all votes weigh the same; with a judge for their weights, the weighted vote of
/// verified samples (Cobbe 2021, section 4.2; Uesato 2022). A task's samples have to be judged in one batch.
public struct MajorityVote: Judge {
  private let pattern: AnswerPattern
  private let weights: (any Judge)?

  /// A vote on the answers that a pattern finds.
  ///
  /// - Parameter weights: gives each vote its weight, none of them negative; 1 each unless given.
  public init(pattern: AnswerPattern, weights: (any Judge)? = nil) {
    self.pattern = pattern
    self.weights = weights
  }

  /// The vote, and what weighs it.
  public var name: String { "majority vote" + (weights.map { " weighted by \($0.name)" } ?? "") }
  /// The weighing judge's.
  public var version: String? { weights?.version }

  private struct Answer: Hashable {
    var task: Int
    var text: String
  }

  /// Shares of the votes; 0 for a candidate without an answer, whose vote nobody gets.
  public func scores(of candidates: [Candidate]) throws -> [Double] {
    let weight = try weights?.scores(of: candidates) ?? candidates.map { _ in 1 }
    let answers = candidates.map { candidate in
      pattern.answer(in: candidate.text).map { Answer(task: candidate.task, text: $0) }
    }
    var votes: [Answer: Double] = [:]
    var all: [Int: Double] = [:]
    for (answer, weight) in zip(answers, weight) {
      guard let answer else { continue }
      votes[answer, default: 0] += weight
      all[answer.task, default: 0] += weight
    }
    return answers.map { answer in
      guard let answer, let total = all[answer.task], total > 0 else { return 0 }
      return (votes[answer] ?? 0) / total
    }
  }
}
