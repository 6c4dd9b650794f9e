public import Documents

extension Tokenizer {
  /// The tokenizer inside a GGUF file, from the file's metadata.
  ///
  /// The kinds of the model families here are read: `gpt2` (byte-level BPE with its merges),
  /// `llama` (SentencePiece BPE, whose merges follow from the tokens' scores) and `bert` (WordPiece).
  ///
  /// - Parameter metadata: The `tokenizer.ggml.*` keys and `tokenizer.chat_template`, arrays as arrays.
  public convenience init(ggufMetadata metadata: JSONObject) throws {
    let reader = GGUFVocabulary(metadata: metadata)
    try self.init(document: reader.document(), configuration: reader.configuration())
  }
}

/// Builds the `tokenizer.json` that says the same as a GGUF file's metadata.
struct GGUFVocabulary {
  let metadata: JSONObject

  /// The kinds of tokens in `tokenizer.ggml.token_type`.
  enum Kind: Int {
    case normal = 1, unknown, control, userDefined, unused, byte
  }

  private func value(_ key: String) -> JSONValue? { metadata["tokenizer.ggml.\(key)"] }

  private func tokens() throws -> [String] {
    let list = (value("tokens")?.array ?? []).compactMap(\.string)
    guard !list.isEmpty, list.count == value("tokens")?.array?.count else {
      throw TokenizationError("tokenizer.ggml.tokens: missing, empty or not all strings")
    }
    return list
  }

  private func kinds(count: Int) throws -> [Int] {
    guard let list = value("token_type")?.array else {
      return [Int](repeating: Kind.normal.rawValue, count: count)
    }
    let kinds = list.compactMap(\.int)
    guard kinds.count == count else {
      throw TokenizationError("tokenizer.ggml.token_type: not one number for each token")
    }
    return kinds
  }

  func configuration() throws -> JSONValue {
    let tokens = try tokens()
    var object = JSONObject()
    for (key, name) in [
      ("bos_token_id", "bos_token"), ("eos_token_id", "eos_token"),
      ("padding_token_id", "pad_token"), ("unknown_token_id", "unk_token"),
    ] {
      if let id = value(key)?.int, tokens.indices.contains(id) {
        object[name] = .string(tokens[id])
      }
    }
    object["chat_template"] = metadata["tokenizer.chat_template"]
    return .object(object)
  }

  func document() throws -> JSONValue {
    let tokens = try tokens()
    let kinds = try kinds(count: tokens.count)
    var parts: JSONObject
    // As llama.cpp has it where a file doesn't say.
    let beginsWithBOS: Bool
    switch value("model")?.string {
    case "gpt2":
      let words = try words()
      parts = try byteLevel(tokens, words)
      beginsWithBOS = words.beginsWithBOS
    case "llama":
      parts = try sentencePiece(tokens, kinds)
      beginsWithBOS = true
    case "bert":
      parts = wordPiece(tokens, kinds)
      beginsWithBOS = true
    case let model:
      throw TokenizationError(
        "tokenizer.ggml.model: \(model?.debugDescription ?? "missing"); gpt2, llama and bert are supported")
    }
    let added = tokens.indices.filter {
      [Kind.unknown, .control, .userDefined].map(\.rawValue).contains(kinds[$0])
    }
    parts["added_tokens"] = .array(
      added.map { id in
        AddedToken(tokens[id], id: id, isSpecial: kinds[id] != Kind.userDefined.rawValue).json
      })
    parts["post_processor"] = template(tokens, addsBOSUnlessTold: beginsWithBOS)
    return .object(JSONObject([(key: "version", value: "1.0")] + parts.members))
  }

  private func words() throws -> GGUFPreTokenizer {
    let name = value("pre")?.string ?? "default"
    guard let words = GGUFPreTokenizer(named: name) else {
      throw TokenizationError(
        "tokenizer.ggml.pre: \(name.debugDescription) is not a known way to cut text; use the "
          + "model's tokenizer.json instead")
    }
    return words
  }

  /// `$A` between the tokens that the file asks for.
  private func template(_ tokens: [String], addsBOSUnlessTold: Bool) -> JSONValue {
    var single: [JSONValue] = []
    var pair: [JSONValue] = []
    var specials = JSONObject()
    func add(_ key: String, _ isWanted: Bool) {
      guard isWanted, let id = value(key)?.int, tokens.indices.contains(id) else { return }
      let token = tokens[id]
      specials[token] = [
        "id": .string(token), "ids": .array([.int(id)]), "tokens": .array([.string(token)]),
      ]
      single.append(["SpecialToken": ["id": .string(token), "type_id": 0]])
      pair.append(["SpecialToken": ["id": .string(token), "type_id": 0]])
    }
    let isBERT = value("model")?.string == "bert"
    add(
      isBERT && value("cls_token_id") != nil ? "cls_token_id" : "bos_token_id",
      value("add_bos_token")?.bool ?? addsBOSUnlessTold)
    single.append(["Sequence": ["id": "A", "type_id": 0]])
    pair.append(["Sequence": ["id": "A", "type_id": 0]])
    pair.append(["Sequence": ["id": "B", "type_id": 1]])
    // The key is misspelled in all files.
    add(
      isBERT && value("seperator_token_id") != nil ? "seperator_token_id" : "eos_token_id",
      value("add_eos_token")?.bool ?? isBERT)
    return [
      "type": "TemplateProcessing", "single": .array(single), "pair": .array(pair),
      "special_tokens": .object(specials),
    ]
  }

