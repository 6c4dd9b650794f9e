/// One question to a model.
public enum ModelRequest: Sendable, Hashable {
  /// The log-likelihood of a continuation after a context.
  case logLikelihood(context: String, continuation: String)
  /// The log-likelihood of a whole text, in windows of the model's context.
  case rolling(String)
  /// Text that goes on from a context.
  case generation(context: String, GenerationSettings, sample: Int)

  /// The text that the model reads before its answer.
  public var context: String {
    switch self {
    case .logLikelihood(let context, _), .generation(let context, _, _): context
    case .rolling: ""
    }
  }
}

/// A model's answer to a ``ModelRequest``.
public enum ModelResponse: Sendable, Equatable {
  /// A log-likelihood in nats, whether greedy decoding would have given the continuation, and its number of tokens.
  case score(Double, isGreedy: Bool, tokens: Int)
  /// Text.
  case text(String)

  /// The log-likelihood, if it is one.
  public var logLikelihood: Double? { if case .score(let value, _, _) = self { value } else { nil } }
  /// The text, if it is one.
  public var text: String? { if case .text(let text) = self { text } else { nil } }
}
