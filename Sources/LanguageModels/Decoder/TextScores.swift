public import Tokenization
import Torch

/// A text's tokens with the log-probability of each under a model.
public struct TextScores: Sendable {
  /// The tokens' ids.
  public var ids: [Int]
  /// The tokens as text.
  public var tokens: [String]
  /// ln p of each token given those before it; nil for the first, before which nothing could predict it.
  public var logProbabilities: [Float?]

  /// Scores a text in one pass.
  ///
  /// - Throws: ``ConfigurationError`` for more tokens than the model's context holds.
  public init(of text: String, under model: Decoder, tokenizer: Tokenizer) throws {
    ids = tokenizer.encode(text)
    let packed = PackedTokens([ids])
    try model.check(packed)
    let values: [Float] = ids.isEmpty ? [] : withoutGradients { model.logProbabilities(packed).array() }
    tokens = ids.map { tokenizer.decode([$0], skipSpecialTokens: false) }
    logProbabilities = values.indices.map { $0 == 0 ? nil : values[$0] }
  }
}
