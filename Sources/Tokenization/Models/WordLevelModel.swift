import Documents

/// One id a word, or the unknown token.
struct WordLevelModel: Sendable {
  let vocabulary: Vocabulary
  private let unknown: String
  private let unknownID: Int?
  private let reserved: Set<Int>

  init(_ model: JSONValue, reserved: Set<Int>) throws {
    guard let object = model["vocab"]?.object else {
      throw TokenizationError("model.vocab: missing or not an object of tokens and ids")
    }
    vocabulary = try Vocabulary(object)
    unknown = model["unk_token"]?.string ?? "<unk>"
    unknownID = vocabulary.id(of: unknown)
    self.reserved = reserved
  }

  /// The token of one word; none if it is unknown and there is no unknown token.
  func tokenize(_ piece: UnsafeBufferPointer<UInt8>) -> [ModelToken] {
    let range = 0..<piece.count
    if let id = vocabulary.id(of: piece), !reserved.contains(id) {
      return [ModelToken(id: id, text: vocabulary.token(of: id) ?? "", bytes: range)]
    }
    return unknownID.map { [ModelToken(id: $0, text: unknown, bytes: range)] } ?? []
  }
}
