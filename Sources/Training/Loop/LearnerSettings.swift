public import Settings

/// The settings of one way to learn, beside the ``TrainingSettings`` that every run has.
public protocol LearnerSettings: DeclaredSettings {
  /// The run's settings that suit this way to learn, where nothing else is asked for.
  static var training: TrainingSettings { get }
}
