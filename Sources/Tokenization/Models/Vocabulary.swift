import Documents

/// The tokens of a model by id and the ids by token, byte for byte.
struct Vocabulary: Sendable {
  /// Token text by id; ids may have gaps.
  private(set) var tokens: [String?] = []
  private var table: ByteTable

  init(minimumCapacity: Int = 16) {
    table = ByteTable(minimumCapacity: minimumCapacity)
    tokens.reserveCapacity(minimumCapacity)
  }

  /// One more than the largest id.
  var idLimit: Int { tokens.count }

  /// The id of a token.
  func id(of token: String) -> Int? { table[token] }

  /// The id of a token given as UTF-8.
  func id(of bytes: UnsafeBufferPointer<UInt8>) -> Int? { table[bytes] }

  /// The token of an id.
  func token(of id: Int) -> String? { tokens.indices.contains(id) ? tokens[id] : nil }

  /// Adds a token; ids far beyond the number of entries are refused so that a small file can't ask
  /// for a huge table.
  mutating func add(_ token: String, id: Int, entries: Int) throws {
    guard id >= 0, id < entries * 4 + 65_536 else {
      throw TokenizationError(
        "token \(token.debugDescription) has id \(id), but the file has only \(entries) tokens")
    }
    while tokens.count <= id { tokens.append(nil) }
    tokens[id] = token
    table.set(token, to: id)
  }

  /// Reads the `vocab` object of a model.
  init(_ object: JSONObject) throws {
    self.init(minimumCapacity: object.members.count)
    for (token, value) in object.members {
      guard let id = value.int else {
        throw TokenizationError(
          "model.vocab: the id of token \(token.debugDescription) is \(value.kind), not an integer")
      }
      try add(token, id: id, entries: object.members.count)
    }
  }
}
