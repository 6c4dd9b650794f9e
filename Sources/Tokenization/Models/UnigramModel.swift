import Documents

/// The unigram language model: the segmentation with the highest sum of log-probabilities (Kudo 2018,
/// arXiv:1804.10959), found by Viterbi's algorithm over bytes.
struct UnigramModel: Sendable {
  private(set) var vocabulary: Vocabulary
  private var scores: [Double] = []
  private let unknownID: Int?
  private let byteFallback: Bool
  private let trie: ByteTrie
  private let unknownScore: Double

  init(_ model: JSONValue, reserved: Set<Int>) throws {
    guard let entries = model["vocab"]?.array else {
      throw TokenizationError("model.vocab: a Unigram model needs an array of [token, score]")
    }
    vocabulary = Vocabulary(minimumCapacity: entries.count)
    var trie = ByteTrie()
    for (id, entry) in entries.enumerated() {
      guard let token = entry[0]?.string, let score = entry[1]?.double, score.isFinite else {
        throw TokenizationError("model.vocab[\(id)]: expected [token, score]")
      }
      try vocabulary.add(token, id: id, entries: entries.count)
      scores.append(score)
      // Text must never turn into a control token such as `</s>`.
      if !reserved.contains(id) { trie.insert(Array(token.utf8), id: Int32(id)) }
    }
    self.trie = trie
    unknownID = model["unk_id"]?.int
    if let unknownID, !entries.indices.contains(unknownID) {
      throw TokenizationError("model.unk_id: \(unknownID) is outside the vocabulary")
    }
    byteFallback = model["byte_fallback"]?.bool ?? false
    // sentencepiece's penalty for an unknown character.
    unknownScore = (scores.min() ?? 0) - 10
  }

  private struct Node {
    var score = 0.0
    var start: Int32 = -1
    var id: Int32 = -1
  }

  /// The tokens of one piece of text.
  func tokenize(_ piece: UnsafeBufferPointer<UInt8>) -> [ModelToken] {
    var nodes = [Node](repeating: Node(), count: piece.count + 1)
    var start = 0
    while start < piece.count {
      let here = nodes[start].score
      var next = start + 1
      while next < piece.count, piece[next] & 0xC0 == 0x80 { next += 1 }
      var hasSingle = false
      func offer(_ end: Int, _ score: Double, _ id: Int32) {
        if nodes[end].start < 0 || score > nodes[end].score {
          nodes[end] = Node(score: score, start: Int32(start), id: id)
        }
      }
      trie.forEachPrefix(of: piece, from: start) { end, id in
        offer(end, here + scores[Int(id)], id)
        if end == next { hasSingle = true }
      }
      if !hasSingle { offer(next, here + unknownScore, -1) }
      start = next
    }
    return tokens(along: nodes, of: piece)
  }

  private func tokens(
    along nodes: [Node], of piece: UnsafeBufferPointer<UInt8>
  ) -> [ModelToken] {
    var parts: [(range: Range<Int>, id: Int32)] = []
    var end = piece.count
    while end > 0 {
      let node = nodes[end]
      let range = Int(node.start)..<end
      if node.id < 0, let last = parts.last, last.id < 0 {
        // Neighbouring unknown characters become one token.
        parts[parts.count - 1].range = range.lowerBound..<last.range.upperBound
      } else {
        parts.append((range, node.id))
      }
      end = range.lowerBound
    }
    var tokens: [ModelToken] = []
    for part in parts.reversed() {
      let bytes = UnsafeBufferPointer(rebasing: piece[part.range])
      let text = String(decoding: bytes, as: UTF8.self)
      if part.id >= 0 {
        tokens.append(ModelToken(id: Int(part.id), text: text, bytes: part.range))
      } else if byteFallback, let pieces = fallback(bytes) {
        tokens += pieces.map { ModelToken(id: $0.id, text: $0.text, bytes: part.range) }
      } else if let unknownID {
        tokens.append(ModelToken(id: unknownID, text: text, bytes: part.range))
      }
    }
    return tokens
  }

  private func fallback(_ bytes: UnsafeBufferPointer<UInt8>) -> [(id: Int, text: String)]? {
    var result: [(id: Int, text: String)] = []
    for byte in bytes {
      let digits = String(byte, radix: 16, uppercase: true)
      let name = "<0x\(digits.count < 2 ? "0" : "")\(digits)>"
      guard let id = vocabulary.id(of: name) else { return nil }
      result.append((id, name))
    }
    return result
  }
}
