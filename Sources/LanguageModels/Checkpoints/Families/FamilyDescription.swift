import Documents

/// One family's files: the choices that it makes without saying so, the keys of its `config.json` and the names of its
/// tensors.
struct FamilyDescription {
  /// The class that `transformers` loads the files with.
  var architecture: String
  /// The configuration before the family's file is read; its sizes are only places for the file's.
  var choices: DecoderConfiguration
  /// The keys of `config.json`, in the order in which one may follow from another.
  var settings: [Setting]
  /// The names of its tensors.
  var names: TensorNames
}

extension DecoderConfiguration.Family {
  /// The description by which this family's files are read and written.
  var description: FamilyDescription {
    switch self {
    case .gpt2: .gpt2
    case .gptNeo: .gptNeo
    case .gptNeoX: .gptNeoX
    case .llama: .llama
    case .mistral: .mistral
    case .qwen2: .qwen2
    case .qwen3: .qwen3
    case .gemma: .gemma
    case .gemma2: .gemma2
    case .gemma3: .gemma3
    case .phi3: .phi3
    case .olmo2: .olmo2
    case .smollm3: .smollm3
    case .granite: .granite
    case .graniteMoE: .graniteMoE
    case .mixtral: .mixtral
    case .qwen2MoE: .qwen2MoE
    case .qwen3MoE: .qwen3MoE
    case .gptOSS: .gptOSS
    case .deepseekV2: .deepseekV2
    case .deepseekV3: .deepseekV3
    }
  }
}

extension FamilyDescription {
  /// A Llama's choices under another family's name.
  static func choices(
    _ family: DecoderConfiguration.Family, _ change: (inout DecoderConfiguration) -> Void = { _ in }
  ) -> DecoderConfiguration {
    var c = DecoderConfiguration.llama(
      vocabularySize: 1, width: 1, layers: 1, heads: 1, feedForwardWidth: 1, contextLength: 1)
    c.family = family
    change(&c)
    return c
  }

  /// The keys of nearly everyone, with the defaults that `transformers` has for an absent one.
  static func sizes(
    epsilon: Double = 1e-6, keyValueHeads: Int? = nil, headWidth: Int? = nil,
    activation: String = "hidden_act", absentActivation: String = "silu", tied: Bool = false
  ) -> [Setting] {
    [
      .int("vocab_size", \.vocabularySize), .int("hidden_size", \.width),
      .int("num_hidden_layers", \.layers), .int("num_attention_heads", \.heads),
      Setting(
        read: { reader, c in
          let absent = reader.has("num_key_value_heads") ? c.heads : keyValueHeads ?? c.heads
          c.keyValueHeads = try reader.optionalInt("num_key_value_heads") ?? absent
        }, write: { $1["num_key_value_heads"] = .int($0.keyValueHeads) }),
      .int("head_dim", \.headWidth) { headWidth ?? ($0.heads > 0 ? $0.width / $0.heads : 0) },
      .int("intermediate_size", \.feedForwardWidth),
      .int("max_position_embeddings", \.contextLength),
      .double("rms_norm_eps", \.normEpsilon, absent: epsilon),
      .string(activation, \.activation, absent: absentActivation),
      .bool("tie_word_embeddings", \.tiesEmbeddings, absent: tied),
      .double("initializer_range", \.initializerRange, absent: 0.02),
      .double("attention_dropout", \.dropout.attention, absent: 0),
    ] + Setting.ends
  }
}
