/// Scores a summary of a simulated post by what it says, with the post's facts in hand.
///
///     coverage     = Σ weight of facts stated / Σ weight of facts        (7 in all)
///     faithfulness = 0.5 ^ unsupported
///     brevity      = clamp((42 − words − 4 · repetitions) / 24, 0, 1)
///     total        = coverage · faithfulness · brevity
///
/// A fact is covered where its value stands in a phrase that states it: a place after "at the", a
/// day after "on", a wish after "wants"; a list of keywords covers next to nothing. Unsupported is
/// every distinct value of the world that isn't the post's own (values from the post's asides are no
/// better than invented ones: in one line they read as part of the matter), every number but the
/// price, every unknown name and every denial. Stating a value again counts as four words.
///
/// The product makes the usual tricks lose: silence covers nothing, listing everything is halved
/// at each wrong value and runs out of words, repetition costs words and covers nothing new. The
/// judge reads any string, and the same one always the same way. It isn't a judge of English: word
/// order within a sentence is beyond it.
public struct GoldJudge: Sendable, Hashable {
  /// Up to how many words a summary is as brief as it can be.
  public static let freeWords = 18
  /// From how many words on a summary is worth nothing.
  public static let wordLimit = 42
  /// The words that stating a value once more counts for.
  public static let wordsPerRepetition = 4

  /// Makes the judge; it has no settings.
  public init() {}

  /// The verdict on a text as a summary of a post.
  public func score(summary: String, post: Post) -> GoldScore {
    score(summary: summary, facts: post.facts)
  }

  /// The verdict on a text as a summary of a post with these facts.
  public func score(summary: String, facts: PostFacts) -> GoldScore {
    let reading = SummaryClaims(reading: summary)
    var covered: Set<FactKind> = []
    var wrong: Set<[String]> = []
    var seen: Set<[String]> = []
    var repetitions = 0
    for claim in reading.claims {
      let key = [claim.kind.rawValue, claim.value]
      if !seen.insert(key).inserted { repetitions += 1 }
      if claim.value != facts[claim.kind] {
        wrong.insert(key)
      } else if claim.isStated {
        covered.insert(claim.kind)
      }
    }
    let wrongNumbers = Set(reading.numbers).subtracting(["\(facts.price)"]).count
    let unsupported = wrong.count + wrongNumbers + reading.unknownNames + reading.negations
    let length = reading.wordCount + Self.wordsPerRepetition * repetitions
    let span = Double(Self.wordLimit - Self.freeWords)
    let weight = { (kinds: [FactKind]) in kinds.reduce(0.0) { $0 + $1.weight } }
    return GoldScore(
      coverage: weight(covered.sorted()) / weight(FactKind.allCases),
      faithfulness: Double(sign: .plus, exponent: -unsupported, significand: 1),
      brevity: min(1, max(0, Double(Self.wordLimit - length) / span)))
  }
}
