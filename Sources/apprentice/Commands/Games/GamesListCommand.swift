import Arcade
import ArgumentParser
import Console
import Documents

/// `apprentice games list`.
struct GamesListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Say which games there are, what is to be done in them, and their modes.",
    discussion: """
      EXAMPLE:
        apprentice games list
      """)

  @OptionGroup var output: OutputOptions

  func run() throws {
    var table = Table([("game", .left), ("modes", .left), ("steps", .right), ("what is to be done", .left)])
    var documents: [JSONValue] = []
    for game in Game.allCases {
      let modes = game.modes.map(\.rawValue)
      table.add([game.rawValue, modes.joined(separator: " "), "\(game.timeLimit(.hard))", game.summary])
      documents.append([
        "name": .string(game.rawValue), "modes": .array(modes.map { .string($0) }),
        "time_limit": .int(game.timeLimit(.hard)), "summary": .string(game.summary),
      ])
    }
    output.show(["games": .array(documents)], text: table.text)
  }
}
