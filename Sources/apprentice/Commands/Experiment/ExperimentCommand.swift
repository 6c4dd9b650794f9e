import ArgumentParser

/// `apprentice experiment`.
struct ExperimentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "experiment",
    abstract: "Choose the experiment or the question that tells most.",
    subcommands: [ExperimentDesignCommand.self, ExperimentExampleCommand.self])
}

/// `apprentice experiment example`.
struct ExperimentExampleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "example",
    abstract: "The published case studies, and choosing comparisons to label.",
    subcommands: [
      SequencePredictionCommand.self, CategoryLearningCommand.self, LabelSavingsCommand.self,
    ])
}
