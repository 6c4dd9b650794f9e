/// Distinct words of a corpus and how often each occurs.
struct WordCounter: Sendable {
  private var table = ByteTable(minimumCapacity: 1 << 14)
  private(set) var words: [[UInt8]] = []
  private(set) var counts: [Int] = []

  /// Counts the words of `text`.
  mutating func add(_ text: UnsafeBufferPointer<UInt8>, split pattern: SplitPattern) {
    pattern.forEachWord(of: text) { start, end in
      let word = UnsafeBufferPointer(rebasing: text[start..<end])
      if let index = table[word] {
        counts[index] += 1
      } else {
        table.set(word, to: words.count)
        words.append(Array(word))
        counts.append(1)
      }
    }
  }
}
