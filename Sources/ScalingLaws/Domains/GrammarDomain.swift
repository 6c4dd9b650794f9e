public import Alignment
public import Statistics

/// Language whose entropy is known: documents of a ``GrammarSource`` laid end to end, a word a token.
///
/// A sequence begins where a document does and breaks off where its length is full. Where a document ends is certain, so that
/// nothing marks it.
public struct GrammarDomain: ScalingDomain {
  /// The name.
  public let name = "grammar"
  /// One line.
  public let title = "words of a probabilistic grammar, whose entropy is known"
  /// Words in a sequence.
  public let context = 64
  /// Those of language.
  public let proportions = ModelProportions.language
  /// Language.
  public let published: String? = "language"
  /// The grammar.
  public let source: GrammarSource

  /// A grammar of 300 symbols, the rarest a ten-thousandth as common as the first, whose 128 words most of them share.
  public init(seed: UInt64) {
    source = GrammarSource(symbols: 300, choices: 6, words: 128, skew: 2, seed: seed)
  }

  /// The words and what begins a sequence.
  public var vocabularySize: Int { source.words.count + 1 }

  /// Draws a sequence.
  public func sequence(_ part: DomainPart, _ random: inout SeededGenerator) -> TargetedTokens {
    var derivation = GrammarSource.Derivation()
    return TargetedTokens(following: (0..<context).map { _ in source.draw(&derivation, &random) + 1 })
  }

  /// The logarithm of a sequence's probability.
  public func logProbability(of sequence: TargetedTokens) -> Double? {
    var derivation = GrammarSource.Derivation()
    var sum = 0.0
    for token in sequence.targets {
      guard let part = source.logProbability(of: token - 1, &derivation) else { return nil }
      sum += part
    }
    return sum
  }
}
