public import Alignment
import Arcade
import Media
public import Statistics

/// Video: four frames of a game that is played at random, each 8 by 8 blocks of 32 shades, block after block, frame after frame.
///
/// Coarse shades stand for the codes of an autoencoder: what is left of a frame is where things are and how they move.
public struct VideoDomain: ScalingDomain {
  /// The name.
  public let name = "video"
  /// One line.
  public let title = "frames of generated games in coarse shades"
  /// The shades and what begins a sequence.
  public let vocabularySize = 33
  /// Those of images.
  public let proportions = ModelProportions.image
  /// Video of codes.
  public let published: String? = "video-vq"

  static let side = 8
  static let frames = 4
  /// Game steps between frames.
  private static let pace = 4
  private static let games: [Game] = [.starpilot, .bigfish, .leaper, .chaser]
  /// Levels that are learnt from; the held-out ones come after them.
  private static let levels = 10_000

  /// The domain.
  public init() {}

  /// Blocks of a sequence.
  public var context: Int { Self.frames * Self.side * Self.side }

  /// Plays a level for a while and takes some frames.
  public func sequence(_ part: DomainPart, _ random: inout SeededGenerator) -> TargetedTokens {
    let game = Self.games[random.index(below: Self.games.count)]
    let level = random.index(below: Self.levels) + (part == .training ? 0 : Self.levels)
    guard let environment = try? Environment(game, seed: 1) else { return TargetedTokens(tokens: [], targets: []) }
    environment.begin(level: Int32(level))
    var (action, tokens) = (0, [Int]())
    for frame in 0..<Self.frames {
      // Some steps pass before the first frame, so that not all of them show a beginning.
      for step in 0..<(frame == 0 ? 1 + random.index(below: 24) : Self.pace) {
        if step.isMultiple(of: Self.pace) { action = random.index(below: GameAction.count) }
        _ = try? environment.step(action)
      }
      tokens += Self.shades(of: environment.observation().bytes)
    }
    return TargetedTokens(following: tokens)
  }

  /// The mean brightness of each block of a picture of 64 by 64 pixels, in 32 shades from 1 on.
  static func shades(of pixels: [UInt8]) -> [Int] {
    let (size, block) = (Environment.observationSize, Environment.observationSize / side)
    return (0..<side * side).map { place in
      var sum = 0
      for row in 0..<block {
        let start = 3 * ((place / side * block + row) * size + place % side * block)
        for byte in start..<start + 3 * block { sum += Int(pixels[byte]) }
      }
      return sum / (3 * block * block) / 8 + 1
    }
  }
}
