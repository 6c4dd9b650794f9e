/// Identifiers that follow from an item's content, so that importing it again finds it there.
///
/// Two 64-bit hashes of different construction make 128 bits: enough against chance, not against
/// somebody who wants two items to collide. The n-th repetition within one import gets its own
/// identifier, since two people may well say the same.
struct ContentIdentifier {
  private var occurrences: [String: Int] = [:]

  /// The item under the identifier of its content.
  mutating func identify(_ item: FeedbackItem) throws -> FeedbackItem {
    let hash = Self.hash(try FeedbackRow.content(item.identified(as: "")))
    let count = occurrences[hash, default: 0]
    occurrences[hash] = count + 1
    return item.identified(as: count == 0 ? hash : "\(hash)-\(count + 1)")
  }

  static func hash(_ text: String) -> String {
    var first: UInt64 = 0xCBF2_9CE4_8422_2325
    var second: UInt64 = 0x9E37_79B9_7F4A_7C15
    for byte in text.utf8 {
      first = (first ^ UInt64(byte)) &* 0x100_0000_01B3
      second = ((second &+ UInt64(byte)) &* 0xFF51_AFD7_ED55_8CCD)
      second ^= second >> 29
    }
    return [first ^ (first >> 32), second].map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }
}
