import HeapModule

/// The distinct words of a corpus as symbols, with the counts of all neighbouring pairs kept current
/// while pairs are merged.
struct MergeCorpus {
  /// Two neighbouring symbols.
  struct Pair: Hashable, Comparable {
    var left: Int32
    var right: Int32

    static func < (a: Pair, b: Pair) -> Bool {
      a.left != b.left ? a.left < b.left : a.right < b.right
    }
  }

  /// A pair that may be the next to merge, with the words it was seen in.
  private struct Candidate: Comparable {
    var count: Int
    var pair: Pair
    var words: [Int32]

    /// More frequent is greater; among equals the smaller pair.
    static func < (a: Candidate, b: Candidate) -> Bool {
      a.count != b.count ? a.count < b.count : b.pair < a.pair
    }

    static func == (a: Candidate, b: Candidate) -> Bool {
      a.count == b.count && a.pair == b.pair
    }
  }

  private var symbols: [Int32] = []
  private var starts: [Int] = []
  private var lengths: [Int32] = []
  private let wordCounts: [Int]
  private var pairCounts: [Pair: Int] = [:]
  private var queue = Heap<Candidate>()
  /// The words of the candidate that `mostFrequentPair` returned last.
  private var places: [Int32] = []

  init(_ counter: WordCounter, byteIDs: [Int32]) {
    wordCounts = counter.counts
    var found: [Pair: [Int32]] = [:]
    for (index, word) in counter.words.enumerated() {
      starts.append(symbols.count)
      lengths.append(Int32(word.count))
      for byte in word { symbols.append(byteIDs[Int(byte)]) }
      for offset in starts[index]..<max(symbols.count - 1, starts[index]) {
        let pair = Pair(left: symbols[offset], right: symbols[offset + 1])
        pairCounts[pair, default: 0] += wordCounts[index]
        Self.note(Int32(index), in: &found[pair, default: []])
      }
    }
    queue = Heap(found.map { Candidate(count: pairCounts[$0] ?? 0, pair: $0, words: $1) })
  }

  /// Words come in order, so a repeat is always the last one noted.
  private static func note(_ word: Int32, in words: inout [Int32]) {
    if words.last != word { words.append(word) }
  }

  /// The pair with the highest current count, `nil` when none reaches `least`.
  mutating func mostFrequentPair(atLeast least: Int) -> Pair? {
    while var top = queue.popMax() {
      let current = pairCounts[top.pair] ?? 0
      if top.count != current {
        // Counts only fall while a candidate waits; it goes back with the true one.
        top.count = current
        queue.insert(top)
        continue
      }
      if top.count < least { return nil }
      places = top.words
      return top.pair
    }
    return nil
  }

  /// Replaces the pair returned last by one symbol wherever it was seen.
  mutating func merge(_ pair: Pair, into id: Int32) {
    var found: [Pair: [Int32]] = [:]
    for word in places {
      let start = starts[Int(word)]
      var length = Int(lengths[Int(word)])
      let weight = wordCounts[Int(word)]
      var read = 0
      var write = 0
      symbols.withUnsafeMutableBufferPointer { symbols in
        while read < length {
          let symbol = symbols[start + read]
          guard symbol == pair.left, read + 1 < length, symbols[start + read + 1] == pair.right
          else {
            symbols[start + write] = symbol
            read += 1
            write += 1
            continue
          }
          if write > 0 {
            let before = symbols[start + write - 1]
            pairCounts[Pair(left: before, right: pair.left), default: 0] -= weight
            pairCounts[Pair(left: before, right: id), default: 0] += weight
            Self.note(word, in: &found[Pair(left: before, right: id), default: []])
          }
          if read + 2 < length {
            let after = symbols[start + read + 2]
            pairCounts[Pair(left: pair.right, right: after), default: 0] -= weight
            pairCounts[Pair(left: id, right: after), default: 0] += weight
            Self.note(word, in: &found[Pair(left: id, right: after), default: []])
          }
          symbols[start + write] = id
          read += 2
          write += 1
        }
      }
      length = write
      lengths[Int(word)] = Int32(length)
    }
    for (pair, words) in found {
      let count = pairCounts[pair] ?? 0
      if count > 0 { queue.insert(Candidate(count: count, pair: pair, words: words)) }
    }
  }
}
