public import Tokenization

/// A reward model as a judge: its score at the end of the text.
public struct RewardJudge: Judge {
  /// Its name in records.
  public let name: String
  /// Which state of it.
  public let version: String?
  private let model: ScalarModel
  private let endOfText: Int?
  private let own: (tokenizer: Tokenizer, prompts: [[Int]])?

  /// A judge that reads the tokens as they were drawn.
  ///
  /// - Parameter endOfText: closes completions that ended in another way.
  public init(_ model: ScalarModel, endOfText: Int?, name: String = "reward model", version: String? = nil) {
    self.model = model
    self.endOfText = endOfText
    self.name = name
    self.version = version
    own = nil
  }

  /// A judge that reads texts with a tokenizer of its own, for completions of models that have another.
  ///
  /// - Parameter prompts: each task's prompt in that tokenizer's tokens.
  public init(
    _ model: ScalarModel, tokenizer: Tokenizer, prompts: [[Int]], endOfText: Int?, name: String = "reward model",
    version: String? = nil
  ) {
    self.model = model
    self.endOfText = endOfText
    self.name = name
    self.version = version
    own = (tokenizer, prompts)
  }

  /// The reward model's scores, read at the closing end of the text.
  public func scores(of candidates: [Candidate]) -> [Double] {
    model.scores(
      of: candidates.map { candidate in
        guard let own else { return (candidate.prompt, ScalarModel.closed(candidate.completion, by: endOfText)) }
        return (own.prompts[candidate.task], ScalarModel.closed(own.tokenizer.encode(candidate.text), by: endOfText))
      }
    ).map(Double.init)
  }
}
