public import Alignment
public import Statistics

/// A kind of data that models of all sizes learn, as sequences of tokens of one length, without end.
///
/// Everything is generated here or read from what the machine has; what is drawn follows from the generator given, so that every run
/// of a sweep sees the same data in the same order, and all are measured on the same held-out sequences.
///
/// ```swift
/// let domain = try ScalingDomains.named("image-8")
/// var random = SeededGenerator(seed: 1)
/// let sequence = domain.sequence(.training, &random)        // tokens and targets, `domain.context` of each
/// ```
public protocol ScalingDomain: Sendable {
  /// The name by which commands know it.
  var name: String { get }
  /// One line for lists.
  var title: String { get }
  /// Token 0 begins every sequence.
  var vocabularySize: Int { get }
  /// Tokens of a sequence.
  var context: Int { get }
  /// The proportions of a model that suit it.
  var proportions: ModelProportions { get }
  /// The name among ``PublishedLaw/all`` of the domain of the paper that this one stands for.
  var published: String? { get }
  /// What is measured besides the loss on held-out sequences.
  var furtherParts: [DomainPart] { get }
  /// Draws a sequence.
  func sequence(_ part: DomainPart, _ random: inout SeededGenerator) -> TargetedTokens
  /// ln p of a sequence's targets under the source itself, for those whose entropy is known; nil for others.
  func logProbability(of sequence: TargetedTokens) -> Double?
}

/// What a domain's sequences are drawn for.
public enum DomainPart: String, Sendable, Codable, CaseIterable {
  /// To be learnt from.
  case training
  /// Held out, and as what is learnt from.
  case heldOut = "eval"
  /// Held out, and harder than anything that is learnt from.
  case extrapolation
  /// Held out, and only what comes second is measured, with what comes first.
  case conditional
  /// The same with a blank in the place of what comes first.
  case blank
  /// To be learnt from before those two are measured: half with blanks, half without.
  case tuning

  /// The metric of the loss on it.
  public var metric: String { "\(rawValue)_loss" }
}

extension ScalingDomain {
  /// Nothing.
  public var furtherParts: [DomainPart] { [] }
  /// Unknown.
  public func logProbability(of sequence: TargetedTokens) -> Double? { nil }

  /// The first sequences of a part, the same for every run.
  public func sequences(_ part: DomainPart, count: Int) -> [TargetedTokens] {
    (0..<count).map { index in
      var random = SeededGenerator(seed: DerivedSeed(run: 0, for: "\(name) \(part.rawValue)", index: index).value)
      return sequence(part, &random)
    }
  }

  /// The sequences on which a run's loss is measured: some 16,000 tokens, 32 sequences at least.
  public func heldOut(_ part: DomainPart = .heldOut) -> [TargetedTokens] {
    sequences(part, count: max(32, 16_384 / context))
  }

  /// The least loss that a model can have on those sequences, in nats a target: that of the source itself.
  public func sourceLoss(_ part: DomainPart = .heldOut) -> Double? {
    let sequences = heldOut(part)
    let values = sequences.compactMap(logProbability)
    let targets = sequences.reduce(0) { $0 + $1.targets.count { $0 >= 0 } }
    return values.count == sequences.count ? -values.reduce(0, +) / Double(targets) : nil
  }
}

/// The proportions of a decoder's parts.
public struct ModelProportions: Sendable, Equatable, Codable {
  /// d_model / n_layer.
  public var aspect: Double
  /// The width of the feed-forward part over d_model.
  public var feedForward: Double
  /// The width of all heads together over d_model.
  public var attention: Double

  /// Makes proportions.
  public init(aspect: Double, feedForward: Double, attention: Double) {
    (self.aspect, self.feedForward, self.attention) = (aspect, feedForward, attention)
  }

  /// Those for language, and for text with images (Henighan et al., 2020, section 2.2).
  public static let language = ModelProportions(aspect: 100, feedForward: 4, attention: 1)
  /// Those for images, video and mathematics: feed-forward as wide as the model, attention a quarter of it.
  public static let image = ModelProportions(aspect: 10, feedForward: 1, attention: 0.25)

  /// The parameters of a layer over d_model²: 2·feed-forward + 4·attention, 12 for language.
  public var parametersPerLayer: Double { 2 * feedForward + 4 * attention }
}

/// Tokens behind the one that begins a sequence.
extension TargetedTokens {
  /// A sequence of which everything is learnt.
  init(following tokens: [Int]) { self.init(tokens: [0] + tokens.dropLast(), targets: tokens) }
}
