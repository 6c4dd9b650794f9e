public import Documents

extension Tokenizer {
  /// The keys by which a GGUF file says what this tokenizer does, for llama.cpp and whatever is built on it.
  ///
  /// Byte-level BPE becomes the kind `gpt2` with the name of its way to cut text, SentencePiece's BPE the kind `llama`. What was
  /// made is read back and must encode a text of all kinds alike.
  ///
  /// - Parameter rows: the rows of the model's embedding; ids without a token become unused ones.
  /// - Throws: ``TokenizationError`` for a tokenizer that GGUF can't say.
  public func ggufMetadata(rows: Int) throws -> JSONObject {
    let metadata = try GGUFVocabularyWriter(tokenizer: self, rows: rows).metadata()
    let again = try Tokenizer(ggufMetadata: metadata)
    for text in GGUFPreTokenizer.samples where again.encode(text) != encode(text) {
      let (mine, theirs) = (encode(text), again.encode(text))
      let place = zip(mine, theirs).enumerated().first { $1.0 != $1.1 }?.offset ?? min(mine.count, theirs.count)
      throw TokenizationError(
        "a GGUF file can't say what this tokenizer does: "
          + "\(decode(Array(mine[place...].prefix(4)), skipSpecialTokens: false).debugDescription) would be cut otherwise"
      )
    }
    return metadata
  }
}

/// Makes the `tokenizer.ggml.*` keys of a tokenizer.
private struct GGUFVocabularyWriter {
  let tokenizer: Tokenizer
  let rows: Int

  /// The least score that a token has which no merge makes.
  private static let unmerged = -1e6

  func metadata() throws -> JSONObject {
    guard case .bytePair(let model) = tokenizer.model else {
      throw TokenizationError(
        "a GGUF file can't hold a tokenizer whose model is \(tokenizer.document["model"]?["type"]?.string ?? "of this type"): "
          + "BPE can be written")
    }
    guard tokenizer.vocabularySize <= rows else {
      throw TokenizationError("the tokenizer has \(tokenizer.vocabularySize) tokens and the model only \(rows) rows")
    }
    var made: JSONObject
    if model.coversBytes || !model.byteFallback {
      made = try byteLevel(model)
    } else {
      made = sentencePiece(model)
    }
    let special = tokenizer.specialTokens
    for (key, id) in [
      ("bos_token_id", special.bos), ("eos_token_id", special.eos), ("unknown_token_id", special.unknown),
      ("padding_token_id", special.pad), ("eot_token_id", turnEnd),
    ] {
      if let id, id < rows { made["tokenizer.ggml.\(key)"] = .int(id) }
    }
    let framed = tokenizer.encode("a")
    made["tokenizer.ggml.add_bos_token"] = .bool(special.bos != nil && framed.first == special.bos)
    made["tokenizer.ggml.add_eos_token"] = .bool(framed.count > 1 && special.eos != nil && framed.last == special.eos)
    switch tokenizer.configuration["chat_template"] {
    case .string(let source)?: made["tokenizer.chat_template"] = .string(source)
    case .array(let list)?:
      for entry in list {
        guard let name = entry["name"]?.string, let source = entry["template"]?.string else { continue }
        made["tokenizer.chat_template\(name == "default" ? "" : ".\(name)")"] = .string(source)
      }
    default: break
    }
    return made
  }

  /// The token that ends a turn, where it isn't the one that ends a text.
  private var turnEnd: Int? {
    guard let format = try? tokenizer.chatFormat, let end = format.turnEnds.first, end != tokenizer.specialTokens.eos
    else { return nil }
    return end
  }

  /// The tokens by id, and what kind each is.
  private func tokens(_ kind: (_ id: Int, _ text: String) -> GGUFVocabulary.Kind) -> (texts: [String], kinds: [Int]) {
    var texts: [String] = [], kinds: [Int] = []
    for id in 0..<rows {
      if let added = tokenizer.added[id] {
        texts.append(added.content)
        let isUnknown = id == tokenizer.specialTokens.unknown && added.isSpecial
        kinds.append((isUnknown ? .unknown : added.isSpecial ? .control : GGUFVocabulary.Kind.userDefined).rawValue)
      } else if let text = tokenizer.idToToken(id) {
        texts.append(text)
        kinds.append(kind(id, text).rawValue)
      } else {
        texts.append("[PAD\(id)]")
        kinds.append(GGUFVocabulary.Kind.unused.rawValue)
      }
    }
    return (texts, kinds)
  }

  private func common(_ model: String, pre: String, _ tokens: (texts: [String], kinds: [Int])) -> JSONObject {
    JSONObject([
      (key: "tokenizer.ggml.model", value: .string(model)), (key: "tokenizer.ggml.pre", value: .string(pre)),
      (key: "tokenizer.ggml.tokens", value: .array(tokens.texts.map { .string($0) })),
      (key: "tokenizer.ggml.token_type", value: .array(tokens.kinds.map { .int($0) })),
    ])
  }

