/// The additions around the model's ids, and the trimming of offsets.
indirect enum PostProcessor: Sendable {
  case template(single: [TemplatePiece], pair: [TemplatePiece])
  case byteLevel(trimsOffsets: Bool, addsPrefixSpace: Bool)
  case roberta(start: SpecialToken, end: SpecialToken, trimsOffsets: Bool, addsPrefixSpace: Bool)
  case bert(start: SpecialToken, end: SpecialToken)
  case sequence([PostProcessor])

  /// A special token by name and id.
  struct SpecialToken: Sendable {
    var content: String
    var id: Int
  }

  /// One place of a template.
  enum TemplatePiece: Sendable {
    case sequence(second: Bool, typeID: Int)
    case special([SpecialToken], typeID: Int)
  }

  /// The processed encodings of one text or of a pair.
  func process(_ encodings: [Encoding], addSpecialTokens: Bool) -> [Encoding] {
    switch self {
    case .sequence(let steps):
      return steps.reduce(encodings) { $1.process($0, addSpecialTokens: addSpecialTokens) }
    case .byteLevel(let trims, let prefix):
      return trims ? encodings.map { Self.trimmed($0, addsPrefixSpace: prefix) } : encodings
    case .roberta(let start, let end, let trims, let prefix):
      let trimmed = trims ? encodings.map { Self.trimmed($0, addsPrefixSpace: prefix) } : encodings
      let plain = trimmed.map { encoding in
        var encoding = encoding
        encoding.typeIDs = [Int](repeating: 0, count: encoding.count)
        return encoding
      }
      if !addSpecialTokens { return plain }
      return plain.enumerated().map { index, encoding in
        Self.wrap(encoding, start: index == 0 ? start : end, end: end, typeID: 0)
      }
    case .bert(let start, let end):
      if !addSpecialTokens { return encodings }
      return encodings.enumerated().map { index, encoding in
        Self.wrap(encoding, start: index == 0 ? start : nil, end: end, typeID: index)
      }
    case .template(let single, let pair):
      let pieces = encodings.count > 1 ? pair : single
      return pieces.compactMap { piece in
        switch piece {
        case .sequence(let second, let typeID):
          var part = encodings[second ? 1 : 0]
          part.typeIDs = [Int](repeating: typeID, count: part.count)
          return part
        case .special(let tokens, let typeID):
          if !addSpecialTokens { return nil }
          var part = Encoding()
          for token in tokens {
            part.append(
              id: token.id, token: token.content, offset: 0..<0, typeID: typeID, isSpecial: true)
          }
          return part
        }
      }
    }
  }

  /// The number of special tokens around one text or a pair.
  func addedCount(isPair: Bool) -> Int {
    switch self {
    case .sequence(let steps): return steps.reduce(0) { $0 + $1.addedCount(isPair: isPair) }
    case .byteLevel: return 0
    case .roberta: return isPair ? 4 : 2
    case .bert: return isPair ? 3 : 2
    case .template(let single, let pair):
      return (isPair ? pair : single).reduce(0) {
        if case .special(let tokens, _) = $1 { return $0 + tokens.count }
        return $0
      }
    }
  }

  private static func wrap(
    _ encoding: Encoding, start: SpecialToken?, end: SpecialToken, typeID: Int
  ) -> Encoding {
    var result = Encoding()
    if let start {
      result.append(
        id: start.id, token: start.content, offset: 0..<0, typeID: typeID, isSpecial: true)
    }
    var body = encoding
    body.typeIDs = [Int](repeating: typeID, count: body.count)
    result.append(body)
    result.append(id: end.id, token: end.content, offset: 0..<0, typeID: typeID, isSpecial: true)
    return result
  }

  /// Offsets without the white space that byte-level tokens carry at their ends.
  private static func trimmed(_ encoding: Encoding, addsPrefixSpace: Bool) -> Encoding {
    func isSpace(_ scalar: Unicode.Scalar) -> Bool {
      scalar == ByteAlphabet.scalars[0x20] || scalar.properties.isWhitespace
    }
    var result = encoding
    for (index, token) in encoding.tokens.enumerated() {
      var leading = token.unicodeScalars.prefix(while: isSpace).count
      let trailing = token.unicodeScalars.reversed().prefix(while: isSpace).count
      var (lower, upper) = (encoding.offsets[index].lowerBound, encoding.offsets[index].upperBound)
      if leading > 0 {
        // A single space at the start may be the one that was put there, which offsets don't count.
        if addsPrefixSpace, leading == 1, index == 0 || lower == 0 { leading = 0 }
        lower = min(lower + leading, upper)
      }
      if trailing > 0, upper >= trailing { upper = max(upper - trailing, lower) }
      result.offsets[index] = lower..<upper
    }
    return result
  }
}
