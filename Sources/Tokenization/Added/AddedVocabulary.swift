import Documents

/// A tokenizer's added tokens: those looked for in the text as given, and those looked for after
/// normalisation.
struct AddedVocabulary: Sendable {
  /// In the order of their ids.
  let tokens: [AddedToken]
  /// Matches in the text as given.
  let raw: AddedTokenMatcher
  /// Matches in normalised text, against normalised contents.
  let normalized: AddedTokenMatcher
  private let ids: ByteTable
  private let byID: [Int: AddedToken]
  private let spellings: [Int: String]
  private let spelled: ByteTable

  /// Reads `added_tokens`; ids far beyond the `limit` of the vocabulary are refused.
  init(_ list: JSONValue?, normalizer: Normalizer?, limit: Int) throws {
    let listed = try (list?.array ?? []).enumerated().map { try AddedToken($1, at: $0) }
    var ids = ByteTable(minimumCapacity: listed.count)
    var byID: [Int: AddedToken] = [:]
    for token in listed {
      guard token.id < limit + listed.count * 4 + 65_536 else {
        throw TokenizationError(
          "added_tokens: \(token.content.debugDescription) has id \(token.id), far beyond the "
            + "vocabulary's \(limit)")
      }
      ids.set(token.content, to: token.id)
      byID[token.id] = token
    }
    self.ids = ids
    self.byID = byID
    tokens = listed.sorted { $0.id < $1.id }
    raw = AddedTokenMatcher(listed.filter { !$0.isNormalized })
    let later = listed.filter(\.isNormalized)
    let contents = later.map { token in
      var text = NormalizedText(token.content)
      normalizer?.apply(to: &text)
      return text.string
    }
    normalized = AddedTokenMatcher(later, contents: contents.map { Array($0.utf8) })
    var spellings = byID.mapValues(\.content)
    for (token, content) in zip(later, contents) { spellings[token.id] = content }
    self.spellings = spellings
    var spelled = ByteTable(minimumCapacity: listed.count)
    for (id, spelling) in spellings { spelled.set(spelling, to: id) }
    self.spelled = spelled
  }

  var isEmpty: Bool { raw.isEmpty && normalized.isEmpty }

  /// One more than the largest id, 0 without tokens.
  var idLimit: Int { (tokens.last?.id ?? -1) + 1 }

  func id(of content: String) -> Int? { ids[content] }

  subscript(id: Int) -> AddedToken? { byID[id] }

  /// The text that a token decodes to: its content, normalised if it is looked for in normalised text.
  func spelling(of id: Int) -> String? { spellings[id] }

  /// Whether some token decodes to this.
  func isSpelling(_ text: String) -> Bool { spelled[text] != nil }
}
