/// The bytes that each id of a byte-level vocabulary stands for, in one block.
struct TokenBytes: Sendable {
  private var storage: [UInt8] = []
  private var starts: [Int] = [0]

  init(vocabulary: Vocabulary, added: AddedVocabulary, limit: Int) {
    starts.reserveCapacity(limit + 1)
    for id in 0..<limit {
      if let content = added.spelling(of: id) {
        storage.append(contentsOf: content.utf8)
      } else if let token = vocabulary.token(of: id) {
        // An entry outside the byte alphabet stands for its own text.
        storage.append(contentsOf: ByteAlphabet.decode(token) ?? Array(token.utf8))
      }
      starts.append(storage.count)
    }
  }

  /// The bytes of an id; none for an id outside the vocabulary.
  subscript(id: Int) -> ArraySlice<UInt8> {
    guard id >= 0, id < starts.count - 1 else { return [] }
    return storage[starts[id]..<starts[id + 1]]
  }
}
