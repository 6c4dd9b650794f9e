import Documents
import Media

/// A person plays in the terminal: half blocks, 15 steps a second.
public final class TerminalPlay {
  private let session: PlaySession
  private let painter: Painter
  private var keyboard = Keyboard()

  /// A game in a terminal of some size.
  ///
  /// - Parameters:
  ///   - game: the game.
  ///   - options: its options.
  ///   - seed: the seed of the levels' order.
  ///   - columns: the terminal's width in characters.
  ///   - rows: its height.
  ///   - recording: the file to which the levels that are played are added as replays; none by default.
  /// - Throws: ``ArcadeError`` for a terminal that is too small and for options that the game lacks, and `DataError` for a recording
  ///   that is there and isn't one.
  public init(
    _ game: Game, _ options: GameOptions, seed: UInt64, columns: Int, rows: Int, recording: String? = nil
  ) throws {
    let least = Environment.observationSize
    guard columns >= least, rows >= least / 2 + 2 else {
      throw ArcadeError(
        "The terminal has \(columns) × \(rows) characters, and the game needs \(least) × \(least / 2 + 2): "
          + "make the window larger or its letters smaller.", .unavailable)
    }
    session = try PlaySession(game, options, seed: seed, recording: recording)
    let size = min(columns, (rows - 2) * 2, 160) / 2 * 2
    painter = Painter(game, options, size: size)
  }

  /// What the terminal shows now.
  public func frame() -> String {
    let size = painter.canvas.size
    let picture = RGBImage(width: size, height: size, bytes: session.picture(by: painter))
    let keys = "arrows and D A W S (space: D), R again, N next level, X quits"
    return HalfBlocks.text(picture)
      + "\(session.game.rawValue) (\(session.options.mode.rawValue)), level \(session.level), "
      + "step \(session.time), score \(session.scoreText)\u{1B}[K\r\n\(session.problem ?? keys)\u{1B}[K"
  }

  /// Plays one step with what was typed since the last; false when the player has had enough.
  ///
  /// - Throws: `DataError` where what was played can't be written at the end.
  public func step(_ typed: [UInt8]) throws -> Bool {
    for command in keyboard.take(typed) {
      switch command {
      case .quit:
        try session.finish()
        return false
      case .restart: session.restart()
      case .next: session.next()
      }
    }
    session.step(keyboard.action())
    return true
  }
}
