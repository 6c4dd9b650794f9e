import Documents
public import Media
import Statistics

/// Sheets and animations of levels that somebody restless plays.
///
/// ```swift
/// import Media
///
/// let recorder = Recorder(.jumper, GameOptions(mode: .easy), levels: 16)
/// try PNGFile.write(recorder.sheet(), to: "jumper.png")
/// ```
public struct Recorder: Sendable {
  /// The game.
  public var game: Game
  /// Its options.
  public var options: GameOptions
  /// How many levels there are to be seen, from the first of the options on.
  public var levels: Int
  /// The steps that are played: before a sheet's pictures, or in an animation.
  public var steps: Int
  /// The width of a level's picture in pixels; up to 128 it is the agents' picture, enlarged, and from there on drawn larger.
  public var size: Int

  /// A recorder.
  public init(_ game: Game, _ options: GameOptions = GameOptions(), levels: Int, steps: Int = 0, size: Int = 128) {
    self.game = game
    self.options = options
    self.levels = levels
    self.steps = steps
    self.size = size
  }

  /// One level as somebody plays it who changes his mind every few steps.
  private final class Player {
    let environment: Environment
    var random: SeededGenerator
    var action = GameAction.right.rawValue

    init(_ game: Game, _ options: GameOptions, level: Int32) throws(ArcadeError) {
      environment = try Environment(game, options, seed: 0)
      environment.begin(level: level)
      random = SeededGenerator(seed: UInt64(UInt32(bitPattern: level)) &+ 99)
    }

    /// Plays a step; a level that has ended begins again.
    func step() throws(ArcadeError) {
      if random.index(below: 6) == 0 { action = random.index(below: GameAction.count) }
      let level = environment.level
      if try environment.step(action).isDone { environment.begin(level: level) }
    }

    func picture(_ size: Int) -> RGBImage {
      size > 128
        ? environment.largePicture()
        : environment.observation().enlarged(by: max(1, size / Environment.observationSize))
    }
  }

  private func players() throws(ArcadeError) -> [Player] {
    guard levels > 0 else { throw ArcadeError("There must be at least one level to record, not \(levels).") }
    guard steps >= 0 else { throw ArcadeError("There can't be \(steps) steps; give a number from 0 on.") }
    let seeds = try options.seeds(for: game)
    var players: [Player] = []
    for n in 0..<levels {
      players.append(try Player(game, options, level: seeds.lowerBound + Int32(n % seeds.count)))
    }
    return players
  }

  private func frame(_ players: [Player]) -> RGBImage {
    let pictures = players.map { $0.picture(size) }
    let side = pictures[0].width
    var columns = 1
    while columns * columns < pictures.count { columns += 1 }
    let rows = (pictures.count + columns - 1) / columns
    let gap = pictures.count > 1 ? 4 : 0
    var sheet = RGBImage(width: columns * (side + gap) + gap, height: rows * (side + gap) + gap, grey: 24)
    for (n, picture) in pictures.enumerated() {
      sheet.paste(picture, x: gap + n % columns * (side + gap), y: gap + n / columns * (side + gap))
    }
    return sheet
  }

  /// One picture of all levels after the steps.
  ///
  /// - Throws: ``ArcadeError`` for no levels and for options that the game doesn't have.
  public func sheet() throws(ArcadeError) -> RGBImage {
    let players = try players()
    for player in players { for _ in 0..<steps { try player.step() } }
    return frame(players)
  }

  /// A picture of all levels before the first and after each step.
  ///
  /// - Throws: ``ArcadeError`` for no levels and for options that the game doesn't have.
  public func animation() throws(ArcadeError) -> [RGBImage] {
    let players = try players()
    var frames = [frame(players)]
    for _ in 0..<steps {
      for player in players { try player.step() }
      frames.append(frame(players))
    }
    return frames
  }

  /// Writes a sheet (`.png`) or an animation (`.gif`, `.mp4`) to a file, whole or not at all.
  ///
  /// - Throws: ``ArcadeError`` for another kind of file, and `DataError` where it can't be written.
  public func write(to path: String) throws {
    let name = path.lowercased()
    if name.hasSuffix(".png") {
      try PNGFile.write(sheet(), to: path)
    } else if name.hasSuffix(".gif") {
      // 15 steps a second are seven hundredths each.
      try GIFFile.write(animation(), delay: 7, to: path)
    } else if name.hasSuffix(".mp4") {
      try MP4File.write(animation(), rate: 15, to: path)
    } else {
      throw ArcadeError("\(path): pictures are written as .png, animations as .gif or .mp4; give a name that ends so.")
    }
  }
}
