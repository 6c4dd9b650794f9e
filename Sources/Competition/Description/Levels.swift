import Arcade
import Statistics

/// The levels of a competition: which are trained on and which are tested on follows from its secret.
///
/// Levels to be trained on have seeds below 2³⁰ and levels to be tested on seeds from there on, so that no submission has met a
/// test level whatever it remembers.
struct Levels {
  /// The most training levels that a track can name.
  static let most = 1 << 29
  private static let middle = 1 << 30

  let secret: UInt64
  let mode: GameMode

  /// The options of one phase.
  func options(_ game: Game, training: Int) -> GameOptions {
    let place = Int(
      DerivedSeed(run: secret, for: "training levels \(game.rawValue)").value % UInt64(Self.middle - Self.most))
    return training == 0
      ? GameOptions(mode: mode, levels: Self.middle, firstLevel: 0)
      : GameOptions(mode: mode, levels: training, firstLevel: place)
  }

  /// The options of the test: the whole upper half.
  func testOptions() -> GameOptions {
    GameOptions(mode: mode, levels: Int(Int32.max) - Self.middle, firstLevel: Self.middle)
  }

  /// A seed for the order of levels.
  func seed(_ purpose: String, repetition: Int) -> UInt64 {
    DerivedSeed(run: secret, for: purpose, step: repetition).value
  }
}
