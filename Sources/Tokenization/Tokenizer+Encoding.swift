extension Tokenizer {
  /// The ids of a text, whatever its length: the file's truncation and padding are not applied.
  ///
  /// - Parameters:
  ///   - text: Any text.
  ///   - addSpecialTokens: Adds what the file's post-processor puts around a text (often the
  ///     beginning-of-sequence token).
  ///   - allowSpecial: Turns the text of control tokens into them. Leave it false for text that
  ///     people or models wrote; set it for rendered chat templates.
  public func encode(
    _ text: String, addSpecialTokens: Bool = true, allowSpecial: Bool = false
  ) -> [Int] {
    var text = text
    return text.withUTF8 {
      encode(utf8: $0, addSpecialTokens: addSpecialTokens, allowSpecial: allowSpecial)
    }
  }

  /// The ids of bytes that should be UTF-8.
  ///
  /// Byte-level vocabularies keep invalid bytes as they are; for others each becomes U+FFFD.
  public func encode(
    utf8 bytes: UnsafeBufferPointer<UInt8>, addSpecialTokens: Bool = true,
    allowSpecial: Bool = false
  ) -> [Int] {
    var ids: [Int] = []
    if let fastPath {
      ids = fastPath.encode(bytes, added: added, allowSpecial: allowSpecial)
    } else {
      let text = String(decoding: bytes, as: UTF8.self)
      forEachPiece(of: text, allowSpecial: allowSpecial) { piece, token in
        if let token {
          ids.append(token.id)
        } else {
          piece.utf8.bytes.withUnsafeBufferPointer { ids += model.tokenize($0).map(\.id) }
        }
      }
    }
    guard addSpecialTokens, let postProcessor, postProcessor.addedCount(isPair: false) > 0 else {
      return ids
    }
    var body = Encoding()
    body.ids = ids
    return postProcessor.process([body], addSpecialTokens: true).flatMap(\.ids)
  }

  /// The ids of a text, or of a pair of texts, with tokens, offsets and masks.
  ///
  /// - Parameters:
  ///   - text: The text.
  ///   - pair: A second text, for models that take two.
  ///   - addSpecialTokens: As for `encode`.
  ///   - allowSpecial: As for `encode`.
  ///   - truncation: Where to cut; the file's setting unless given, `.some(nil)` for nowhere.
  ///   - padding: How to fill up; the file's setting unless given, `.some(nil)` for not at all.
  public func encoding(
    of text: String, pair: String? = nil, addSpecialTokens: Bool = true,
    allowSpecial: Bool = false, truncation: Truncation?? = nil, padding: Padding?? = nil
  ) throws -> Encoding {
    var batch = [
      try unpadded(
        text, pair, addSpecialTokens, allowSpecial, truncation ?? self.truncation)
    ]
    (padding ?? self.padding)?.apply(to: &batch)
    return batch[0]
  }

  /// The encodings of a batch of texts, filled up to a common length if padding is asked for.
  public func encodings(
    of texts: [String], addSpecialTokens: Bool = true, allowSpecial: Bool = false,
    truncation: Truncation?? = nil, padding: Padding?? = nil
  ) throws -> [Encoding] {
    var batch = try texts.map {
      try unpadded($0, nil, addSpecialTokens, allowSpecial, truncation ?? self.truncation)
    }
    (padding ?? self.padding)?.apply(to: &batch)
    return batch
  }

  private func unpadded(
    _ text: String, _ pair: String?, _ addSpecialTokens: Bool, _ allowSpecial: Bool,
    _ truncation: Truncation?
  ) throws -> Encoding {
    var parts = [plainEncoding(of: text, typeID: 0, allowSpecial: allowSpecial)]
    if let pair { parts.append(plainEncoding(of: pair, typeID: 1, allowSpecial: allowSpecial)) }
    if let truncation {
      let extra = addSpecialTokens ? postProcessor?.addedCount(isPair: pair != nil) ?? 0 : 0
      try truncation.apply(to: &parts, added: extra)
    }
    func join(_ parts: [Encoding]) -> Encoding {
      let processed = postProcessor?.process(parts, addSpecialTokens: addSpecialTokens) ?? parts
      return processed.reduce(into: Encoding()) { $0.append($1) }
    }
    var result = join(parts)
    for index in parts.indices {
      for overflow in parts[index].overflowing {
        var others = parts
        others[index] = overflow
        result.overflowing.append(join(others))
      }
    }
    return result
  }

  private func plainEncoding(of text: String, typeID: Int, allowSpecial: Bool) -> Encoding {
    var result = Encoding()
    forEachPiece(of: text, allowSpecial: allowSpecial) { piece, token in
      if let token {
        result.append(
          id: token.id, token: piece.string, offset: piece.origin(of: 0..<piece.count),
          typeID: typeID)
        return
      }
      let (bytes, scalarOf) = piece.utf8
      for token in bytes.withUnsafeBufferPointer({ model.tokenize($0) }) {
        let range = token.bytes.clamped(to: 0..<scalarOf.count)
        let first = range.first.map { Int(scalarOf[$0]) } ?? 0
        let last = range.last.map { Int(scalarOf[$0]) + 1 } ?? first
        result.append(
          id: token.id, token: token.text, offset: piece.origin(of: first..<last), typeID: typeID)
      }
    }
    return result
  }

  /// Calls `body` in order with each added token's text and the token, and each piece for the model.
  private func forEachPiece(
    of text: String, allowSpecial: Bool, _ body: (NormalizedText, AddedToken?) -> Void
  ) {
    let whole = NormalizedText(text)
    split(whole, with: added.raw, allowSpecial) { part, token in
      if let token { return body(part, token) }
      var part = part
      normalizer?.apply(to: &part)
      split(part, with: added.normalized, allowSpecial) { part, token in
        if let token { return body(part, token) }
        for piece in preTokenizer?.apply(to: [part]) ?? [part] where !piece.isEmpty {
          body(piece, nil)
        }
      }
    }
  }

  private func split(
    _ text: NormalizedText, with matcher: AddedTokenMatcher, _ allowSpecial: Bool,
    _ body: (NormalizedText, AddedToken?) -> Void
  ) {
    if text.isEmpty { return }
    if matcher.isEmpty { return body(text, nil) }
    let (bytes, scalarOf) = text.utf8
    bytes.withUnsafeBufferPointer { bytes in
      matcher.split(bytes, allowSpecial: allowSpecial) { range, token in
        let end = range.upperBound < bytes.count ? Int(scalarOf[range.upperBound]) : text.count
        body(text.slice(Int(scalarOf[range.lowerBound])..<end), token)
      }
    }
  }
}
