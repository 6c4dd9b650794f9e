import Documents

/// The control tokens that training and generation ask a tokenizer for.
public struct SpecialTokens: Sendable, Equatable {
  /// Beginning of sequence.
  public var bos: Int?
  /// End of sequence; generation stops at it.
  public var eos: Int?
  /// Padding.
  public var pad: Int?
  /// Unknown token.
  public var unknown: Int?
  /// All ids that end generation: `eos`, what `generation_config.json` adds to it, and what ends a turn or a text by its name.
  public var stops: [Int] = []

  /// No tokens known.
  public init() {}

  /// Names that tokenizers without a configuration use, likeliest first.
  private static let usual: [(any WritableKeyPath<SpecialTokens, Int?> & Sendable, [String])] = [
    (\.bos, ["<|begin_of_text|>", "<s>", "<bos>", "<|startoftext|>", "[CLS]"]),
    (
      \.eos,
      [
        "<|endoftext|>", "<|end_of_text|>", "</s>", "<eos>", "<|im_end|>", "<|eot_id|>",
        "<|end|>", "[SEP]",
      ]
    ),
    (\.pad, ["<|pad|>", "<pad>", "[PAD]", "<|finetune_right_pad_id|>"]),
    (\.unknown, ["<unk>", "[UNK]"]),
  ]

  /// Names of tokens that end a turn or a text, whatever else a file calls the end: GGUF files name one token, and chats of
  /// Llama 3 or Phi-3 end with another.
  private static let ends: Set<String> = [
    "<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|end|>", "<end_of_turn>", "<|end_of_turn|>", "<|END_OF_TURN_TOKEN|>",
    "<|endofturn|>", "<turn|>", "<|return|>", "<|call|>", "<EOT>", "<|endoftext|>", "<|end_of_text|>",
    // Behind what filled a gap in code.
    "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>", "<file_sep>",
  ]

  private static let keys: [(any WritableKeyPath<SpecialTokens, Int?> & Sendable, String)] = [
    (\.bos, "bos_token"), (\.eos, "eos_token"), (\.pad, "pad_token"), (\.unknown, "unk_token"),
  ]

  /// Takes the names from `configurations` in order, then ids from `generation`, then usual names
  /// among the added tokens.
  init(
    configurations: [JSONValue], generation: [JSONValue], added: [AddedToken],
    id: (String) -> Int?
  ) {
    for (path, key) in Self.keys {
      for configuration in configurations where self[keyPath: path] == nil {
        let entry = configuration[key]
        self[keyPath: path] = (entry?.string ?? entry?["content"]?.string).flatMap(id)
      }
    }
    for file in generation {
      for (path, key) in Self.keys where path != \.unknown {
        guard let entry = file[key + "_id"] else { continue }
        let ids = entry.int.map { [$0] } ?? entry.array?.compactMap(\.int) ?? []
        if self[keyPath: path] == nil { self[keyPath: path] = ids.first }
        if path == \.eos { stops += ids }
      }
    }
    for (path, names) in Self.usual where self[keyPath: path] == nil {
      self[keyPath: path] =
        names.lazy.compactMap { name in
          added.first { $0.isSpecial && $0.content == name }?.id
        }.first
    }
    if let eos { stops.insert(eos, at: 0) }
    // Where messages have an end of their own, as in gpt-oss, a turn goes on after it.
    let goesOn = ["<|return|>", "<|call|>"].allSatisfy { name in added.contains { $0.content == name } }
    stops += added.filter { $0.isSpecial && Self.ends.contains($0.content) && !(goesOn && $0.content == "<|end|>") }
      .map(\.id)
    var seen: Set<Int> = []
    stops = stops.filter { seen.insert($0).inserted }
  }
}
