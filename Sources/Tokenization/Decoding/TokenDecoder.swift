/// A step by which tokens become text again.
indirect enum TokenDecoder: Sendable {
  case byteLevel
  case wordPiece(prefix: String, cleansUp: Bool)
  case metaspace(replacement: Unicode.Scalar, dropsFirst: Bool)
  case suffix(String)
  case byteFallback
  case fuse
  case strip(Unicode.Scalar, start: Int, stop: Int)
  case replace(TextPattern, String)
  case ctc(pad: String, delimiter: String, cleansUp: Bool)
  case sequence([TokenDecoder])

  /// The pieces of text for these tokens; joined they are the text.
  ///
  /// - Parameters:
  ///   - tokens: Vocabulary entries, or pieces from the step before.
  ///   - isAdded: Whether a token is an added one, whose content is text already.
  func decode(_ tokens: [String], isAdded: (String) -> Bool) -> [String] {
    switch self {
    case .byteLevel:
      var bytes: [UInt8] = []
      for token in tokens {
        let decoded = isAdded(token) ? nil : ByteAlphabet.decode(token)
        bytes.append(contentsOf: decoded ?? Array(token.utf8))
      }
      return [String(decoding: bytes, as: UTF8.self)]
    case .wordPiece(let prefix, let cleansUp):
      return tokens.enumerated().map { index, token in
        var text = token
        if index > 0 {
          text = Self.dropping(prefix, from: token) ?? " " + token
        }
        return cleansUp ? Self.cleaned(text) : text
      }
    case .metaspace(let replacement, let dropsFirst):
      return tokens.enumerated().map { index, token in
        var view = String.UnicodeScalarView()
        for scalar in token.unicodeScalars {
          if scalar != replacement {
            view.append(scalar)
          } else if index > 0 || !dropsFirst {
            view.append(" ")
          }
        }
        return String(view)
      }
    case .suffix(let suffix):
      return tokens.enumerated().map { index, token in
        Self.replacing(
          .literal(Array(suffix.unicodeScalars)), in: token,
          with: index == tokens.count - 1 ? "" : " ")
      }
    case .byteFallback:
      return Self.joinBytes(tokens)
    case .fuse:
      return [tokens.joined()]
    case .strip(let content, let start, let stop):
      return tokens.map { token in
        var scalars = Array(token.unicodeScalars)
        let leading = scalars.prefix(start).prefix { $0 == content }.count
        scalars.removeFirst(leading)
        let trailing = scalars.reversed().prefix(stop).prefix { $0 == content }.count
        scalars.removeLast(trailing)
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
      }
    case .replace(let pattern, let content):
      return tokens.map { Self.replacing(pattern, in: $0, with: content) }
    case .ctc(let pad, let delimiter, let cleansUp):
      var result: [String] = []
      for (index, token) in tokens.enumerated()
      where index == 0 || !token.utf8.elementsEqual(tokens[index - 1].utf8) {
        func without(_ what: String, _ text: String, _ by: String) -> String {
          Self.replacing(.literal(Array(what.unicodeScalars)), in: text, with: by)
        }
        var text = without(pad, token, "")
        if cleansUp { text = without(delimiter, Self.cleaned(text), " ") }
        if !text.isEmpty { result.append(text) }
      }
      return result
    case .sequence(let steps):
      return steps.reduce(tokens) { $1.decode($0, isAdded: isAdded) }
    }
  }

  private static func replacing(
    _ pattern: TextPattern, in text: String, with content: String
  ) -> String {
    var normalized = NormalizedText(text)
    normalized.replace(pattern.matches(in: normalized), with: Array(content.unicodeScalars))
    return normalized.string
  }

  private static func dropping(_ prefix: String, from text: String) -> String? {
    guard text.utf8.starts(with: prefix.utf8) else { return nil }
    return String(Substring(text.utf8.dropFirst(prefix.utf8.count)))
  }

  /// English spacing undone as `tokenizers` does it.
  private static func cleaned(_ text: String) -> String {
    let rules = [
      (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"),
      (" 'm", "'m"), (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
    ]
    return rules.reduce(text) {
      replacing(.literal(Array($1.0.unicodeScalars)), in: $0, with: $1.1)
    }
  }

  /// Runs of `<0x..>` become the text of their bytes, or one U+FFFD a byte if they are none.
  private static func joinBytes(_ tokens: [String]) -> [String] {
    var result: [String] = []
    var bytes: [UInt8] = []
    func flush() {
      if bytes.isEmpty { return }
      if let text = String(validating: bytes, as: UTF8.self) {
        result.append(text)
      } else {
        result += bytes.map { _ in "\u{FFFD}" }
      }
      bytes = []
    }
    for token in tokens {
      let units = Array(token.utf8)
      if units.count == 6, units.starts(with: "<0x".utf8), units[5] == UInt8(ascii: ">"),
        let byte = UInt8(String(decoding: units[3..<5], as: UTF8.self), radix: 16)
      {
        bytes.append(byte)
      } else {
        flush()
        result.append(token)
      }
    }
    flush()
    return result
  }
}
