import ArgumentParser
import Competition
import Documents
import Training

/// `apprentice competition`.
struct CompetitionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "competition",
    abstract: "Hold competitions of agents: train and score submissions in sandboxes, rank them.",
    discussion: """
      A submission is a folder with a manifest and a program in any language. It is trained and rolled out in every game \
      within its budget, by an evaluator that owns the games and the clock.

      EXAMPLE:
        apprentice competition init runs/contest
        apprentice competition submit runs/contest agents/mine
        apprentice competition evaluate runs/contest
        apprentice competition leaderboard runs/contest
      """,
    subcommands: [
      CompetitionInitCommand.self, CompetitionSubmitCommand.self, CompetitionEvaluateCommand.self,
      CompetitionLeaderboardCommand.self, CompetitionAgentCommand.self,
    ])
}

/// The folder of a competition.
struct CompetitionFolderArgument: ParsableArguments {
  @Argument(help: .init("The competition's folder.", valueName: "folder"))
  var folder: String

  func open() throws -> CompetitionFolder { try CompetitionFolder(folder) }

  /// The submissions, and a warning for each that can't be read.
  func submissions(of folder: CompetitionFolder) throws -> [Submission] {
    let found = try folder.submissions { Log.warning($0) }
    guard !found.isEmpty else {
      throw ValidationError(
        "\(self.folder) has no submissions: 'apprentice competition submit \(self.folder) FOLDER' adds one.")
    }
    return found
  }
}
