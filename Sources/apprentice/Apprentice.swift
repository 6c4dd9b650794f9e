import ArgumentParser
import Documents

/// The command `apprentice`.
///
/// To add a command: write its file in `Commands/`, and name the type in the list of subcommands
/// here or in its noun (`Commands/Tokenizer/TokenizerCommand.swift` and so on).
struct Apprentice: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apprentice",
    abstract: "Teaches language models the way people teach each other.",
    discussion: """
      Train a tokenizer and a model, collect feedback, learn from it, measure what was learned. \
      Every setting of a command is also a key of the JSON or YAML file given with --config.

      EXAMPLE:
        apprentice data inspect posts.jsonl
        apprentice tokenizer train --data posts.jsonl --out tokenizer
      """,
    version: "0.1.0",
    subcommands: [
      QuickstartCommand.self, RecipeCommand.self, DoctorCommand.self, TokenizerCommand.self, TrainCommand.self,
      SampleCommand.self, ChatCommand.self, ServeCommand.self, StudioCommand.self, ModelCommand.self, ScoreCommand.self,
      EmbedCommand.self, EvaluateCommand.self, RunCodeCommand.self, DataCommand.self, RunCommand.self,
      ExperimentCommand.self, TeachCommand.self, GamesCommand.self, PaintCommand.self, StrokesCommand.self,
      ChatbotCommand.self,
      ScalingCommand.self, SummarizeCommand.self, CritiqueCommand.self, CompetitionCommand.self, BrowseCommand.self,
      TranscribeCommand.self,
    ])

  static var _errorPrefix: String { "apprentice: error: " }
}

/// The program's start: splices the configuration file into the arguments, parses, runs, and
/// turns whatever goes wrong into one message and one exit code.
@main
enum Entrance {
  static func main() async {
    do {
      let arguments = try ArgumentSplicer(root: Apprentice.self)
        .splice(Array(CommandLine.arguments.dropFirst()))
      var command = try Apprentice.parseAsRoot(arguments)
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      ExitStatus.exit(with: error)
    }
  }
}
