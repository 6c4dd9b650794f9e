import Documents

/// A person plays in the terminal: half blocks, 15 steps a second.
public final class TerminalPlay {
  private let environment: Environment
  private let painter: Painter
  private let recording: String?
  private var keyboard = Keyboard()
  private var actions: [Int] = []
  private var total: Float = 0
  private var lines = ""

  /// A game in a terminal of some size.
  ///
  /// - Parameters:
  ///   - game: the game.
  ///   - options: its options.
  ///   - seed: the seed of the levels' order.
  ///   - columns: the terminal's width in characters.
  ///   - rows: its height.
  ///   - recording: where the levels that are played are written as replays; nowhere by default.
  /// - Throws: ``ArcadeError`` for a terminal that is too small and for options that the game lacks.
  public init(
    _ game: Game, _ options: GameOptions, seed: UInt64, columns: Int, rows: Int, recording: String? = nil
  ) throws(ArcadeError) {
    let least = Environment.observationSize
    guard columns >= least, rows >= least / 2 + 2 else {
      throw ArcadeError(
        "The terminal has \(columns) × \(rows) characters, and the game needs \(least) × \(least / 2 + 2): "
          + "make the window larger or its letters smaller.", .unavailable)
    }
    environment = try Environment(game, options, seed: seed)
    let size = min(columns, (rows - 2) * 2, 160) / 2 * 2
    painter = Painter(game, options, size: size)
    self.recording = recording
  }

  /// What the terminal shows now.
  public func frame() -> String {
    let picture = environment.picture(by: painter)
    let score = total == total.rounded() ? "\(Int(total))" : "\((total * 100).rounded() / 100)"
    return HalfBlocks.text(picture)
      + "\(environment.game.rawValue) (\(environment.options.mode.rawValue)), level \(environment.level), "
      + "step \(environment.time), score \(score)\u{1B}[K\r\n"
      + "arrows and D A W S (space: D), R again, N next level, X quits\u{1B}[K"
  }

  /// Plays one step with what was typed since the last; false when the player has had enough.
  ///
  /// - Throws: `DataError` where the replay can't be written.
  public func step(_ typed: [UInt8]) throws -> Bool {
    for command in keyboard.take(typed) {
      switch command {
      case .quit:
        try finish()
        return false
      case .restart: try begin(environment.level)
      case .next: try begin(nil)
      }
    }
    let action = keyboard.action().rawValue
    let result = try environment.step(action)
    actions.append(action)
    total += result.reward
    if result.isDone { try begin(nil) }
    return true
  }

  private func begin(_ level: Int32?) throws {
    try finish()
    if let level { environment.begin(level: level) } else { environment.reset() }
  }

  /// Writes the level that was played to the recording.
  private func finish() throws {
    defer {
      actions = []
      total = 0
    }
    guard let recording, !actions.isEmpty else { return }
    lines += Replay(environment.game, environment.options, level: environment.previousLevel.seed, actions: actions).line
    try DurableFile.write(lines, to: recording)
  }
}