  private func byteLevel(_ model: BytePairModel) throws -> JSONObject {
    guard let name = GGUFPreTokenizer.name(of: tokenizer.preTokenizer, ignoringMerges: model.ignoresMerges) else {
      throw TokenizationError(
        "llama.cpp has no name for this tokenizer's way to cut text"
          + (model.ignoresMerges ? " (with ignore_merges)" : "") + ", which a GGUF file needs")
    }
    var made = common("gpt2", pre: name, tokens { _, _ in .normal })
    let merges = tokenizer.document["model"]?["merges"]?.array ?? []
    made["tokenizer.ggml.merges"] = .array(
      merges.map { entry in
        guard let pair = entry.array else { return entry }
        return .string(pair.compactMap(\.string).joined(separator: " "))
      })
    return made
  }

  /// Tokens with scores by which SentencePiece merges in the order of the merges.
  private func sentencePiece(_ model: BytePairModel) -> JSONObject {
    let bytes = Set(model.fallbackIDs.map(Int.init))
    let unknown = model.unknownID
    let tokens = tokens { id, _ in id == unknown ? .unknown : bytes.contains(id) ? .byte : .normal }
    var scores = [Double](repeating: Self.unmerged, count: rows)
    var next = 0.0
    for entry in tokenizer.document["model"]?["merges"]?.array ?? [] {
      let text: String
      switch entry {
      case .array(let pair): text = pair.compactMap(\.string).joined()
      case .string(let line):
        text = line.utf8.split(separator: UInt8(ascii: " ")).map { String(Substring($0)) }.joined()
      default: continue
      }
      // The first of the merges that make a token says how early it is made.
      guard let id = model.vocabulary.id(of: text), scores[id] == Self.unmerged else { continue }
      scores[id] = next
      next -= 1
    }
    for id in bytes where id >= 0 { scores[id] = 0 }
    var made = common("llama", pre: "default", tokens)
    made["tokenizer.ggml.scores"] = .array(scores.map { .double($0) })
    let word = tokenizer.encode("a", addSpecialTokens: false)
    made["tokenizer.ggml.add_space_prefix"] = .bool(word.first.flatMap(tokenizer.idToToken)?.hasPrefix("▁") == true)
    return made
  }
}

extension GGUFPreTokenizer {
  /// Names of which each cuts text differently, or differs in what it does with whole words.
  private static let written = [
    "gpt-2", "qwen2", "llama-bpe", "dbrx", "smollm", "glm4", "minicpm5", "gpt-4o", "tekken", "qwen35", "deepseek-v3",
    "deepseek-llm",
    "deepseek-coder", "seed-coder", "bailingmoe", "exaone-moe", "jais-2", "granite-embed-multi-97m", "tiny_aya",
    "youtu", "spark2_5",
    "ufakzeka", "laguna", "falcon", "bloom", "viking", "default",
  ]

  /// Texts in which any two ways to cut text differ somewhere.
  static let samples: [String] = [
    """
    It's THEY'LL we'Ve I'D 'tis, don't; x1 22 333 4444 55555 1,234.50 v2.0.1 3x² ½ ٣٤ 七八九
    \tTabs\t\tand  two   three    four spaces \u{20} \n\n\nthree lines\r\n windows\r\nend \u{A0}x\u{3000}y
    """,
    "CamelCase snake_case HTMLParser iPhone ABCdef éÉcole Ünïcode naïve straße ΑΒΓ αβγ Привет мир नमस्ते दुनिया ไทย 한국어 ㄱㄴ",
    "中文分词测试，こんにちは世界。カタカナ…《书》“quoted” ‘single’ — dash – en • bullet … 🙂🙃👩‍👩‍👧 ✅ a🦊b",
    "!!! ??? ... ``` ''' \"\"\" === ---- ++ // /* */ # $1 %d @user a/b\\c <tag attr=\"v\"/> {x:[1,2]} (a)(b) f(x)=x^2~y|z &amp; \n/\n//\n",
    "if (x == 10) {\n    return \"ok\";\n}\n\n  # comment\n\t\tpass\n      \n   trailing   ",
    "                                ", "a", " ", "\n", "1234567",
  ]

  /// The same with combining marks, which tokenizers with a normaliser compose and llama.cpp doesn't.
  private static let marked = "e\u{301}a\u{308}o\u{302} \u{5D0}\u{5B8}\u{5D1} \u{627}\u{64E}\u{644} क्षत्रिय"

  /// The name of a pre-tokenizer: one that cuts the samples into the same words.
  static func name(of preTokenizer: PreTokenizer?, ignoringMerges: Bool) -> String? {
    guard let preTokenizer else { return nil }
    func words(_ cutter: PreTokenizer) -> [[String]] {
      (samples + [marked]).map { cutter.apply(to: [NormalizedText($0)]).map(\.string) }
    }
    let mine = words(preTokenizer)
    return written.first { name in
      guard let known = GGUFPreTokenizer(named: name), known.ignoresMerges == ignoringMerges,
        let cutter = try? PreTokenizer(known.json)
      else { return false }
      return words(cutter) == mine
    }
  }
}
