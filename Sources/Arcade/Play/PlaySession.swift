import Documents
import Foundation
import Media

/// A person's game: levels one after another, and what was played of them, kept as demonstrations.
///
/// The terminal and the page play by it; each level is one ``Replay``, from which an agent can be cloned.
public final class PlaySession {
  private let environment: Environment
  private let path: String?
  private var actions: [Int] = []
  /// The level that the first of the actions was in.
  private var firstLevel: Int32 = 0
  /// What the file had before, and the levels since.
  private var lines = ""
  private var isWritten = true

  /// The sum of the level's rewards so far.
  public private(set) var score: Float = 0
  /// Why what was played couldn't be written; it is tried again after each level.
  public private(set) var problem: String?
  /// The levels that were played in this session, one replay a line.
  public private(set) var demonstrations = ""

  /// A game at the start of its first level.
  ///
  /// - Parameters:
  ///   - game: the game.
  ///   - options: its options.
  ///   - seed: the seed of the levels' order.
  ///   - recording: the file to which the levels that are played are added as replays; none by default.
  /// - Throws: ``ArcadeError`` for options that the game lacks, and `DataError` for a file that is there and has other lines than
  ///   replays or can't be written.
  public init(_ game: Game, _ options: GameOptions, seed: UInt64, recording: String? = nil) throws {
    environment = try Environment(game, options, seed: seed)
    path = recording
    guard let recording else { return }
    // Read first, so that nobody's file of another kind is written over.
    if FileManager.default.fileExists(atPath: recording) {
      lines = try Replay.read(recording).map(\.line).joined()
    }
    // A folder that is missing or a disk that is full is told before somebody plays for an hour.
    try DurableFile.write(lines, to: recording)
  }

  /// The game.
  public var game: Game { environment.game }
  /// Its options.
  public var options: GameOptions { environment.options }
  /// The seed of the level.
  public var level: Int32 { environment.level }
  /// The steps since the level began.
  public var time: Int { environment.time }
  /// The score as a text, without figures that nobody needs.
  public var scoreText: String { score == score.rounded() ? "\(Int(score))" : "\((score * 100).rounded() / 100)" }

  /// What is seen, by a painter of some size.
  func picture(by painter: Painter) -> [UInt8] { environment.picture(by: painter).bytes }

  /// The scene for people: 512 · 512 · 3 bytes.
  public func largePicture() -> [UInt8] { environment.largePicture().bytes }

  /// Plays a step; after the last one of a level the next level begins.
  @discardableResult
  public func step(_ action: GameAction) -> StepResult {
    do throws(ArcadeError) {
      if actions.isEmpty { firstLevel = environment.level }
      let result = try environment.step(action.rawValue)
      actions.append(action.rawValue)
      score += result.reward
      if result.isDone { next() }
      return result
    } catch {
      // An action of the fifteen in an episode that goes on can't be refused.
      preconditionFailure(error.description)
    }
  }

  /// Begins the level again.
  public func restart() {
    let level = environment.level
    keep()
    environment.begin(level: level)
  }

  /// Begins the next level.
  public func next() {
    keep()
    environment.reset()
  }

  /// Ends the level as far as it was played, and sees to it that everything is written.
  ///
  /// - Throws: `DataError` where it can't be; what was played is still there, and this may be called again.
  public func finish() throws {
    let level = environment.level
    if !actions.isEmpty {
      keep()
      environment.begin(level: level)
    }
    guard let path, !isWritten else { return }
    try DurableFile.write(lines, to: path)
    isWritten = true
    problem = nil
  }

  /// Keeps what was played of the level, as a demonstration.
  private func keep() {
    defer {
      actions = []
      score = 0
    }
    guard !actions.isEmpty else { return }
    let line = Replay(environment.game, environment.options, level: firstLevel, actions: actions).line
    demonstrations += line
    guard let path else { return }
    lines += line
    isWritten = false
    do {
      try DurableFile.write(lines, to: path)
      isWritten = true
      problem = nil
    } catch { problem = "\(error)" }
  }
}
