public import Settings
public import Training

/// The settings of learning a verifier from solutions that were checked.
public struct VerifierSettings: LearnerSettings {
  /// A new head over a model that has learnt to write solutions.
  public static var training: TrainingSettings { TrainingSettings(learningRate: 1e-4) }

  /// The tokens whose values are held to the label.
  public enum Level: String, Sendable, Codable, CaseIterable, SettingValue {
    /// Every token of the solution: a value function.
    case token
    /// The last one alone.
    case solution
  }

  /// The tokens whose values are held to the label.
  @Setting("level", .any, "name", "Which tokens' values are held to the label: every token's, or the last one's.")
  public var level = Level.token
  /// The weight of the language-modelling loss beside the squared error; 0 learns the values alone.
  @Setting(
    "language_weight", .atLeast(0), "weight",
    "The weight of the language-modelling loss beside the squared error; 0 leaves it out.")
  public var languageWeight = 1.0
  /// The probability that a feature of what a layer adds is dropped in training.
  @Setting(
    "dropout", .from(0, below: 1), "probability", "The probability that a feature of what a layer adds is dropped.")
  public var dropout = 0.2

  /// The defaults.
  public init() {}
}
