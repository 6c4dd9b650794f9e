/// All tokens of a vocabulary as a prefix tree, laid out in the order in which it is walked.
struct TokenTrie {
  struct Node {
    var byte: UInt8
    /// The number of bytes that stand before this one.
    var depth: UInt16
    /// The node after all that begin like this one.
    var end: Int32
    /// The tokens that end here.
    var firstID: Int32
    var endID: Int32
  }

  private(set) var nodes: [Node] = []
  private(set) var ids: [Int32] = []
  private(set) var deepest = 0
  private let tokens: [[UInt8]]

  /// One more than the largest id.
  var limit: Int { tokens.count }

  /// - Parameter tokens: the bytes of each id; those of control tokens are empty, and they are never allowed.
  init(_ tokens: [[UInt8]]) {
    self.tokens = tokens
    let order = tokens.indices.filter { !tokens[$0].isEmpty && tokens[$0].count <= 4096 }
      .sorted { tokens[$0].lexicographicallyPrecedes(tokens[$1]) }
    // The nodes of the token before, outermost first.
    var path: [Int] = []
    var previous: [UInt8] = []
    for id in order {
      let bytes = tokens[id]
      var shared = 0
      while shared < min(bytes.count, previous.count), bytes[shared] == previous[shared] { shared += 1 }
      while path.count > shared { nodes[path.removeLast()].end = Int32(nodes.count) }
      for i in shared..<bytes.count {
        path.append(nodes.count)
        nodes.append(
          Node(
            byte: bytes[i], depth: UInt16(i), end: 0, firstID: Int32(ids.count),
            endID: Int32(ids.count)))
      }
      ids.append(Int32(id))
      if let last = path.last { nodes[last].endID = Int32(ids.count) }
      deepest = max(deepest, bytes.count)
      previous = bytes
    }
    while let last = path.popLast() { nodes[last].end = Int32(nodes.count) }
  }

  func bytes(of id: Int) -> [UInt8] { tokens.indices.contains(id) ? tokens[id] : [] }
}

/// A set of tokens.
struct TokenMask {
  private var words: [UInt64]
  /// Whether there is any token in it.
  private(set) var isAnything = false

  init(count: Int) { words = [UInt64](repeating: 0, count: (count + 63) / 64) }

  mutating func insert(_ id: Int) {
    words[id / 64] |= 1 << UInt64(id % 64)
    isAnything = true
  }

  func contains(_ id: Int) -> Bool { words[id / 64] & (1 << UInt64(id % 64)) != 0 }

  /// Makes the logits of all other tokens −∞.
  func apply(to logits: UnsafeMutableBufferPointer<Float>) {
    for id in min(words.count * 64, logits.count)..<logits.count { logits[id] = -.infinity }
    for (i, word) in words.enumerated() where word != .max {
      for bit in 0..<max(0, min(64, logits.count - i * 64)) where word & (1 << UInt64(bit)) == 0 {
        logits[i * 64 + bit] = -.infinity
      }
    }
  }
}
