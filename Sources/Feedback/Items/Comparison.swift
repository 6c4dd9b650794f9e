/// Somebody said which of two responses is better.
///
/// ```swift
/// let comparison = Comparison(
///   prompt: "Why is the sky blue?", first: Response(a, policy: sft), second: Response(b, policy: ppo),
///   preferred: .second, strength: 0.5, shownFirst: .second,
///   provenance: Provenance(labeller: "ana", date: .now, seconds: 41))
/// ```
public struct Comparison: Sendable, Codable, Equatable, Identifiable {
  /// One of the two responses.
  public enum Side: String, Sendable, Codable, CaseIterable {
    /// The response `first`.
    case first
    /// The response `second`.
    case second

    /// The other one.
    public var other: Side { self == .first ? .second : .first }
  }

  /// Unique in a store.
  public var id: String
  /// The prompt of both responses.
  public var prompt: Prompt
  /// One response.
  public var first: Response
  /// The other.
  public var second: Response
  /// The better one; nil says that they are equally good.
  public var preferred: Side?
  /// The strength of the preference, above 0 (hardly) to 1 (as much as the scale allows); nil where no
  /// grade was asked for, and in a tie.
  public var strength: Double?
  /// The probability that `first` is the better one, where the source gives one rather than a choice.
  public var probability: Double?
  /// The labeller's certainty, on a scale of their own.
  public var confidence: Double?
  /// Which side the labeller saw first (above or left); nil where that is not known.
  public var shownFirst: Side?
  /// The labeller, the date and the time taken.
  public var provenance: Provenance

  /// Records a comparison.
  public init(
    id: String = newIdentifier(), prompt: Prompt, first: Response, second: Response,
    preferred: Side?, strength: Double? = nil, probability: Double? = nil, confidence: Double? = nil,
    shownFirst: Side? = nil, provenance: Provenance
  ) {
    self.id = id
    self.prompt = prompt
    self.first = first
    self.second = second
    self.preferred = preferred
    self.strength = strength
    self.probability = probability
    self.confidence = confidence
    self.shownFirst = shownFirst
    self.provenance = provenance
  }

  /// Whether the sides were judged equal.
  public var isTie: Bool { preferred == nil }

  /// The target for "first is better" as a probability: the source's, else 1, 0, or ½ for a tie.
  public var label: Double {
    if let probability { return probability }
    return switch preferred {
    case .first: 1
    case .second: 0
    case nil: 0.5
    }
  }

  /// The better and the worse response; nil for a tie.
  public var chosenAndRejected: (chosen: Response, rejected: Response)? {
    preferred.map { ($0 == .first ? first : second, $0 == .first ? second : first) }
  }

  /// The same judgement with the sides named the other way round.
  public var swapped: Comparison {
    var other = self
    (other.first, other.second) = (second, first)
    other.preferred = preferred?.other
    other.probability = probability.map { 1 - $0 }
    other.shownFirst = shownFirst?.other
    return other
  }
}
