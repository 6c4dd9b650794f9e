/// The options of the benchmark, with its defaults.
public struct GameOptions: Sendable, Codable, Equatable {
  /// The distribution of levels.
  public var mode = GameMode.hard
  /// The number of levels that may be drawn; 0 for all 2³¹ − 1.
  public var levels = 0
  /// The seed of the first of them.
  public var firstLevel = 0
  /// Whether a completed level is followed by the one 997 seeds on, within one episode.
  public var usesSequentialLevels = false
  /// Whether the view follows the player in the games whose world is larger than the view; else the whole world is shown.
  public var centersPlayer = true
  /// Whether there is a picture behind the scene; black else.
  public var usesBackgrounds = true
  /// Whether everything is a rectangle of one colour by its kind.
  public var usesMonochromeAssets = false
  /// Whether every level has the first theme, but where the theme tells things apart (keys and their locks, ships).
  public var restrictsThemes = false
  /// Whether two squares in the corner are as bright as the player is fast.
  public var paintsVelocity = false

  /// The defaults.
  public init() {}

  /// The defaults with a mode and a range of levels.
  public init(mode: GameMode, levels: Int = 0, firstLevel: Int = 0) {
    self.mode = mode
    self.levels = levels
    self.firstLevel = firstLevel
  }

  /// The range from which levels' seeds are drawn.
  ///
  /// - Throws: ``ArcadeError`` for a mode that the game lacks and for a range that isn't one.
  func seeds(for game: Game) throws(ArcadeError) -> Range<Int32> {
    guard game.modes.contains(mode) else {
      throw ArcadeError(
        "\(game.rawValue) has no mode '\(mode.rawValue)'; it has \(game.modes.map(\.rawValue).joined(separator: ", "))."
      )
    }
    if mode == .exploration, let seed = game.explorationSeed {
      guard levels == 0, firstLevel == 0 else {
        throw ArcadeError("The mode exploration has one level of its own: leave the levels and the first level out.")
      }
      return seed..<seed + 1
    }
    guard levels >= 0 else {
      throw ArcadeError("There can't be \(levels) levels; give a number from 1 on, or 0 for all of them.")
    }
    guard firstLevel >= 0, firstLevel < Int(Int32.max), levels <= Int(Int32.max) - firstLevel else {
      throw ArcadeError(
        "Levels have seeds from 0 to 2147483646, and \(levels) from \(firstLevel) on aren't among them.")
    }
    return levels == 0 ? 0..<Int32.max : Int32(firstLevel)..<Int32(firstLevel + levels)
  }
}
