public import Arcade
import Media
import Statistics

/// A level of a contest in which agents learn to get to the end, under the Retro Contest's protocol (Nichol 2018, section 3).
///
/// Two agents share one: what plays step by step (JERK), and environments that are trained in by PPO.
public protocol ContestLevel: AnyObject {
  /// Begins an episode.
  func reset() throws
  /// Plays a step: an action of the contest's few.
  func step(_ action: ContestAction) throws -> (reward: Double, isDone: Bool)
  /// Draws what is seen now.
  func draw(to bytes: UnsafeMutablePointer<UInt8>)
}

/// The few combinations of buttons that are of use on the way to a level's end.
public enum ContestAction: Int, Sendable, CaseIterable {
  /// Stand, walk, jump.
  case none, left, right, jump, jumpLeft, jumpRight, down

  /// The arcade's action.
  var game: GameAction {
    switch self {
    case .none: .none
    case .left: .left
    case .right: .right
    case .jump: .up
    case .jumpLeft: .leftUp
    case .jumpRight: .rightUp
    case .down: .down
    }
  }
}

/// Repeats the action before with a probability of one in four for the first of each step's frames, so that no sequence of actions
/// plays a level by heart (Nichol 2018, section 3.3).
public struct StickyFrameSkip: Sendable {
  /// The frames of a step.
  public static let frames = 4
  /// The probability that the first of them has the action before.
  public static let probability = 0.25
  private var generator: SeededGenerator
  private var last: ContestAction?

  /// A skip whose draws follow from a seed.
  public init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  /// Begins an episode: its first step repeats nothing.
  public mutating func reset() { last = nil }

  /// The action of each frame of a step.
  public mutating func frames(of action: ContestAction) -> [ContestAction] {
    let isSticky = generator.uniform() < Self.probability
    let first = isSticky ? last ?? action : action
    last = action
    return [first] + Array(repeating: action, count: Self.frames - 1)
  }
}

/// A level of one of our platformers under the Retro Contest's protocol.
///
/// A frame is a step of the game's. An episode ends with the level, with the player's death and after 4,500 steps; the reward is
/// ``ProgressReward``'s, of the way to the goal instead of a place along x.
public final class PlatformLevel: ContestLevel {
  /// The steps of an episode.
  public static let steps = 4_500

  /// The game.
  public let game: Game
  /// The seed of the level.
  public let seed: Int32
  private let environment: Environment
  private var skip: StickyFrameSkip
  private var meter: GoalMeter
  private var course = ProgressReward.Course(start: 0, end: 1)
  private var whole: Float = 1
  private var frames = 0

  /// A level at its start.
  ///
  /// - Throws: `ArcadeError` for a game without the mode exploration.
  public init(_ game: Game, seed: Int32, draws: UInt64) throws {
    (self.game, self.seed) = (game, seed)
    environment = try Environment(
      game, GameOptions(mode: .exploration), seed: 0, timeLimit: Self.steps * StickyFrameSkip.frames)
    skip = StickyFrameSkip(seed: draws)
    environment.begin(level: seed)
    meter = GoalMeter(environment)
    try reset()
  }

  /// Begins an episode.
  public func reset() throws {
    environment.begin(level: seed)
    meter = GoalMeter(environment)
    whole = max(1, meter.distance(in: environment))
    course = ProgressReward.Course(start: 0, end: Double(whole))
    frames = 0
    skip.reset()
  }

  /// Plays a step of four frames, or fewer where the episode ends.
  public func step(_ action: ContestAction) throws -> (reward: Double, isDone: Bool) {
    var reward = 0.0
    for frame in skip.frames(of: action) {
      let result = try environment.step(frame.game.rawValue)
      frames += 1
      let isComplete = environment.previousLevel.isComplete
      let way = isComplete ? Double(whole) : Double(whole - meter.distance(in: environment))
      // The whole way is done by completing the level alone.
      reward += course.reward(at: isComplete ? way : min(way, Double(whole) - 0.01), frames: frames)
      if result.isDone { return (reward, true) }
    }
    return (reward, false)
  }

  /// Draws what is seen now, 64 · 64 · 3 bytes.
  public func draw(to bytes: UnsafeMutablePointer<UInt8>) {
    let image = environment.observation()
    bytes.update(from: image.bytes, count: image.bytes.count)
  }
}

/// The levels of the contest of our own platformers: 47 to train on and 11 to be tested on, as many as the Retro Contest's.
public enum PlatformContest {
  /// A level by its game and its seed.
  public struct Level: Sendable, Hashable, Codable {
    /// The game.
    public var game: Game
    /// The seed.
    public var seed: Int32
    /// Its name.
    public var name: String { "\(game.rawValue)-\(seed)" }
  }

  private static func levels(_ shares: [(Game, Range<Int32>)]) -> [Level] {
    shares.flatMap { game, seeds in seeds.map { Level(game: game, seed: $0) } }
  }
  /// The 47 levels that agents may train on.
  public static let training = levels([(.coinrun, 0..<16), (.jumper, 0..<15), (.ninja, 0..<16)])
  /// The 11 levels that they are tested on.
  public static let test = levels([(.coinrun, 100..<104), (.jumper, 100..<103), (.ninja, 100..<104)])
}
