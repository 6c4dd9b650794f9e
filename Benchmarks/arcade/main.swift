import Arcade
import Documents
import Foundation

// usage: ArcadeBenchmark speed THREADS [SECONDS [MODE]]    steps per second of every game, 64 environments, random actions
//        ArcadeBenchmark random EPISODES MODE [GAME…]     returns and lengths of a random policy's episodes
//        ArcadeBenchmark sheets FOLDER [MODE [SIZE [LEVELS]]]     a sheet of levels of every game
//        ArcadeBenchmark solve LEVELS MODE [GAME…]        which of the first levels the solver completes
//        ArcadeBenchmark digests                          Tests/ArcadeTests/Fixtures/observations.json, after a change of rules or art
// Prints one line of JSON a game. Benchmarks/arcade/compare.py runs it beside its peers.

let arguments = Array(CommandLine.arguments.dropFirst())

func number(_ place: Int, _ standard: Int) -> Int {
  arguments.indices.contains(place) ? Int(arguments[place]) ?? standard : standard
}

switch arguments.first {
case "speed":
  let seconds = arguments.indices.contains(2) ? Double(arguments[2]) ?? 1 : 1
  let mode = try GameMode(named: arguments.indices.contains(3) ? arguments[3] : "easy")
  for game in Game.allCases {
    let speed = try SpeedMeasurement.measure(
      game, GameOptions(mode: mode), count: 64, threads: number(1, 1), seconds: seconds)
    let line: JSONValue = ["game": .string(game.rawValue), "steps_per_second": .double(speed.stepsPerSecond.rounded())]
    print(line.serialized())
  }
case "random":
  let mode = try GameMode(named: arguments.indices.contains(2) ? arguments[2] : "hard")
  let games = try arguments.count > 3 ? arguments[3...].map { try Game(named: $0) } : Game.allCases
  for game in games {
    let sample = try RandomPolicySample.play(game, GameOptions(mode: mode), episodes: number(1, 1000), seed: 1)
    let line: JSONValue = [
      "game": .string(game.rawValue), "returns": .array(sample.returns.map { .double(Double($0)) }),
      "lengths": .array(sample.lengths.map { .int($0) }),
    ]
    print(line.serialized())
  }
case "solve":
  let mode = try GameMode(named: arguments.indices.contains(2) ? arguments[2] : "easy")
  for game in try arguments.count > 3 ? arguments[3...].map({ try Game(named: $0) }) : LevelSolver.games {
    var unsolved: [Int] = []
    for level in 0..<number(1, 20) {
      let solver = try LevelSolver(game, GameOptions(mode: mode), level: Int32(level))
      if try solver.solve() == nil { unsolved.append(level) }
    }
    print(
      JSONValue.object(["game": .string(game.rawValue), "unsolved": .array(unsolved.map { .int($0) })]).serialized())
  }
case "sheets":
  let folder = arguments.indices.contains(1) ? arguments[1] : "."
  let mode = try GameMode(named: arguments.indices.contains(2) ? arguments[2] : "hard")
  for game in Game.allCases where game.modes.contains(mode) {
    try Recorder(
      game, GameOptions(mode: mode), levels: number(4, 16), steps: 30, size: number(3, 128)
    ).write(to: "\(folder)/\(game.rawValue).png")
  }
case "digests":
  var digests = JSONObject()
  for game in Game.allCases {
    for mode in game.modes {
      digests["\(game.rawValue) \(mode.rawValue)"] = .string(try Environment.digest(game, mode))
    }
  }
  print(JSONValue.object(digests).serialized(indent: 2))
default:
  FileHandle.standardError.write(Data("usage: ArcadeBenchmark speed|random …\n".utf8))
  exit(64)
}
