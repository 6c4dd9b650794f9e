public import Feedback

extension RankedCompletions {
  /// A stored ranking as tokens: all pairs, equal ranks as ties.
  public init(_ ranking: Ranking, _ encoder: DialogueEncoder) throws {
    try self.init(ranking.prompt, ranking.responses, encoder)
    pairs = RankedCompletions(prompt: [], completions: completions, ranks: ranking.ranks).pairs
  }

  /// A stored comparison as tokens: one pair, a tie with label ½.
  public init(_ comparison: Comparison, _ encoder: DialogueEncoder) throws {
    try self.init(comparison.prompt, [comparison.first, comparison.second], encoder)
    pairs = [Pair(0, over: 1, probability: comparison.label)]
  }

  /// Responses to one prompt, not judged yet.
  ///
  /// Where a token reaches over the prompt's end the answers may part earlier than the texts do; then what they share is the prompt.
  package init(_ prompt: Prompt, _ responses: [Response], _ encoder: DialogueEncoder) throws {
    let answers = try responses.map { try encoder.answer(to: prompt, $0) }
    let shared = answers.dropFirst().reduce(answers[0].prompt) { a, b in
      zip(a, b.prompt).prefix { $0 == $1 }.map(\.0)
    }
    let isWhole = answers.allSatisfy { $0.isSpoken.allSatisfy { $0 } && $0.prompt.count == shared.count }
    self.init(
      prompt: shared,
      completions: answers.map { Array($0.prompt.dropFirst(shared.count)) + $0.completion },
      isSpoken: isWhole
        ? nil : answers.map { $0.prompt.dropFirst(shared.count).map { _ in false } + $0.isSpoken },
      pairs: [])
  }
}
