import Alignment
import Documents
import Evaluation
import Tokenization

/// How a model's texts are counted, and how much it reads at once.
enum ModelMeasure {
  /// The counter of tokens and the context of a model that was opened under a name.
  static func of(
    _ opened: any EvaluatedModel, named name: String, _ asking: EvaluatedModels.Settings
  ) throws -> (count: (String) -> Int, context: Int) {
    guard let place = isServer(name) ? asking.tokenizer : name else { return ({ estimate($0) }, asking.maxLength) }
    let tokenizer = try ModelFolder.loadTokenizer(place)
    return (
      { tokenizer.encode($0, addSpecialTokens: false).count }, opened.facts["max_length"]?.int ?? asking.maxLength
    )
  }

  /// Whether a name is a server's address.
  static func isServer(_ name: String) -> Bool { name.hasPrefix("http://") || name.hasPrefix("https://") }

  /// Tokens of a text for a model whose tokenizer isn't at hand: on the high side for English, a token a sign for scripts without spaces.
  static func estimate(_ text: String) -> Int {
    let scalars = text.unicodeScalars.reduce(into: (plain: 0, other: 0)) {
      if $1.isASCII { $0.plain += 1 } else { $0.other += 1 }
    }
    return (scalars.plain * 2 + 6) / 7 + scalars.other
  }
}
