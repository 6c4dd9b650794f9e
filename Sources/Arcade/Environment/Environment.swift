public import Media

/// One game to be played step by step, in Gymnasium's terms.
///
/// ```swift
/// let environment = try Environment(.coinrun, GameOptions(mode: .easy), seed: 1)
/// var observation = environment.reset()
/// let result = try environment.step(GameAction.right.rawValue)
/// observation = environment.observation()
/// ```
///
/// Observations are 64 × 64 × 3 bytes, red, green and blue, rows from the top; actions are 0 to 14, see ``GameAction``. The same
/// seed and actions give the same observations, rewards and ends, on every platform.
public final class Environment {
  /// The width and the height of an observation in pixels.
  public static let observationSize = 64
  /// The width and the height of a picture for people.
  public static let pictureSize = 512

  let episode: Episode
  private lazy var painter = Painter(game, options, size: Self.observationSize)
  private lazy var largePainter = Painter(game, options, size: Self.pictureSize)

  /// The game.
  public var game: Game { episode.game }
  /// Its options.
  public var options: GameOptions { episode.options }
  /// The seed of the level that is being played.
  public var level: Int32 { episode.level }
  /// The seed of the level that the last step was in, and whether that step completed it.
  public var previousLevel: (seed: Int32, isComplete: Bool) { (episode.previousLevel, episode.previousWasComplete) }
  /// The steps since the level began.
  public var time: Int { episode.world.time }

  /// An environment at the start of its first level.
  ///
  /// - Throws: ``ArcadeError`` for a mode that the game lacks and for levels that there aren't.
  public init(_ game: Game, _ options: GameOptions = GameOptions(), seed: UInt64) throws(ArcadeError) {
    episode = try Episode(game, options, seed: seed, index: 0)
  }

  /// An environment whose episodes are cut off after another number of steps than the game's.
  package init(_ game: Game, _ options: GameOptions, seed: UInt64, timeLimit: Int) throws(ArcadeError) {
    episode = try Episode(game, options, seed: seed, index: 0, timeLimit: timeLimit)
  }

  /// Begins a new episode, of the seed's first level where one is given, and returns its first observation.
  @discardableResult
  public func reset(seed: UInt64? = nil) -> RGBImage {
    if let seed { episode.reset(seed: seed, index: 0) } else { episode.beginEpisode() }
    return observation()
  }

  /// Begins a level of one's choice.
  public func begin(level: Int32) { episode.begin(level: level) }

  /// Plays one step; after the end of an episode ``reset(seed:)`` is next.
  ///
  /// - Throws: ``ArcadeError`` for an action that isn't one and for a step after the end.
  public func step(_ action: Int) throws(ArcadeError) -> StepResult {
    guard (0..<GameAction.count).contains(action) else {
      throw ArcadeError("There is no action \(action); actions are 0 to \(GameAction.count - 1).")
    }
    guard !episode.isOver else { throw ArcadeError("The episode is over; reset the environment first.") }
    return episode.step(action, .disabled)
  }

  /// What is seen: 64 × 64 pixels.
  public func observation() -> RGBImage { picture(by: painter) }

  /// The same scene for people: 512 × 512 pixels.
  public func largePicture() -> RGBImage { picture(by: largePainter) }

  func picture(by painter: Painter) -> RGBImage {
    var image = RGBImage(width: painter.canvas.size, height: painter.canvas.size)
    image.bytes.withUnsafeMutableBufferPointer { buffer in
      if let base = buffer.baseAddress { painter.draw(episode.world, to: base) }
    }
    return image
  }

  /// The whole state: everything that decides what follows.
  public func state() -> [UInt8] { episode.state() }

  /// Goes on from a state of the same game and mode.
  ///
  /// - Throws: ``ArcadeError`` for a state of another version, game or mode and for damaged bytes; nothing is changed then.
  public func restore(_ state: [UInt8]) throws(ArcadeError) { try episode.restore(state) }
}
