import ArgumentParser
import Competition
import Documents

/// `apprentice competition leaderboard`.
struct CompetitionLeaderboardCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "leaderboard",
    abstract: "Rank the submissions by the results that are there, with intervals, and write the page.",
    discussion: """
      EXAMPLE:
        apprentice competition leaderboard runs/contest
      """)

  @OptionGroup var place: CompetitionFolderArgument
  @OptionGroup var output: OutputOptions

  func run() throws {
    let folder = try place.open()
    let board = try Leaderboard(folder, place.submissions(of: folder))
    try board.write()
    output.show(try board.document, text: "\(board.text)\n\(folder.path)/leaderboard.html")
  }
}
