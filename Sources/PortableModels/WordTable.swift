/// A vocabulary: words by number, and numbers by word through an open hash table.
struct WordTable {
  private let words: [[UInt8]]
  private var slots: [Int32]

  var count: Int { words.count }

  /// Words that end in a line feed each.
  ///
  /// - Returns: nil where there are not exactly `count`.
  init?(_ bytes: UnsafeBufferPointer<UInt8>, count: Int) {
    var words: [[UInt8]] = []
    var word: [UInt8] = []
    for byte in bytes {
      if byte == 0x0A {
        words.append(word)
        word = []
      } else {
        word.append(byte)
      }
    }
    guard word.isEmpty, words.count == count else { return nil }
    var size = 16
    while size < 2 * count { size *= 2 }
    self.words = words
    slots = Array(repeating: -1, count: size)
    for (number, word) in words.enumerated() {
      var slot = Self.hash(word) & (size - 1)
      while slots[slot] >= 0 { slot = (slot + 1) & (size - 1) }
      slots[slot] = Int32(number)
    }
  }

  subscript(number: Int) -> [UInt8] { words[number] }

  /// The number of a word; nil where it isn't known.
  func number(of word: [UInt8]) -> Int? {
    var slot = Self.hash(word) & (slots.count - 1)
    while slots[slot] >= 0 {
      if words[Int(slots[slot])] == word { return Int(slots[slot]) }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  /// FNV-1a in 32 bits.
  private static func hash(_ word: [UInt8]) -> Int {
    var state: UInt32 = 0x811C_9DC5
    for byte in word { state = (state ^ UInt32(byte)) &* 0x0100_0193 }
    return Int(state & 0x7FFF_FFFF)
  }
}
