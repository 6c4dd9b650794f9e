import Arcade
import ArgumentParser
import Console
import Documents
import Foundation

/// `apprentice games bench`.
struct GamesBenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Time random play: steps per second of each game, pictures included.",
    discussion: """
      EXAMPLE:
        apprentice games bench --envs 64 --threads 2 --json
      """)

  @Argument(help: .init("Which games; all of them unless given.", valueName: "game"))
  var games: [String] = []

  @Option(help: .init("easy, hard or another mode of the games.", valueName: "mode"))
  var mode = "easy"

  @Option(help: .init("Environments that take their steps together.", valueName: "count"))
  var envs = 64

  @Option(help: .init("Threads.", valueName: "count"))
  var threads = 1

  @Option(help: .init("How long each game is timed.", valueName: "seconds"))
  var seconds = 2.0

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard seconds > 0, seconds <= 3600 else {
      throw ValidationError("--seconds \(seconds): it must be above 0 and at most 3600.")
    }
  }

  func run() throws {
    let options = GameOptions(mode: try GameMode(named: mode))
    let chosen = games.isEmpty ? Game.allCases : try games.map { try Game(named: $0) }
    var table = Table([("game", .left), ("steps/s", .right)])
    var documents = JSONObject()
    var rates: [Double] = []
    for game in chosen {
      let speed = try SpeedMeasurement.measure(game, options, count: envs, threads: threads, seconds: seconds)
      rates.append(speed.stepsPerSecond)
      table.add([game.rawValue, String(format: "%.0f", speed.stepsPerSecond)])
      documents[game.rawValue] = .double(speed.stepsPerSecond.rounded())
    }
    // As many steps of every game take so long together.
    let joint = Double(rates.count) / rates.reduce(0) { $0 + 1 / $1 }
    let mean = rates.reduce(0, +) / Double(rates.count)
    table.add(["mean", String(format: "%.0f", mean)])
    table.add(["of equally many steps", String(format: "%.0f", joint)])
    output.show(
      [
        "mode": .string(mode), "envs": .int(envs), "threads": .int(threads), "steps_per_second": .object(documents),
        "mean": .double(mean.rounded()), "of_equally_many_steps": .double(joint.rounded()),
      ], text: table.text)
  }
}
