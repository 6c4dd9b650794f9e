internal import Expressions

/// Something that learns from labelled strings to tell which strings belong.
public protocol StringLearner: Sendable {
  /// The name in tables.
  var name: String { get }
  /// Learns, and gives back the classifier.
  func learn(_ examples: InductionExamples) -> @Sendable (String) -> Bool
}

/// The Bayesian learner of this room: a string belongs when its membership probability is above
/// 1/2.
public struct BayesianLearner: StringLearner {
  /// The settings of the induction.
  public var configuration: InductionConfiguration
  /// The name in tables.
  public let name: String

  /// Makes the learner.
  public init(
    name: String = "Bayesian", configuration: InductionConfiguration = InductionConfiguration()
  ) {
    self.name = name
    self.configuration = configuration
  }

  /// Learns, and gives back the classifier.
  public func learn(_ examples: InductionExamples) -> @Sendable (String) -> Bool {
    let posterior = RegularExpressionInduction(examples, configuration: configuration).posterior
    return { posterior.membershipProbability(of: $0) > 0.5 }
  }
}

/// A baseline that accepts the positive examples and nothing else.
public struct AlternationLearner: StringLearner {
  /// The name in tables.
  public let name = "alternation"

  /// Makes the learner.
  public init() {}

  /// Learns, and gives back the classifier.
  public func learn(_ examples: InductionExamples) -> @Sendable (String) -> Bool {
    let known = Set(examples.positives)
    return { known.contains($0) }
  }
}

/// A baseline that writes each positive example as classes repeated (`[0-9]+-[a-z]+`) and takes the
/// alternation of what results; it has no use for negatives.
public struct CharacterClassLearner: StringLearner {
  /// The name in tables.
  public let name = "character classes"

  /// Makes the learner.
  public init() {}

  /// Learns, and gives back the classifier.
  public func learn(_ examples: InductionExamples) -> @Sendable (String) -> Bool {
    let branches = examples.positives.map { string -> RegularExpression in
      let runs = StringTemplate.Cut.kinds.runs(of: string.unicodeScalars.map(\.value))
      return .sequence(
        runs.map { run in
          switch run.kind {
          case 1: RegularExpression.characters(.digit).plus
          case 2: RegularExpression.characters(.lower).plus
          case 3: RegularExpression.characters(.upper).plus
          default: RegularExpression.literal(run.text)
          }
        })
    }
    let automaton = PositionAutomaton(RegularExpression.alternation(branches).simplified())
    return { automaton.accepts($0) }
  }
}
