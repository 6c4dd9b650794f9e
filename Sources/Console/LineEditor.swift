/// The line that somebody types: bytes of a terminal in, text and a cursor out.
///
/// It knows the keys of Emacs and of readline: arrows, Home, End and Delete, Control with A B D E F H K L N P T U W, words with Alt
/// or Control and an arrow, earlier lines with up and down. It touches no terminal itself.
public struct LineEditor {
  /// The outcome of a byte.
  public enum Outcome: Equatable, Sendable {
    /// The line goes on.
    case editing
    /// The line is finished.
    case line(String)
    /// Control-C: the line is given up.
    case interrupted
    /// Control-D on an empty line.
    case ended
    /// Control-L: the screen is to be emptied.
    case cleared
  }

  /// Lines that were finished, oldest first.
  public private(set) var history: [String]
  /// The most lines that are kept.
  public static let mostHistory = 1000

  // Kept as two texts, so that the cursor always stands between whole characters.
  private var left = ""
  private var right = ""
  /// The text that Control-K, U and W took away last.
  private var killed = ""
  /// The place in the history, and the line that was being typed when looking back began.
  private var place: Int
  private var draft = ""
  /// The bytes of a character or an escape sequence that isn't complete.
  private var pending: [UInt8] = []
  private var isPasting = false

  /// An editor with an empty line.
  ///
  /// - Parameter history: the lines of earlier times that can be looked back at, oldest first.
  public init(history: [String] = []) {
    self.history = history.suffix(Self.mostHistory)
    place = self.history.count
  }

  /// The line so far.
  public var text: String { left + right }

  /// Takes a byte that was typed.
  public mutating func take(_ byte: UInt8) -> Outcome {
    if pending.first == 0x1B {
      pending.append(byte)
      if isComplete(pending) {
        let sequence = String(decoding: pending.dropFirst(), as: UTF8.self)
        pending = []
        escape(sequence)
      }
      return .editing
    }
    if byte >= 0x80 || !pending.isEmpty {
      character(byte)
      return .editing
    }
    if isPasting, byte == 0x0D || byte == 0x0A || byte == 0x09 {
      left.append(byte == 0x09 ? "\t" : "\n")
      return .editing
    }
    switch byte {
    case 0x0D, 0x0A: return finish()
    case 0x1B: pending = [byte]
    case 0x03:
      reset()
      return .interrupted
    case 0x04:
      if text.isEmpty { return .ended }
      if !right.isEmpty { right.removeFirst() }
    case 0x0C: return .cleared
    case 0x01: move(to: 0)
    case 0x02: step(-1)
    case 0x05: move(to: text.count)
    case 0x06: step(1)
    case 0x08, 0x7F: if !left.isEmpty { left.removeLast() }
    case 0x0B: (killed, right) = (right, "")
    case 0x0E: look(1)
    case 0x10: look(-1)
    case 0x14: swap()
    case 0x15: (killed, left) = (left, "")
    case 0x17: killWord()
    case 0x19: left += killed
    case 0x20...0x7E: left.unicodeScalars.append(Unicode.Scalar(byte))
    default: break
    }
    return .editing
  }

  // MARK: Characters and sequences

  private mutating func character(_ byte: UInt8) {
    // A byte that can't go on with what is pending begins anew.
    if byte & 0xC0 != 0x80 { pending = [] }
    guard byte >= 0x80 else {
      _ = take(byte)
      return
    }
    pending.append(byte)
    let length = pending[0] >= 0xF0 ? 4 : pending[0] >= 0xE0 ? 3 : pending[0] >= 0xC0 ? 2 : 1
    guard pending.count >= length else { return }
    // Combining marks join the character before; bytes that are no UTF-8 show as replacement characters.
    left += String(decoding: pending, as: UTF8.self)
    pending = []
  }

  private func isComplete(_ bytes: [UInt8]) -> Bool {
    guard bytes.count > 1 else { return false }
    switch bytes[1] {
    case UInt8(ascii: "["): return bytes.count > 2 && (0x40...0x7E).contains(bytes[bytes.count - 1]) || bytes.count > 16
    case UInt8(ascii: "O"): return bytes.count > 2
    case 0x1B: return false
    default: return true
    }
  }

