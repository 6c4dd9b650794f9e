import Arcade
import ArcadePage
import ArgumentParser
import Console
import Documents
import Settings

/// `apprentice games play`.
struct GamesPlayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "play",
    abstract: "Play a game in the terminal or in a page.",
    discussion: """
      The terminal must have 24-bit colours and at least 64 by 34 characters; with --web the game is in a page of this machine's \
      browsers instead, for a keyboard or fingers, until SIGINT. Arrows move, D (or the space bar), A, W and S are \
      buttons, R begins again, N takes the next level, X quits.

      EXAMPLE:
        apprentice games play coinrun
        apprentice games play ninja --mode hard --record ninja.jsonl
        apprentice games play jumper --web --port 8070
      """)

  @Argument(help: .init("Which game; 'apprentice games list' says which there are.", valueName: "game"))
  var game: String

  @OptionGroup var level: GameLevelOptions

  @Option(help: .init("The seed of the levels' order.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(help: .init("The file to which the levels that are played are added, one replay a line.", valueName: "file"))
  var record: String?

  @Flag(help: "Play in a page that is served to this machine alone.")
  var web = false

  @Option(in: .from(0, to: 65_535), help: .init("The page's port; 0 takes a free one.", valueName: "number"))
  var port = 0

  func run() async throws {
    let (game, options) = (try Game(named: game), try level.options())
    if web {
      let page = try GamePage(game, options, seed: seed, recording: record, port: port)
      return try await page.run { Log.info("play at http://\(GamePage.address):\($0)/") }
    }
    guard Terminal.isThere else {
      throw ValidationError(
        "'games play' needs a terminal to draw on; --web plays in a page, 'games record' makes pictures.")
    }
    let size = Terminal.size
    let play = try TerminalPlay(
      game, options, seed: seed, columns: size.columns, rows: size.rows, recording: record)
    try Terminal.poll(rate: 15) { typed in
      Terminal.write(play.frame())
      return try play.step(typed)
    }
  }
}
