import Documents

extension TokenDecoder {
  /// Reads the `decoder` object of a tokenizer file.
  init(_ value: JSONValue, at place: String = "decoder") throws {
    switch value["type"]?.string {
    case "ByteLevel": self = .byteLevel
    case "WordPiece":
      self = .wordPiece(
        prefix: value["prefix"]?.string ?? "##", cleansUp: value["cleanup"]?.bool ?? true)
    case "Metaspace":
      let replacement = try PreTokenizer.scalar(
        value["replacement"] ?? "▁", at: "\(place).replacement")
      let never =
        value["prepend_scheme"]?.string.map { $0 == "never" }
        ?? (value["add_prefix_space"]?.bool == false)
      self = .metaspace(replacement: replacement, dropsFirst: !never)
    case "BPEDecoder": self = .suffix(value["suffix"]?.string ?? "</w>")
    case "ByteFallback": self = .byteFallback
    case "Fuse": self = .fuse
    case "Strip":
      self = .strip(
        try PreTokenizer.scalar(value["content"] ?? " ", at: "\(place).content"),
        start: max(0, value["start"]?.int ?? 0), stop: max(0, value["stop"]?.int ?? 0))
    case "Replace":
      self = .replace(
        try TextPattern(value["pattern"], at: "\(place).pattern"), value["content"]?.string ?? "")
    case "CTC":
      self = .ctc(
        pad: value["pad_token"]?.string ?? "<pad>",
        delimiter: value["word_delimiter_token"]?.string ?? "|",
        cleansUp: value["cleanup"]?.bool ?? true)
    case "Sequence":
      self = .sequence(
        try (value["decoders"]?.array ?? []).enumerated().map {
          try TokenDecoder($1, at: "\(place).decoders[\($0)]")
        })
    case let type:
      throw TokenizationError(
        "\(place): unknown decoder \(type.map { $0.debugDescription } ?? "without a type")")
    }
  }
}
