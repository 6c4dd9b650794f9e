import Documents

extension Normalizer {
  /// Reads the `normalizer` object of a tokenizer file.
  init(_ value: JSONValue, at place: String = "normalizer") throws {
    switch value["type"]?.string {
    case "NFC": self = .unicode(.nfc)
    case "NFD": self = .unicode(.nfd)
    case "NFKC": self = .unicode(.nfkc)
    case "NFKD": self = .unicode(.nfkd)
    case "Lowercase": self = .lowercase
    case "Strip":
      self = .strip(
        left: value["strip_left"]?.bool ?? true, right: value["strip_right"]?.bool ?? true)
    case "StripAccents": self = .stripAccents
    case "Nmt": self = .nmt
    case "ByteLevel": self = .byteLevel
    case "Prepend": self = .prepend(value["prepend"]?.string ?? "")
    case "Replace":
      self = .replace(
        try TextPattern(value["pattern"], at: "\(place).pattern"),
        Array((value["content"]?.string ?? "").unicodeScalars))
    case "BertNormalizer":
      let lowercases = value["lowercase"]?.bool ?? true
      self = .bert(
        cleansText: value["clean_text"]?.bool ?? true,
        spacesChinese: value["handle_chinese_chars"]?.bool ?? true,
        stripsAccents: value["strip_accents"]?.bool ?? lowercases, lowercases: lowercases)
    case "Precompiled":
      guard let map = value["precompiled_charsmap"]?.string else {
        throw TokenizationError("\(place): needs `precompiled_charsmap`")
      }
      self = .precompiled(try CharacterMap(base64: map, at: place))
    case "Sequence":
      self = .sequence(
        try (value["normalizers"]?.array ?? []).enumerated().map {
          try Normalizer($1, at: "\(place).normalizers[\($0)]")
        })
    case let type:
      throw TokenizationError(
        "\(place): unknown normalizer \(type.map { $0.debugDescription } ?? "without a type")")
    }
  }
}
