import Documents

/// WordPiece: the longest entry from the left, again and again (Devlin and others 2019, arXiv:1810.04805).
struct WordPieceModel: Sendable {
  let vocabulary: Vocabulary
  private let unknown: String
  private let unknownID: Int
  private let longestWord: Int
  private let starts: ByteTrie
  private let continuations: ByteTrie

  init(_ model: JSONValue, reserved: Set<Int>) throws {
    guard let object = model["vocab"]?.object else {
      throw TokenizationError("model.vocab: missing or not an object of tokens and ids")
    }
    vocabulary = try Vocabulary(object)
    unknown = model["unk_token"]?.string ?? "[UNK]"
    guard let id = vocabulary.id(of: unknown) else {
      throw TokenizationError("model.unk_token: \(unknown.debugDescription) is not in model.vocab")
    }
    unknownID = id
    longestWord = model["max_input_chars_per_word"]?.int ?? 100
    let prefix = Array((model["continuing_subword_prefix"]?.string ?? "##").utf8)
    var starts = ByteTrie()
    var continuations = ByteTrie()
    for (token, value) in object.members {
      guard let id = value.int, !reserved.contains(id) else { continue }
      let bytes = Array(token.utf8)
      starts.insert(bytes, id: Int32(id))
      if bytes.starts(with: prefix) {
        continuations.insert(Array(bytes.dropFirst(prefix.count)), id: Int32(id))
      }
    }
    self.starts = starts
    self.continuations = continuations
  }

  /// The tokens of one word; a word with an unknown part is unknown as a whole.
  func tokenize(_ piece: UnsafeBufferPointer<UInt8>) -> [ModelToken] {
    let whole = [ModelToken(id: unknownID, text: unknown, bytes: 0..<piece.count)]
    let count = piece.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
    if count > longestWord { return whole }
    var tokens: [ModelToken] = []
    var start = 0
    while start < piece.count {
      var best: (end: Int, id: Int32)?
      (start == 0 ? starts : continuations).forEachPrefix(of: piece, from: start) { end, id in
        // An entry may end only where a character does.
        if end == piece.count || piece[end] & 0xC0 != 0x80 { best = (end, id) }
      }
      guard let best else { return whole }
      let id = Int(best.id)
      tokens.append(
        ModelToken(id: id, text: vocabulary.token(of: id) ?? "", bytes: start..<best.end))
      start = best.end
    }
    return tokens
  }
}
