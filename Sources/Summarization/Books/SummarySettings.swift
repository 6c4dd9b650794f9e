public import Settings

/// What decides about a summary besides the book and the model.
public struct SummarySettings: DeclaredSettings, Equatable {
  /// Tokens of a passage.
  @Setting("leaf_tokens", .count(from: 16), "tokens", "Tokens of a passage, about.")
  public var leafTokens = 600
  /// Tokens of children's summaries that a node reads.
  @Setting("node_tokens", .count(from: 64), "tokens", "Tokens of summaries that one summary is made of, at most.")
  public var nodeTokens = 1200
  /// The most tokens of a passage's summary; each height above may have half as many more.
  @Setting(
    "leaf_cap", .count(from: 8), "tokens", "The most tokens of a passage's summary; caps rise by half with each height."
  )
  public var leafCap = 128
  /// The most tokens that any summary may have.
  @Setting("cap", .count(from: 8), "tokens", "The most tokens of any summary.")
  public var cap = 384
  /// Tokens of the summaries before a node's, of the same height, that it sees.
  @Setting(
    "previous_context", .count(from: 0), "tokens",
    "Tokens of earlier summaries beside its own text that a summary is written with; 0 for none.")
  public var previousContext = 256
  /// The words of the whole book's summary; nil for what its cap allows.
  @Setting("length", .ifGiven(.count()), "words", "Words of the whole summary, about.")
  public var length: Int? = nil
  /// What it should pay attention to.
  @Setting("focus", .any, "text", "What the summary should pay attention to.")
  public var focus: String? = nil
  /// The language to write in.
  @Setting("language", .any, "language", "The language to write in; the book's unless given.")
  public var language: String? = nil
  /// Divides the logits; 0 takes the most probable token.
  @Setting("temperature", .atLeast(0), "value", "Sampling temperature; 0 takes the most probable token.")
  public var temperature = 0.0
  /// Makes words that were there before less likely, which small models need against going in circles.
  @Setting("repetition_penalty", .above(0), "factor", "Makes tokens that were there before less likely; 1 leaves them.")
  public var repetitionPenalty = 1.1

  /// The defaults.
  public init() {}

  /// The most tokens of a summary of a height.
  public func cap(height: Int) -> Int {
    var made = leafCap
    for _ in 0..<max(0, height) { made += made / 2 }
    return min(made, max(cap, leafCap))
  }

  /// The most children of a node of a height.
  public func fanIn(height: Int) -> Int { max(2, nodeTokens / cap(height: height - 1)) }
}
