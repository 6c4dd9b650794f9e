import Documents

/// A token matched in the text before the model sees it, with its stripping rules.
public struct AddedToken: Sendable, Equatable {
  /// The text it stands for.
  public var content: String
  /// Its id.
  public var id: Int
  /// Whether it is a control token: left out by `decode(_:skipSpecialTokens:)`, and matched in text
  /// only when special tokens are allowed.
  public var isSpecial: Bool
  /// Whether it matches only when no word character touches it.
  public var isSingleWord: Bool
  /// Whether it swallows white space before it.
  public var stripsLeft: Bool
  /// Whether it swallows white space after it.
  public var stripsRight: Bool
  /// Whether it is looked for in the normalised text rather than in the text as given.
  public var isNormalized: Bool

  /// A token with the usual rules of a control token.
  public init(
    _ content: String, id: Int, isSpecial: Bool = true, isSingleWord: Bool = false,
    stripsLeft: Bool = false, stripsRight: Bool = false, isNormalized: Bool = false
  ) {
    self.content = content
    self.id = id
    self.isSpecial = isSpecial
    self.isSingleWord = isSingleWord
    self.stripsLeft = stripsLeft
    self.stripsRight = stripsRight
    self.isNormalized = isNormalized
  }

  init(_ value: JSONValue, at index: Int) throws {
    guard let content = value["content"]?.string, let id = value["id"]?.int, id >= 0 else {
      throw TokenizationError(
        "added_tokens[\(index)]: needs `content`, a string, and `id`, a number")
    }
    self.init(
      content, id: id, isSpecial: value["special"]?.bool ?? false,
      isSingleWord: value["single_word"]?.bool ?? false, stripsLeft: value["lstrip"]?.bool ?? false,
      stripsRight: value["rstrip"]?.bool ?? false, isNormalized: value["normalized"]?.bool ?? true)
  }

  var json: JSONValue {
    [
      "id": .int(id), "content": .string(content), "single_word": .bool(isSingleWord),
      "lstrip": .bool(stripsLeft), "rstrip": .bool(stripsRight),
      "normalized": .bool(isNormalized), "special": .bool(isSpecial),
    ]
  }
}
