import Arcade
import ArgumentParser
import Console
import Documents

/// `apprentice games play`.
struct GamesPlayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "play",
    abstract: "Play a game in the terminal.",
    discussion: """
      Needs a terminal with 24-bit colours of at least 64 by 34 characters. Arrows move, D (or the space bar), A, W and S are \
      buttons, R begins again, N takes the next level, X quits.

      EXAMPLE:
        apprentice games play coinrun
        apprentice games play ninja --mode hard --record ninja.jsonl
      """)

  @Argument(help: .init("Which game; 'apprentice games list' says which there are.", valueName: "game"))
  var game: String

  @OptionGroup var level: GameLevelOptions

  @Option(help: .init("The seed of the levels' order.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(help: .init("Where the levels that were played are written, one replay a line.", valueName: "file"))
  var record: String?

  func run() throws {
    let (game, options) = (try Game(named: game), try level.options())
    guard Terminal.isThere else {
      throw ValidationError("'games play' needs a terminal to draw on; 'games record' makes pictures without one.")
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
