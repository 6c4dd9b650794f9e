/// A cut of normalised text into the pieces that the model sees one at a time.
indirect enum PreTokenizer: Sendable {
  case byteLevel(addsPrefixSpace: Bool, usesPattern: Bool)
  case split(TextPattern, SplitBehavior, inverted: Bool)
  case digits(individual: Bool)
  case punctuation(SplitBehavior)
  case whitespace
  case whitespaceSplit
  case bert
  case delimiter(Unicode.Scalar)
  case metaspace(replacement: Unicode.Scalar, scheme: PrependScheme, splits: Bool)
  case fixedLength(Int)
  case sequence([PreTokenizer])

  /// A rule for putting a space in front of text.
  enum PrependScheme: String, Sendable {
    case always, never, first
  }

  /// Cuts each of the pieces.
  func apply(to pieces: [NormalizedText]) -> [NormalizedText] {
    if case .sequence(let steps) = self { return steps.reduce(pieces) { $1.apply(to: $0) } }
    return pieces.flatMap(cut)
  }

  private func cut(_ piece: NormalizedText) -> [NormalizedText] {
    switch self {
    case .byteLevel(let addsPrefixSpace, let usesPattern):
      var piece = piece
      if addsPrefixSpace, piece.scalars.first != " " { piece.prepend(" ") }
      var words = [piece]
      if usesPattern {
        words = TextPattern.known(.gpt2).matches(in: piece).map(piece.slice)
      }
      for index in words.indices { Normalizer.byteLevel.apply(to: &words[index]) }
      return words
    case .split(let pattern, let behavior, let inverted):
      return behavior.pieces(
        of: piece.count, matches: pattern.matches(in: piece), inverted: inverted
      ).map(piece.slice)
    case .digits(let individual):
      return cut(piece, individual ? .isolated : .contiguous) { $0.contains(.number) }
    case .punctuation(let behavior):
      return cut(piece, behavior, at: Self.isPunctuation)
    case .whitespace:
      return words(of: piece)
    case .whitespaceSplit:
      return cut(piece, .removed) { $0.contains(.space) }
    case .bert:
      return cut(piece, .removed) { $0.contains(.space) }
        .flatMap { cut($0, .isolated, at: Self.isPunctuation) }
    case .delimiter(let delimiter):
      return cut(piece, .removed) { $0 == delimiter }
    case .metaspace(let replacement, let scheme, let splits):
      var piece = piece
      piece.replace(TextPattern.literal([" "]).matches(in: piece), with: [replacement])
      let wanted = scheme == .always || (scheme == .first && piece.start == 0)
      if wanted, piece.scalars.first != replacement { piece.prepend(String(replacement)) }
      if !splits { return piece.isEmpty ? [] : [piece] }
      return SplitBehavior.mergedWithNext.pieces(
        of: piece.count, matches: TextPattern.literal([replacement]).matches(in: piece)
      ).map(piece.slice)
    case .fixedLength(let length):
      return stride(from: 0, to: piece.count, by: length).map {
        piece.slice($0..<min($0 + length, piece.count))
      }
    case .sequence:
      return apply(to: [piece])
    }
  }

  /// Runs of word characters and runs of other visible ones: `\w+|[^\w\s]+`.
  private func words(of piece: NormalizedText) -> [NormalizedText] {
    func kind(_ scalar: Unicode.Scalar) -> Int {
      let classes = ScalarClass.of(scalar)
      return classes.contains(.word) ? 1 : classes.contains(.space) ? 0 : 2
    }
    var result: [NormalizedText] = []
    var start = 0
    while start < piece.count {
      let first = kind(piece.scalars[start])
      var end = start + 1
      while end < piece.count, kind(piece.scalars[end]) == first { end += 1 }
      if first != 0 { result.append(piece.slice(start..<end)) }
      start = end
    }
    return result
  }

  private func cut(
    _ piece: NormalizedText, _ behavior: SplitBehavior, where isMatch: (ScalarClass) -> Bool
  ) -> [NormalizedText] {
    cut(piece, behavior, at: { isMatch(ScalarClass.of($0)) })
  }

  private func cut(
    _ piece: NormalizedText, _ behavior: SplitBehavior, at isMatch: (Unicode.Scalar) -> Bool
  ) -> [NormalizedText] {
    let matches = piece.scalars.indices.filter { isMatch(piece.scalars[$0]) }.map { $0..<$0 + 1 }
    return behavior.pieces(of: piece.count, matches: matches).map(piece.slice)
  }

  private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
    default: ScalarClass.of(scalar).contains(.punctuation)
    }
  }
}
