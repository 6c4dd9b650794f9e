/// Samples judging each other: a candidate's score is the share of its task's votes that its answer has.
///
/// Self-consistency (Wang 2022) where all votes weigh the same; with a judge for their weights, the weighted vote of
/// verified samples (Uesato 2022), or the vote of the few that the judge likes best (Cobbe 2021, section 4.2). A task's samples have
/// to be judged in one batch.
public struct MajorityVote: Judge {
  private let finder: any AnswerFinder
  private let weights: (any Judge)?
  private let voters: Int?

  /// A vote on the answers that are found in the samples.
  ///
  /// - Parameters:
  ///   - weights: gives each vote its weight, none of them negative; 1 each unless given.
  ///   - voters: of each task only so many vote, those with the highest weights, and their votes weigh the same.
  public init(finder: any AnswerFinder, weights: (any Judge)? = nil, voters: Int? = nil) {
    precondition(voters ?? 1 > 0, "nobody votes")
    self.finder = finder
    self.weights = weights
    self.voters = voters
  }

  /// The vote, and what weighs it.
  public var name: String {
    guard let weights else { return "majority vote" }
    return voters.map { "majority vote of the \($0) best by \(weights.name)" }
      ?? "majority vote weighted by \(weights.name)"
  }
  /// The weighing judge's.
  public var version: String? { weights?.version }

  /// Shares of the votes; 0 for a candidate without an answer, whose vote nobody gets.
  public func scores(of candidates: [Candidate]) throws -> [Double] {
    let weight = try weights?.scores(of: candidates) ?? candidates.map { _ in 1 }
    let answers = candidates.map { finder.answer(in: $0.text) }
    var shares = [Double](repeating: 0, count: candidates.count)
    for own in Dictionary(grouping: candidates.indices, by: { candidates[$0].task }).values {
      let found = Self.shares(own.map { answers[$0] }, weights: own.map { weight[$0] }, voters: voters)
      for (place, share) in zip(own, found) { shares[place] = share }
    }
    return shares
  }

  /// The share of the votes that each one's answer has among the answers to one task.
  ///
  /// - Parameters:
  ///   - answers: nil for a sample without one, whose vote nobody gets.
  ///   - voters: only so many vote, those with the highest weights (of equal ones the earlier), and their votes weigh the same.
  public static func shares<Answer: Hashable>(
    _ answers: [Answer?], weights: [Double], voters: Int? = nil
  ) -> [Double] {
    precondition(answers.count == weights.count, "\(weights.count) weights for \(answers.count) answers")
    var weights = weights
    if let voters {
      let ranked = weights.indices.sorted { (weights[$1], $0) < (weights[$0], $1) }
      for (rank, place) in ranked.enumerated() { weights[place] = rank < voters ? 1 : 0 }
    }
    var votes: [Answer: Double] = [:]
    for (answer, weight) in zip(answers, weights) { if let answer { votes[answer, default: 0] += weight } }
    let total = votes.values.reduce(0, +)
    return answers.map { answer in total > 0 ? (answer.flatMap { votes[$0] } ?? 0) / total : 0 }
  }
}
