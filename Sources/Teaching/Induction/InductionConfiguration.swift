public import Expressions

/// Settings of the induction of an expression from examples.
public struct InductionConfiguration: Sendable, Hashable {
  /// An assumption about how the positive examples came about.
  public enum Sampling: Sendable, Hashable {
    /// Drawn from the language: narrower languages that still hold the examples are likelier, in
    /// proportion to how likely they generate them (the size principle).
    case strong
    /// Picked by other means and then labelled: only the labels count.
    case weak
  }

  /// The prior over expressions.
  public var prior = DescriptionLength()
  /// Strong or weak sampling of the positive examples.
  public var sampling = Sampling.strong
  /// The exponent of a positive example's likelihood under strong sampling: 1 is the size principle in full, less
  /// discounts examples that a person picked rather than drew.
  ///
  /// One half did best in the regex study, on random examples as well as on people's.
  public var sizePrinciple = 0.5
  /// The classes of characters that people fill an open part (`.*`, `.{5}`) with: one throughout the part, each equally
  /// likely.
  ///
  /// Empty, and every character is typed by itself.
  public var openPartKinds: [CharacterClass] = [
    .lower, .digit, .upper, .letter, .lowerAlphanumeric, .alphanumeric,
    CharacterClass.lower.union(CharacterClass(of: " ")), CharacterClass.letter.union(CharacterClass(of: " ")),
  ]
  /// The probability that an example carries the wrong label.
  ///
  /// The default is as good as none: labels are kept (``keepsLabels``).
  public var noise = 1e-12

  /// Whether what is learned agrees with every label, those of strings with both labels apart: unless there is noise.
  public var keepsLabels: Bool { noise < 1e-9 }

  /// The number of expressions to score at first.
  public var evaluations = 9_000
  /// A bound on all work of the first ``evaluations``' default number, in steps of the automaton, so that long strings end
  /// in bounded time; more evaluations get as much more.
  public var workLimit = 100_000_000
  /// The seed of everything random.
  public var seed: UInt64 = 0

  /// The default settings.
  public init() {}

  /// Settings for examples that people wrote: one label in a hundred is wrong, and the size principle holds less than
  /// for examples drawn at random.
  ///
  /// Both this and ``openPartKinds`` were set on the eight perturbed rules of the published study, not on its four
  /// base rules.
  public static let written: InductionConfiguration = {
    var configuration = InductionConfiguration()
    configuration.noise = 0.01
    configuration.sizePrinciple = 0.25
    return configuration
  }()
}
