extension Tokenizer {
  /// The bytes that a token adds to a text; none for control tokens and for ids outside the vocabulary.
  ///
  /// For vocabularies that mark words instead of bytes, `▁` is a space, also at the beginning of a text where decoding
  /// leaves it out.
  package func textBytes(of id: Int) -> [UInt8] {
    guard !isSpecial(id) else { return [] }
    if decodesBytes { return Array(pieces[id]) }
    if let byte = fallbackByte(of: id) { return [byte] }
    guard let token = idToToken(id), id != specialTokens.unknown else { return [] }
    return Array(added[id] == nil ? spaced(token).utf8 : token.utf8)
  }

  private func spaced(_ token: String) -> String {
    var text = String.UnicodeScalarView()
    for scalar in token.unicodeScalars { text.append(scalar == "\u{2581}" ? " " : scalar) }
    return String(text)
  }
}
