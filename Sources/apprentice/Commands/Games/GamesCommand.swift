import Arcade
import ArgumentParser

/// `apprentice games`.
struct GamesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "games",
    abstract: "Play, record and time sixteen procedurally generated games, and emulated ones of your own.",
    subcommands: [
      GamesListCommand.self, GamesPlayCommand.self, GamesRecordCommand.self, GamesBenchCommand.self,
      GamesImportCommand.self, GamesEmulateCommand.self, GamesEmulatorCommand.self,
    ])
}

/// Which levels of a game, and how they look.
struct GameLevelOptions: ParsableArguments {
  @Option(help: .init("easy, hard, and for some games extreme, memory or exploration.", valueName: "mode"))
  var mode = "easy"

  @Option(
    name: .customLong("start-level"), help: .init("The seed of the first level.", valueName: "number"))
  var startLevel = 0

  @Flag(name: .customLong("whole-world"), help: "Show the whole world instead of following the player.")
  var wholeWorld = false

  @Flag(name: .customLong("no-backgrounds"), help: "Black behind everything.")
  var noBackgrounds = false

  @Flag(help: "A rectangle of one colour for everything.")
  var monochrome = false

  @Flag(name: .customLong("restrict-themes"), help: "The first theme in every level.")
  var restrictThemes = false

  func options(levels: Int = 0) throws -> GameOptions {
    var options = GameOptions(mode: try GameMode(named: mode), levels: levels, firstLevel: startLevel)
    options.centersPlayer = !wholeWorld
    options.usesBackgrounds = !noBackgrounds
    options.usesMonochromeAssets = monochrome
    options.restrictsThemes = restrictThemes
    return options
  }
}
