public import Arcade
import Documents
import Media
public import Torch

/// Recorded play as an agent would have seen it: observations and the actions that a person took.
public struct Demonstrations {
  /// uint8 `[steps, height, width, channels]`.
  public let observations: Tensor
  /// int64 `[steps]`.
  public let actions: Tensor
  /// The number of the replay that each step is of.
  public let replays: [Int]
  /// The mean return of the replays.
  public let meanReturn: Double

  /// Plays replays again and notes what was seen before each action.
  ///
  /// - Parameter path: the file that they are of, for messages.
  /// - Throws: `DataError` where they are none, of several games or modes, or end before their actions do.
  public init(_ replays: [Replay], path: String) throws {
    guard let first = replays.first else {
      throw DataError(
        .badData, path: path, problem: "there are no replays",
        advice: "'apprentice games play GAME --record FILE' writes some.")
    }
    var (pixels, taken, numbers): ([UInt8], [Int], [Int]) = ([], [], [])
    var sum = 0.0
    for (number, replay) in replays.enumerated() {
      guard replay.game == first.game, replay.options.mode == first.options.mode else {
        throw DataError(
          .badData, path: path, line: number + 1,
          problem: "this replay is of \(replay.game) at \(replay.options.mode), and the first of \(first.game) at "
            + "\(first.options.mode)", advice: "An agent is cloned from the play of one game; divide the file.")
      }
      var seen = 0
      sum += Double(
        try replay.play { environment, result in
          guard seen < replay.actions.count, result?.isDone != true else { return }
          pixels += environment.observation().bytes
          taken.append(replay.actions[seen])
          numbers.append(number)
          seen += 1
        })
    }
    let size = Environment.observationSize
    observations = Tensor(pixels, shape: [taken.count, size, size, 3])
    actions = Tensor(ids: taken)
    self.replays = numbers
    meanReturn = sum / Double(replays.count)
  }
}