  private func vocabulary(_ tokens: [String]) -> JSONValue {
    .object(JSONObject(tokens.enumerated().map { (key: $1, value: .int($0)) }))
  }

  private func byteLevel(_ tokens: [String], _ words: GGUFPreTokenizer) throws -> JSONObject {
    guard let merges = value("merges") else {
      throw TokenizationError("tokenizer.ggml.merges: missing, which a gpt2 tokenizer needs")
    }
    return JSONObject([
      (key: "normalizer", value: nil), (key: "pre_tokenizer", value: words.json),
      // `tokenizers` reads no file without each of these, though none has a say in decoding.
      (
        key: "decoder",
        value: ["type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true]
      ),
      (
        key: "model",
        value: [
          "type": "BPE", "vocab": vocabulary(tokens), "merges": merges,
          "ignore_merges": .bool(words.ignoresMerges),
        ]
      ),
    ])
  }

  /// Words begin with ▁ in the file, and what goes on has nothing before it.
  private func wordPiece(_ tokens: [String], _ kinds: [Int]) -> JSONObject {
    let words = zip(tokens, kinds).map { token, kind in
      if kind == Kind.control.rawValue || kind == Kind.unknown.rawValue { return token }
      return token.hasPrefix("▁") ? String(token.dropFirst()) : "##" + token
    }
    // No key says whether letters keep their case; a vocabulary without capitals has no use for them.
    let isCased = zip(words, kinds).contains { word, kind in
      kind == Kind.normal.rawValue && word.unicodeScalars.contains { ("A"..."Z").contains($0) }
    }
    let unknown = value("unknown_token_id")?.int ?? kinds.firstIndex(of: Kind.unknown.rawValue)
    let name = unknown.flatMap { tokens.indices.contains($0) ? tokens[$0] : nil } ?? "[UNK]"
    return JSONObject([
      (
        key: "normalizer",
        value: [
          "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": nil,
          "lowercase": .bool(!isCased),
        ]
      ),
      (key: "pre_tokenizer", value: ["type": "BertPreTokenizer"]),
      (key: "decoder", value: ["type": "WordPiece", "prefix": "##", "cleanup": true]),
      (
        key: "model",
        value: [
          "type": "WordPiece", "vocab": vocabulary(words), "unk_token": .string(name),
          "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
        ]
      ),
    ])
  }

  private func sentencePiece(_ tokens: [String], _ kinds: [Int]) throws -> JSONObject {
    let scores = (value("scores")?.array ?? []).compactMap(\.double)
    guard scores.count == tokens.count else {
      throw TokenizationError("tokenizer.ggml.scores: not one number for each token")
    }
    let marks: JSONValue = [
      "type": "Replace", "pattern": ["String": " "], "content": "▁",
    ]
    let prefixed = value("add_space_prefix")?.bool ?? true
    let normalizer: JSONValue =
      prefixed
      ? ["type": "Sequence", "normalizers": [["type": "Prepend", "prepend": "▁"], marks]] : marks
    var decoders: [JSONValue] = [
      ["type": "Replace", "pattern": ["String": "▁"], "content": " "], ["type": "ByteFallback"],
      ["type": "Fuse"],
    ]
    if prefixed { decoders.append(["type": "Strip", "content": " ", "start": 1, "stop": 0]) }
    let unknown = kinds.firstIndex(of: Kind.unknown.rawValue)
    return JSONObject([
      (key: "normalizer", value: normalizer), (key: "pre_tokenizer", value: nil),
      (key: "decoder", value: ["type": "Sequence", "decoders": .array(decoders)]),
      (
        key: "model",
        value: [
          "type": "BPE", "vocab": vocabulary(tokens), "byte_fallback": true, "fuse_unk": true,
          "unk_token": unknown.map { JSONValue.string(tokens[$0]) } ?? .null,
          "merges": .array(merges(tokens, kinds, scores)),
        ]
      ),
    ])
  }

  /// Every way to make a token of two others, tokens with high scores first.
  private func merges(_ tokens: [String], _ kinds: [Int], _ scores: [Double]) -> [JSONValue] {
    var table = ByteTable(minimumCapacity: tokens.count)
    for (id, token) in tokens.enumerated() where kinds[id] == Kind.normal.rawValue {
      table.set(token, to: id)
    }
    var found: [(left: Int, right: Int, score: Double)] = []
    for (id, token) in tokens.enumerated() where kinds[id] == Kind.normal.rawValue {
      let bytes = Array(token.utf8)
      // No published vocabulary has tokens near this length; a hostile one would cost its square.
      guard bytes.count <= 1_024 else { continue }
      bytes.withUnsafeBufferPointer { bytes in
        for cut in bytes.indices.dropFirst() where bytes[cut] & 0xC0 != 0x80 {
          if let left = table[UnsafeBufferPointer(rebasing: bytes[..<cut])],
            let right = table[UnsafeBufferPointer(rebasing: bytes[cut...])]
          {
            found.append((left, right, scores[id]))
          }
        }
      }
    }
    let ordered = found.enumerated().sorted { a, b in
      a.element.score != b.element.score
        ? a.element.score > b.element.score : a.offset < b.offset
    }
    return ordered.map {
      [.string(tokens[$0.element.left]), .string(tokens[$0.element.right])]
    }
  }
}
