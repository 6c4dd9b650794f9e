/// Recognises the pre-tokenizers that the fast path covers.
extension SplitPattern {
  /// The pattern of a `ByteLevel` pre-tokenizer, alone or after a `Split` on a known expression.
  init?(preTokenizer value: JSONValue?) {
    guard let value else { return nil }
    func isByteLevel(_ value: JSONValue, usesPattern: Bool) -> Bool {
      value["type"]?.string == "ByteLevel" && value["add_prefix_space"]?.bool == false
        && (value["use_regex"]?.bool ?? true) == usesPattern
    }
    if isByteLevel(value, usesPattern: true) {
      self = .gpt2
      return
    }
    guard value["type"]?.string == "Sequence", let steps = value["pretokenizers"]?.array,
      steps.count == 2, steps[0]["type"]?.string == "Split",
      steps[0]["behavior"]?.string == "Isolated", steps[0]["invert"]?.bool != true,
      isByteLevel(steps[1], usesPattern: false),
      let expression = steps[0]["pattern"]?["Regex"]?.string
    else { return nil }
    self.init(regularExpression: expression)
  }

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
