extension Tokenizer {
  /// The text of ids; bytes that are not valid UTF-8 become U+FFFD.
  ///
  /// - Parameters:
  ///   - ids: Token ids; ids outside the vocabulary are passed over.
  ///   - skipSpecialTokens: Leaves control tokens out.
  public func decode(_ ids: [Int], skipSpecialTokens: Bool = true) -> String {
    String(decoding: decodeBytes(ids, skipSpecialTokens: skipSpecialTokens), as: UTF8.self)
  }

  /// The bytes of ids, which may end in the middle of a character.
  public func decodeBytes(_ ids: [Int], skipSpecialTokens: Bool = true) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(ids.count * 4)
    for id in ids where !(skipSpecialTokens && isSpecial(id)) {
      bytes.append(contentsOf: pieces[id])
    }
    return bytes
  }
}
