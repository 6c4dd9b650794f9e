/// The keys that somebody holds down, as far as a terminal tells: it reports presses and repeats, and never that a key is let go.
///
/// A key counts as held for some steps after it was last reported.
struct Keyboard {
  /// Keys that are not for the game.
  enum Command: Equatable { case quit, restart, next }

  private static let holding = 4
  private var held: [String: Int] = [:]
  /// The bytes of a sequence that isn't complete.
  private var pending: [UInt8] = []

  /// Takes what was typed; the commands in it come back.
  mutating func take(_ bytes: [UInt8]) -> [Command] {
    var commands: [Command] = []
    for byte in bytes {
      pending.append(byte)
      if pending == [0x1B] || pending == [0x1B, 0x5B] || pending == [0x1B, 0x4F] { continue }
      let sequence = pending
      pending = []
      if sequence.count == 3 {
        let arrows: [UInt8: String] = [0x41: "UP", 0x42: "DOWN", 0x43: "RIGHT", 0x44: "LEFT"]
        if let arrow = arrows[byte] { press(arrow) }
        continue
      }
      switch byte {
      case 3, 4, UInt8(ascii: "x"): commands.append(.quit)
      case UInt8(ascii: "r"): commands.append(.restart)
      case UInt8(ascii: "n"): commands.append(.next)
      case UInt8(ascii: " "): press("D")
      default:
        let key = String(UnicodeScalar(byte)).uppercased()
        if ["D", "A", "W", "S", "Q", "E"].contains(key) { press(key) }
      }
    }
    // An Escape that nothing follows at once is the key itself.
    if pending == [0x1B] {
      pending = []
      commands.append(.quit)
    }
    return commands
  }

  private mutating func press(_ key: String) {
    let opposites = ["LEFT": "RIGHT", "RIGHT": "LEFT", "UP": "DOWN", "DOWN": "UP"]
    if let opposite = opposites[key] { held[opposite] = nil }
    held[key] = Self.holding
  }

  /// The action of the keys that are held, the one of the most keys, and a step goes by.
  mutating func action() -> GameAction {
    let action = GameAction(held: Set(held.keys))
    held = held.compactMapValues { $0 > 1 ? $0 - 1 : nil }
    // Buttons are presses, moves are held.
    for key in ["D", "A", "W", "S", "Q", "E"] { held[key] = nil }
    return action
  }
}
