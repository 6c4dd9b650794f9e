import Documents

extension PreTokenizer {
  /// Reads the `pre_tokenizer` object of a tokenizer file.
  init(_ value: JSONValue, at place: String = "pre_tokenizer") throws {
    switch value["type"]?.string {
    case "ByteLevel":
      self = .byteLevel(
        addsPrefixSpace: value["add_prefix_space"]?.bool ?? true,
        usesPattern: value["use_regex"]?.bool ?? true)
    case "Split":
      self = .split(
        try TextPattern(value["pattern"], at: "\(place).pattern"),
        try Self.behavior(value, at: place), inverted: value["invert"]?.bool ?? false)
    case "Digits": self = .digits(individual: value["individual_digits"]?.bool ?? false)
    case "Punctuation": self = .punctuation(try Self.behavior(value, at: place))
    case "Whitespace": self = .whitespace
    case "WhitespaceSplit": self = .whitespaceSplit
    case "BertPreTokenizer": self = .bert
    case "CharDelimiterSplit":
      self = .delimiter(try Self.scalar(value["delimiter"], at: "\(place).delimiter"))
    case "Metaspace":
      let legacy: PrependScheme = value["add_prefix_space"]?.bool == false ? .never : .always
      let scheme = try value["prepend_scheme"]?.string.map { name in
        guard let scheme = PrependScheme(rawValue: name) else {
          throw TokenizationError(
            "\(place).prepend_scheme: unknown scheme \(name.debugDescription)")
        }
        return scheme
      }
      self = .metaspace(
        replacement: try Self.scalar(value["replacement"] ?? "▁", at: "\(place).replacement"),
        scheme: scheme ?? legacy, splits: value["split"]?.bool ?? true)
    case "FixedLength":
      let length = value["length"]?.int ?? 5
      guard length > 0 else {
        throw TokenizationError("\(place).length: must be at least 1")
      }
      self = .fixedLength(length)
    case "Sequence":
      self = .sequence(
        try (value["pretokenizers"]?.array ?? []).enumerated().map {
          try PreTokenizer($1, at: "\(place).pretokenizers[\($0)]")
        })
    case let type:
      throw TokenizationError(
        "\(place): unknown pre-tokenizer \(type.map { $0.debugDescription } ?? "without a type")")
    }
  }

  private static func behavior(_ value: JSONValue, at place: String) throws -> SplitBehavior {
    guard let name = value["behavior"]?.string else { return .isolated }
    guard let behavior = SplitBehavior(rawValue: name) else {
      throw TokenizationError("\(place).behavior: unknown behavior \(name.debugDescription)")
    }
    return behavior
  }

  static func scalar(_ value: JSONValue?, at place: String) throws -> Unicode.Scalar {
    guard let text = value?.string, let scalar = text.unicodeScalars.first,
      text.unicodeScalars.count == 1
    else { throw TokenizationError("\(place): expected one character") }
    return scalar
  }
}
