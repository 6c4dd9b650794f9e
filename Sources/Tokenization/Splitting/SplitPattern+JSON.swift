import Documents

extension SplitPattern {
  /// The pre-tokenizer object that a tokenizer file needs for this pattern.
  var preTokenizer: JSONValue {
    func byteLevel(usesPattern: Bool) -> JSONValue {
      [
        "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true,
        "use_regex": .bool(usesPattern),
      ]
    }
    if self == .gpt2 { return byteLevel(usesPattern: true) }
    return [
      "type": "Sequence",
      "pretokenizers": [
        [
          "type": "Split", "pattern": ["Regex": .string(regularExpression)],
          "behavior": "Isolated", "invert": false,
        ],
        byteLevel(usesPattern: false),
      ],
    ]
  }
}
