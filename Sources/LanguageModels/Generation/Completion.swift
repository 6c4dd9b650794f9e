/// A token and what the model thought of it.
public struct TokenScore: Sendable, Equatable, Codable {
  /// The token.
  public var id: Int
  /// ln p under the model at temperature 1, before any penalty, bias or constraint.
  public var logProbability: Float

  /// A token with its log-probability.
  public init(id: Int, logProbability: Float) {
    self.id = id
    self.logProbability = logProbability
  }

  enum CodingKeys: String, CodingKey {
    case id
    case logProbability = "logprob"
  }
}

/// A token with the most probable tokens of its place.
public struct ScoredToken: Sendable, Equatable {
  /// The token; the first token of a prompt has no log-probability, which reads as NaN.
  public var score: TokenScore
  /// The most probable tokens of its place, likeliest first, if they were asked for.
  public var alternatives: [TokenScore]
}

/// A text that the engine drew for a prompt, and how it ended.
public struct Completion: Sendable, Equatable, Codable {
  /// A reason to end, in OpenAI's words.
  public enum FinishReason: String, Sendable, Codable {
    /// The end-of-text token, a stop token, a stop text, or the end of what the constraint allows.
    case stop
    /// `maxTokens`, the model's context, or a constraint that no token can go on with.
    case length
  }
  /// The text, without the token or text that ended it.
  public var text: String
  /// The tokens, the ending one included.
  public var ids: [Int]
  /// ln p of each token under the model at temperature 1.
  public var logProbabilities: [Float]
  /// The reason for its end.
  public var finishReason: FinishReason
  /// The most probable tokens of each place, where they were asked for.
  public var alternatives: [[TokenScore]]?

  enum CodingKeys: String, CodingKey {
    case text, ids, alternatives
    case logProbabilities = "logprobs"
    case finishReason = "finish_reason"
  }
}

/// Something that happened to a request in one step of the scheduler.
public struct GenerationEvent: Sendable {
  /// A kind of event.
  public enum Kind: Sendable {
    /// The prompt has been read: how many of its tokens were in the cache already, and its scores if asked for.
    case promptRead(cachedTokens: Int, scores: [ScoredToken])
    /// A token came, and this text is certain now (text that may yet turn out to be a stop text is held back).
    case token(ScoredToken, text: String)
    /// The completion is whole; `text` is what had been held back.
    case finished(Completion, text: String)
    /// It can't be gone on with.
    case failed(GenerationError)
  }
  /// The number that ``GenerationScheduler/submit(_:)`` gave.
  public var request: Int
  /// Which of the request's samples.
  public var sample: Int
  /// The kind of event.
  public var kind: Kind

  /// An event.
  public init(request: Int, sample: Int, kind: Kind) {
    self.request = request
    self.sample = sample
    self.kind = kind
  }
}
