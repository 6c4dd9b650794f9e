import Documents

extension SplitPattern {
  /// The pre-tokenizer object that a tokenizer file needs for this pattern.
  var preTokenizer: JSONValue { Self.preTokenizer(of: [regularExpression]) }

  /// The same for patterns of which each cuts what the one before it left in pieces.
  static func preTokenizer(of patterns: [String]) -> JSONValue {
    func byteLevel(usesPattern: Bool) -> JSONValue {
      [
        "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true,
        "use_regex": .bool(usesPattern),
      ]
    }
    if patterns == [SplitPattern.gpt2.regularExpression] { return byteLevel(usesPattern: true) }
    return [
      "type": "Sequence",
      "pretokenizers": .array(
        patterns.map {
          ["type": "Split", "pattern": ["Regex": .string($0)], "behavior": "Isolated", "invert": false]
        } + [byteLevel(usesPattern: false)]),
    ]
  }
}
