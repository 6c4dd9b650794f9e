import ArgumentParser
import Competition
import Documents

/// `apprentice competition init`.
struct CompetitionInitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Make a competition's folder with a description to be changed, and a secret of its own.",
    discussion: """
      The secret decides all levels and belongs to whoever holds the competition alone.

      EXAMPLE:
        apprentice competition init runs/contest --starters
      """)

  @Argument(help: .init("The folder, which is made.", valueName: "folder"))
  var folder: String

  @Option(help: .init("A description to be copied instead of the small one.", valueName: "file"))
  var from: String?

  @Flag(help: "Hand in the submissions that come with the program: blind, random-search and ppo.")
  var starters = false

  func run() throws {
    let text = try from.map { try FileContents.text(of: $0) } ?? SmallCompetition.description
    try CompetitionFolder.make(folder, description: text)
    let made = try CompetitionFolder(folder)
    if starters { try made.submitStarters() }
    print(
      "\(folder)/\(CompetitionFolder.description): \(made.competition.games.count) games, "
        + "\(made.competition.tracks.count) tracks\(starters ? ", \(Starter.names.count) submissions" : "")")
  }
}
