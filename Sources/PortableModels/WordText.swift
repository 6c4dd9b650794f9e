/// Texts as words, and words as texts: what a chatbot reads and writes.
///
/// Words are runs of letters, digits, apostrophes and hyphens inside them, and whatever isn't ASCII; every other sign is a word of its own, three
/// dots too. It stands on bytes of UTF-8, since Embedded Swift has no tables of Unicode.
public enum WordText {
  /// The words of a text in lower case (ASCII's letters alone), as UTF-8.
  public static func words(of text: [UInt8]) -> [[UInt8]] {
    cased(of: text).map { $0.map(lower) }
  }

  /// The words of a text as they are spelled.
  public static func cased(of text: [UInt8]) -> [[UInt8]] {
    let bytes = plain(text)
    var found: [[UInt8]] = []
    var i = 0
    while i < bytes.count {
      let byte = bytes[i]
      var end = i + 1
      if byte <= space || byte == 0x7F {
        i += 1
        continue
      }
      if isLetter(byte) {
        while end < bytes.count, isLetter(bytes[end]) || joins(bytes, at: end) { end += 1 }
      } else if byte == dot, end < bytes.count, bytes[end] == dot {
        while end < bytes.count, bytes[end] == dot { end += 1 }
        found.append([dot, dot, dot])
        i = end
        continue
      }
      found.append(Array(bytes[i..<end]))
      i = end
    }
    return found
  }

  /// ASCII's small letter of a capital; any other byte is left.
  public static func lower(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte + 0x20 : byte }

  /// Writes words one after the other: where a space stands, and which begin with a capital.
  public struct Joiner {
    private var isFirst = true
    private var beginsSentence = true
    private var holdsNext = false

    /// Begins a text.
    public init() {}

    /// The bytes that a word adds to the text.
    public mutating func add(_ word: [UInt8]) -> [UInt8] {
      guard let first = word.first else { return [] }
      var piece: [UInt8] = []
      let isSign = word.count == 1 || first == dot
      let hugs = isSign && (closing(first) || first == dot)
      if !isFirst, !hugs, !holdsNext { piece.append(space) }
      if beginsSentence, first >= 0x61, first <= 0x7A {
        piece.append(first - 0x20)
        piece += word.dropFirst()
      } else {
        piece += word
      }
      holdsNext = isSign && first == 0x28
      isFirst = false
      // After three dots a sentence goes on.
      if isSign, word.count == 1, first == dot || first == 0x21 || first == 0x3F {
        beginsSentence = true
      } else if !(isSign && holdsNext) {
        beginsSentence = false
      }
      return piece
    }

    private func closing(_ byte: UInt8) -> Bool {
      // , ! ? ; : ) %
      byte == 0x2C || byte == 0x21 || byte == 0x3F || byte == 0x3B || byte == 0x3A || byte == 0x29 || byte == 0x25
    }
  }

  private static let space: UInt8 = 0x20
  private static let dot: UInt8 = 0x2E

  private static func isLetter(_ byte: UInt8) -> Bool {
    byte >= 0x80 || (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5A) || (byte >= 0x61 && byte <= 0x7A)
  }

  /// Whether an apostrophe or hyphen stands inside a word.
  private static func joins(_ bytes: [UInt8], at place: Int) -> Bool {
    (bytes[place] == 0x27 || bytes[place] == 0x2D) && place + 1 < bytes.count && isLetter(bytes[place + 1])
  }

  /// The text with straight apostrophes and three dots for the one sign.
  private static func plain(_ text: [UInt8]) -> [UInt8] {
    var made: [UInt8] = []
    made.reserveCapacity(text.count)
    var i = 0
    while i < text.count {
      if text[i] == 0xE2, i + 2 < text.count, text[i + 1] == 0x80 {
        switch text[i + 2] {
        case 0x98, 0x99:
          made.append(0x27)
          i += 3
          continue
        case 0xA6:
          made += [dot, dot, dot]
          i += 3
          continue
        default: break
        }
      }
      made.append(text[i])
      i += 1
    }
    return made
  }
}