  private mutating func escape(_ sequence: String) {
    switch sequence {
    case "[A", "OA": look(-1)
    case "[B", "OB": look(1)
    case "[C", "OC": step(1)
    case "[D", "OD": step(-1)
    case "[H", "OH", "[1~", "[7~": move(to: 0)
    case "[F", "OF", "[4~", "[8~": move(to: text.count)
    case "[3~": if !right.isEmpty { right.removeFirst() }
    case "[1;5D", "[1;3D", "b": for _ in 0..<wordLength(left.reversed()) { step(-1) }
    case "[1;5C", "[1;3C", "f": for _ in 0..<wordLength(Array(right)) { step(1) }
    case "\u{7F}", "\u{08}": killWord()
    case "[200~": isPasting = true
    case "[201~": isPasting = false
    default: break
    }
  }

  // MARK: Edits

  private mutating func reset() {
    (left, right, pending) = ("", "", [])
    place = history.count
  }

  private mutating func finish() -> Outcome {
    let line = text
    if !line.isEmpty, history.last != line { history.append(line) }
    if history.count > Self.mostHistory { history.removeFirst() }
    reset()
    return .line(line)
  }

  private mutating func step(_ count: Int) {
    if count < 0, let character = left.popLast() { right.insert(character, at: right.startIndex) }
    if count > 0, !right.isEmpty { left.append(right.removeFirst()) }
  }

  private mutating func move(to offset: Int) {
    let whole = text
    let index = whole.index(whole.startIndex, offsetBy: min(offset, whole.count))
    (left, right) = (String(whole[..<index]), String(whole[index...]))
  }

  /// The number of characters that lead past the next word.
  private func wordLength(_ characters: [Character]) -> Int {
    let gap = characters.prefix { !$0.isLetter && !$0.isNumber }.count
    return gap + characters.dropFirst(gap).prefix { $0.isLetter || $0.isNumber }.count
  }

  private mutating func killWord() {
    let gap = left.reversed().prefix(while: \.isWhitespace).count
    let count = gap + left.reversed().dropFirst(gap).prefix { !$0.isWhitespace }.count
    killed = String(left.suffix(count))
    left.removeLast(count)
  }

  private mutating func swap() {
    guard !left.isEmpty else { return }
    if right.isEmpty { step(-1) }
    guard let before = left.popLast(), !right.isEmpty else { return }
    left.append(right.removeFirst())
    left.append(before)
  }

  private mutating func look(_ direction: Int) {
    let next = place + direction
    guard (0...history.count).contains(next) else { return }
    if place == history.count { draft = text }
    place = next
    (left, right) = (next == history.count ? draft : history[next], "")
  }

  // MARK: Showing

  /// The visible part of the line around the cursor, and the column in which the cursor stands in it.
  public func view(columns: Int) -> (text: String, cursor: Int) {
    let room = max(1, columns - 1)
    var shown = ""
    var before = 0
    for character in left.reversed() {
      let width = Self.width(of: character)
      if before + width > room { break }
      before += width
      shown = Self.visible(character) + shown
    }
    var total = before
    for character in right {
      let width = Self.width(of: character)
      if total + width > room { break }
      total += width
      shown += Self.visible(character)
    }
    return (shown, before)
  }

  /// A character as one line can show it.
  private static func visible(_ character: Character) -> String {
    character == "\n" || character == "\r\n" ? "⏎" : character == "\t" ? " " : String(character)
  }

  /// The columns that a character takes in a terminal: two for East Asian wide ones and emoji.
  private static func width(of character: Character) -> Int {
    let scalars = character.unicodeScalars
    if scalars.contains(where: { $0.properties.isEmojiPresentation || $0.value == 0xFE0F }) { return 2 }
    guard let first = scalars.first else { return 0 }
    switch first.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF,
      0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      return 2
    case 0x0300...0x036F, 0x200B...0x200F: return 0
    default: return 1
    }
  }
}
