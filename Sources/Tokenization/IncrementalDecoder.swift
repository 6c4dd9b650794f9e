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
  private let shown: Set<Int>
  /// Byte-level vocabularies: bytes of a character that lacks some.
  private var pending: [UInt8] = []
  /// Others: a stretch of emitted ids that what follows is decoded after, and the ids since.
  private var context: [Int] = []
  private var waiting: [Int] = []
  /// The number of ids in a row that have ended in U+FFFD.
  private var doubtful = 0

  /// A decoder at the start of a text.
  ///
  /// - Parameter shown: Control tokens that are spelled out all the same.
  public init(_ tokenizer: Tokenizer, skipSpecialTokens: Bool = true, showing shown: Set<Int> = []) {
    self.tokenizer = tokenizer
    self.skipSpecialTokens = skipSpecialTokens
    self.shown = shown
  }

  private func skips(_ id: Int) -> Bool { skipSpecialTokens && !shown.contains(id) && tokenizer.isLeftOut(id) }

  /// The text that this token completes; empty while a character lacks bytes.
  public mutating func append(_ id: Int) -> String {
    guard tokenizer.decodesBytes else { return appendToWindow(id) }
    if skips(id) { return "" }
    pending += tokenizer.decodeBytes([id], skipSpecialTokens: false)
    let complete = pending.count - Self.unfinishedCount(pending)
    defer { pending.removeFirst(complete) }
    return String(decoding: pending[..<complete], as: UTF8.self)
  }

  /// Returns what is left, with U+FFFD for bytes that never became a character.
  public mutating func finish() -> String {
    defer {
      pending = []
      context = []
      waiting = []
      doubtful = 0
    }
    return tokenizer.decodesBytes ? String(decoding: pending, as: UTF8.self) : news()
  }

  /// Decoders that look at neighbours: decode some emitted tokens with and without the new ones, and
  /// emit the difference once it ends in a whole character.
  private mutating func appendToWindow(_ id: Int) -> String {
    if skips(id) { return "" }
    waiting.append(id)
    let run = waiting.reversed().prefix { tokenizer.fallbackByte(of: $0) != nil }.reversed()
    if !run.isEmpty {
      let bytes = run.compactMap { tokenizer.fallbackByte(of: $0) }
      if String(validating: bytes, as: UTF8.self) == nil { return "" }
    }
    let text = news()
    // U+FFFD at the end may be a character whose bytes are still coming, but not for ever.
    doubtful = run.isEmpty && text.hasSuffix("\u{FFFD}") ? doubtful + 1 : 0
    if text.isEmpty || (1...3).contains(doubtful) { return "" }
    doubtful = 0
    context += waiting
    waiting = []
    // One token is context enough, unless it is a byte that means nothing alone.
    if let last = context.lastIndex(where: { tokenizer.fallbackByte(of: $0) == nil }) {
      context = [context[last]]
    }
    return text
  }

  private func news() -> String {
    // What is skipped never came this far.
    let before = tokenizer.decode(context, skipSpecialTokens: false)
    let after = tokenizer.decode(context + waiting, skipSpecialTokens: false)
    return String(Substring(after.utf8.dropFirst(before.utf8.count)))
  }

  /// The number of bytes at the end that may still become a character when more follow.
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
