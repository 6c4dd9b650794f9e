/// Text as tokens arrive, complete characters only.
///
/// ```swift
/// var decoder = IncrementalDecoder(tokenizer)
/// for id in ids { print(decoder.append(id), terminator: "") }
/// print(decoder.finish())
/// ```
///
/// The pieces joined equal `decode` of all ids at once.
public struct IncrementalDecoder: Sendable {
  private let tokenizer: Tokenizer
  private let skipSpecialTokens: Bool
  private var pending: [UInt8] = []

  /// A decoder at the start of a text.
  public init(_ tokenizer: Tokenizer, skipSpecialTokens: Bool = true) {
    self.tokenizer = tokenizer
    self.skipSpecialTokens = skipSpecialTokens
  }

  /// The text that this token completes; empty while a character lacks bytes.
  public mutating func append(_ id: Int) -> String {
    pending += tokenizer.decodeBytes([id], skipSpecialTokens: skipSpecialTokens)
    let complete = pending.count - Self.unfinishedCount(pending)
    defer { pending.removeFirst(complete) }
    return String(decoding: pending[..<complete], as: UTF8.self)
  }

  /// What is left, with U+FFFD for bytes that never became a character.
  public mutating func finish() -> String {
    defer { pending = [] }
    return String(decoding: pending, as: UTF8.self)
  }

  /// How many bytes at the end may still become a character when more follow.
  static func unfinishedCount(_ bytes: [UInt8]) -> Int {
    for back in 1...3 where back <= bytes.count {
      let byte = bytes[bytes.count - back]
      if byte & 0xC0 == 0x80 { continue }
      let needed = byte >= 0xF0 && byte < 0xF5 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC2 ? 2 : 1
      if byte >= 0xF5 || needed <= back { return 0 }
      // E0, ED, F0 and F4 restrict their second byte; a wrong one can't be completed.
      if back >= 2 {
        let second = bytes[bytes.count - back + 1]
        if (byte == 0xE0 && second < 0xA0) || (byte == 0xED && second >= 0xA0)
          || (byte == 0xF0 && second < 0x90) || (byte == 0xF4 && second >= 0x90)
        {
          return 0
        }
      }
      return back
    }
    return 0
  }
}
