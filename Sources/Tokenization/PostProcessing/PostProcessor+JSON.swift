import Documents

extension PostProcessor {
  /// Reads the `post_processor` object of a tokenizer file.
  init(_ value: JSONValue, at place: String = "post_processor") throws {
    switch value["type"]?.string {
    case "Sequence":
      self = .sequence(
        try (value["processors"]?.array ?? []).enumerated().map {
          try PostProcessor($1, at: "\(place).processors[\($0)]")
        })
    case "ByteLevel":
      self = .byteLevel(
        trimsOffsets: value["trim_offsets"]?.bool ?? true,
        addsPrefixSpace: value["add_prefix_space"]?.bool ?? true)
    case "RobertaProcessing":
      self = .roberta(
        start: try Self.named(value["cls"], at: "\(place).cls"),
        end: try Self.named(value["sep"], at: "\(place).sep"),
        trimsOffsets: value["trim_offsets"]?.bool ?? true,
        addsPrefixSpace: value["add_prefix_space"]?.bool ?? true)
    case "BertProcessing":
      self = .bert(
        start: try Self.named(value["cls"], at: "\(place).cls"),
        end: try Self.named(value["sep"], at: "\(place).sep"))
    case "TemplateProcessing":
      let specials = value["special_tokens"]?.object ?? JSONObject()
      let single = try Self.pieces(value["single"], specials, at: "\(place).single")
      let pair = try Self.pieces(value["pair"], specials, at: "\(place).pair")
      if single.contains(where: { if case .sequence(true, _) = $0 { true } else { false } }) {
        throw TokenizationError("\(place).single: uses the second sequence of a pair")
      }
      self = .template(single: single, pair: pair)
    case let type:
      throw TokenizationError(
        "\(place): unknown post-processor \(type.map { $0.debugDescription } ?? "without a type")")
    }
  }

  private static func named(_ value: JSONValue?, at place: String) throws -> SpecialToken {
    guard let content = value?[0]?.string, let id = value?[1]?.int, id >= 0 else {
      throw TokenizationError("\(place): expected [token, id]")
    }
    return SpecialToken(content: content, id: id)
  }

  private static func pieces(
    _ value: JSONValue?, _ specials: JSONObject, at place: String
  ) throws -> [TemplatePiece] {
    try (value?.array ?? []).enumerated().map { index, piece in
      if let sequence = piece["Sequence"] {
        return .sequence(
          second: sequence["id"]?.string == "B", typeID: sequence["type_id"]?.int ?? 0)
      }
      guard let special = piece["SpecialToken"], let name = special["id"]?.string else {
        throw TokenizationError("\(place)[\(index)]: expected a Sequence or a SpecialToken")
      }
      guard let entry = specials[name], let ids = entry["ids"]?.array?.compactMap(\.int),
        let tokens = entry["tokens"]?.array?.compactMap(\.string), ids.count == tokens.count
      else {
        throw TokenizationError(
          "\(place)[\(index)]: \(name.debugDescription) has no ids in special_tokens")
      }
      return .special(
        zip(tokens, ids).map { SpecialToken(content: $0, id: $1) },
        typeID: special["type_id"]?.int ?? 0)
    }
  }
}
