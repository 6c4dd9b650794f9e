public import Documents
import Foundation

/// A level and the actions that were taken in it: enough to see it again, frame by frame.
///
/// ```swift
/// let replay = Replay(.maze, GameOptions(mode: .easy), level: 7, actions: [7, 7, 5])
/// print(try replay.play { environment, result in print(environment.time, result?.reward ?? 0) })
/// ```
public struct Replay: Sendable, Codable, Equatable {
  /// The game.
  public var game: Game
  /// Its options.
  public var options: GameOptions
  /// The seed of the level.
  public var level: Int32
  /// The actions, 0 to 14.
  public var actions: [Int]

  /// A replay of a level.
  public init(_ game: Game, _ options: GameOptions, level: Int32, actions: [Int]) {
    self.game = game
    self.options = options
    self.level = level
    self.actions = actions
  }

  /// Plays it again, up to the end of the episode, and returns the sum of its rewards.
  ///
  /// - Parameter see: given the environment before the first step and after each, with what the step brought.
  /// - Throws: ``ArcadeError`` for an action that isn't one and for a mode that the game lacks.
  public func play(_ see: (Environment, StepResult?) throws -> Void = { _, _ in }) throws -> Float {
    let environment = try Environment(game, options, seed: 0)
    environment.begin(level: level)
    try see(environment, nil)
    var sum: Float = 0
    for action in actions {
      let result = try environment.step(action)
      sum += result.reward
      try see(environment, result)
      if result.isDone { break }
    }
    return sum
  }

  /// Reads the replays of a file: one JSON object a line, as `apprentice games play --record` writes them.
  ///
  /// - Throws: `DataError` with the line that isn't one.
  public static func read(_ path: String) throws(DataError) -> [Replay] {
    let text = try FileContents.text(of: path)
    var replays: [Replay] = []
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() where !line.isEmpty
    {
      do {
        replays.append(try JSONDecoder().decode(Replay.self, from: Data(line.utf8)))
      } catch {
        throw DataError(
          .badData, path: path, line: number + 1, problem: "this line isn't a replay",
          advice:
            "Lines are objects with game, options, level and actions, as 'apprentice games play --record' writes them.")
      }
    }
    return replays
  }

  /// The replay as one line of JSON.
  public var line: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    // Numbers, words and flags always have a form in JSON.
    let data = (try? encoder.encode(self)) ?? Data()
    return String(decoding: data, as: UTF8.self) + "\n"
  }
}
