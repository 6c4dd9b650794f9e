extension Tokenizer {
  /// The text of ids; bytes that are not valid UTF-8 become U+FFFD.
  ///
  /// - Parameters:
  ///   - ids: Token ids; ids outside the vocabulary are passed over.
  ///   - skipSpecialTokens: Leaves control tokens out.
  public func decode(_ ids: [Int], skipSpecialTokens: Bool = true) -> String {
    if decodesBytes {
      return String(decoding: joinedBytes(ids, skipSpecialTokens), as: UTF8.self)
    }
    let tokens = ids.compactMap { id in
      skipSpecialTokens && isLeftOut(id) ? nil : idToToken(id)
    }
    guard let decoder else { return tokens.joined(separator: " ") }
    return decoder.decode(tokens) { added.isSpelling($0) }.joined()
  }

  /// The bytes of ids, which for byte-level vocabularies may end in the middle of a character.
  public func decodeBytes(_ ids: [Int], skipSpecialTokens: Bool = true) -> [UInt8] {
    decodesBytes
      ? joinedBytes(ids, skipSpecialTokens)
      : Array(decode(ids, skipSpecialTokens: skipSpecialTokens).utf8)
  }

  /// Whether decoding leaves a control token out where it leaves any.
  ///
  /// As in `tokenizers`, one that a normaliser spells otherwise (a `Prepend` before it) is not known for a control token by
  /// its spelling, and stays.
  package func isLeftOut(_ id: Int) -> Bool {
    added[id].map { $0.isSpecial && added.spelling(of: id) == $0.content } ?? false
  }

  /// The byte that a `<0x..>` token stands for.
  func fallbackByte(of id: Int) -> UInt8? {
    guard added[id] == nil, let units = model.vocabulary.token(of: id)?.utf8, units.count == 6,
      units.starts(with: "<0x".utf8), units.last == UInt8(ascii: ">")
    else { return nil }
    return UInt8(Substring(units.dropFirst(3).prefix(2)), radix: 16)
  }

  /// Whether each id stands for bytes of its own, whatever is around it.
  var decodesBytes: Bool {
    if case .byteLevel = decoder { return true }
    return false
  }

  private func joinedBytes(_ ids: [Int], _ skipSpecialTokens: Bool) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(ids.count * 4)
    for id in ids where !(skipSpecialTokens && isLeftOut(id)) {
      bytes.append(contentsOf: pieces[id])
    }
    return bytes
  }
}
