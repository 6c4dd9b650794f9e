/// The tokens by which a decoder fills in what is missing between two texts (Bavarian 2022, section 3).
///
/// ```swift
/// guard let fill = FillInMiddle(tokenizer) else { fatalError("the model never learnt to fill in") }
/// let prompt = fill.prompt(before: "def area(r):\n    return ", after: " * r ** 2\n", tokenizer)
/// ```
public struct FillInMiddle: Sendable, Equatable {
  /// In which order a prompt has its parts; the missing one always comes last.
  public enum Order: Sendable, Equatable {
    /// Prefix, suffix, middle: each behind its own token.
    case prefixFirst
    /// Suffix, then the prefix, which the middle goes on from without a token of its own (Codestral).
    case suffixFirst
  }

  /// Stands before the text in front of the gap.
  public let prefix: Int
  /// Stands before the text behind the gap.
  public let suffix: Int
  /// Stands before what fills the gap; nil where the order needs none.
  public let middle: Int?
  /// The order of a prompt's parts.
  public let order: Order

  /// Tokens in the order prefix, suffix, middle.
  public init(prefix: Int, suffix: Int, middle: Int) {
    self.init(prefix: prefix, suffix: suffix, middle: middle, order: .prefixFirst)
  }

  /// The spellings of families that were trained so.
  private static let spellings = [
    // Qwen2.5-Coder, CodeGemma; StarCoder, Granite; SantaCoder; Code Llama; DeepSeek-Coder.
    ["<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"],
    ["<fim_prefix>", "<fim_suffix>", "<fim_middle>"],
    ["<fim-prefix>", "<fim-suffix>", "<fim-middle>"],
    ["▁<PRE>", "▁<SUF>", "▁<MID>"],
    ["<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"],
  ]

  /// The spelling that decoders trained here have.
  public static let usualSpelling = spellings[0]

  /// The tokens of a tokenizer that has them by a name that is known; nil of one that hasn't.
  public init?(_ tokenizer: Tokenizer) {
    for names in Self.spellings {
      let ids = names.compactMap { tokenizer.tokenToID($0) }
      if ids.count == names.count {
        self.init(prefix: ids[0], suffix: ids[1], middle: ids[2])
        return
      }
    }
    guard let prefix = tokenizer.tokenToID("[PREFIX]"), let suffix = tokenizer.tokenToID("[SUFFIX]") else { return nil }
    self.init(prefix: prefix, suffix: suffix, middle: nil, order: .suffixFirst)
  }

  private init(prefix: Int, suffix: Int, middle: Int?, order: Order) {
    (self.prefix, self.suffix, self.middle, self.order) = (prefix, suffix, middle, order)
  }

  /// The tokens after which a model writes what belongs between two texts.
  public func prompt(before: String, after: String, _ tokenizer: Tokenizer) -> [Int] {
    // A beginning-of-sequence token stays in front of everything.
    let bos = tokenizer.bos.flatMap { tokenizer.encode("").first == $0 ? [$0] : nil } ?? []
    let (before, after) = (
      tokenizer.encode(before, addSpecialTokens: false), tokenizer.encode(after, addSpecialTokens: false)
    )
    switch order {
    case .prefixFirst: return bos + [prefix] + before + [suffix] + after + (middle.map { [$0] } ?? [])
    case .suffixFirst: return bos + [suffix] + after + [prefix] + before
    }
  }

  /// A document to learn from, its middle moved to its end: cut at two places of its characters that are drawn at random, before it is
  /// cut into tokens, as at use, where a gap begins and ends inside words too.
  public func example(
    _ document: String, _ tokenizer: Tokenizer, using random: inout some RandomNumberGenerator
  ) -> [Int] {
    let places = [0, 1].map { _ in Int.random(in: 0...document.count, using: &random) }.sorted()
    let (start, end) = (
      document.index(document.startIndex, offsetBy: places[0]), document.index(document.startIndex, offsetBy: places[1])
    )
    return prompt(before: String(document[..<start]), after: String(document[end...]), tokenizer)
      + tokenizer.encode(String(document[start..<end]), addSpecialTokens: false)
  }
}
