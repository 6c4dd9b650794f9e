public import Feedback
public import Tokenization

extension RankedCompletions {
  /// A stored ranking as tokens: all pairs, equal ranks as ties.
  ///
  /// - Parameter endOfText: closes each completion; the reward model reads its score there.
  /// - Returns: nil for a conversation, which needs a chat template first.
  public init?(_ ranking: Ranking, tokenizer: Tokenizer, endOfText: Int) {
    guard let prompt = ranking.prompt.plainText else { return nil }
    self.init(
      prompt: tokenizer.encode(prompt),
      completions: ranking.responses.map { tokenizer.encode($0.text) + [endOfText] },
      ranks: ranking.ranks)
  }

  /// A stored comparison as tokens: one pair, a tie with label ½.
  ///
  /// - Returns: nil for a conversation, which needs a chat template first.
  public init?(_ comparison: Comparison, tokenizer: Tokenizer, endOfText: Int) {
    guard let prompt = comparison.prompt.plainText else { return nil }
    self.init(
      prompt: tokenizer.encode(prompt),
      completions: [comparison.first, comparison.second].map { tokenizer.encode($0.text) + [endOfText] },
      pairs: [Pair(0, over: 1, probability: comparison.label)])
  }
}
