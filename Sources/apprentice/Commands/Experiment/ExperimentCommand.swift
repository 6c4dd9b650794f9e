import ArgumentParser
import Experiments

/// `apprentice experiment`.
struct ExperimentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "experiment",
    abstract: "Find the experiments and the questions that tell most.",
    subcommands: [
      ExperimentExampleCommand.self, ExperimentDesignCommand.self, ExperimentAdaptiveCommand.self,
      ExperimentChooseCommand.self, ExperimentSavingsCommand.self, ExperimentQueueCommand.self,
    ])
}

/// `apprentice experiment example`.
struct ExperimentExampleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "example",
    abstract: "The published case studies of optimal experiment design, as tables.",
    subcommands: [SequencePredictionCommand.self, CategoryLearningCommand.self])
}

/// The options of both case studies.
struct CaseStudyOptions: ParsableArguments {
  @Option(
    help: .init(
      "Over which responses gains are averaged: by the models' predictions (the definition), or all "
        + "alike (the published program's default).", valueName: "predictive|uniform"),
    transform: { name in
      guard let weighting = ResponseWeighting(rawValue: name) else {
        throw ValidationError("'\(name)' is neither predictive nor uniform.")
      }
      return weighting
    })
  var responses = ResponseWeighting.predictive

  /// The theories that a comma-separated list names.
  static func theories<Theory: RawRepresentable<String> & CaseIterable & Hashable>(
    _ list: String, _ type: Theory.Type
  ) throws -> [Theory] {
    let theories = try list.split(separator: ",", omittingEmptySubsequences: false).map { name in
      let name = name.trimmingPrefix { $0 == " " }
      guard let theory = Theory(rawValue: String(name)) else {
        throw ValidationError(
          "'\(name)' is none of the models \(Theory.allCases.map(\.rawValue).joined(separator: ", ")).")
      }
      return theory
    }
    guard theories.count >= 2, Set(theories).count == theories.count else {
      throw ValidationError("Give at least two different models: there must be something to tell apart.")
    }
    return theories
  }
}
