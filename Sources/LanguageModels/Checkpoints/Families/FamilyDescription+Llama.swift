import Documents
import NeuralNetworks

extension FamilyDescription {
  /// Llama 2 and 3 (Touvron 2023, Grattafiori 2024), and what is built alike: SmolLM, TinyLlama.
  static var llama: FamilyDescription {
    FamilyDescription(
      architecture: "LlamaForCausalLM", choices: choices(.llama),
      settings: sizes() + [
        .bool("attention_bias", \.attentionBias, \.outputBias, absent: false),
        .bool("mlp_bias", \.feedForwardBias, absent: false), .rotary(),
        .only("pretraining_tp", 1), .only("rope_interleaved", false), .passed("is_llama_config"),
      ], names: llamaNames())
  }

  /// Mistral (Jiang 2023): every layer sees a window.
  static var mistral: FamilyDescription {
    FamilyDescription(
      architecture: "MistralForCausalLM", choices: choices(.mistral),
      settings: sizes(keyValueHeads: 8) + [
        .rotary(), .window(absent: 4096) { _, _ in true }, .only("attention_bias", false),
      ], names: llamaNames())
  }

  /// Qwen2 and Qwen2.5 (Yang 2024): biases on queries, keys and values.
  static var qwen2: FamilyDescription {
    FamilyDescription(
      architecture: "Qwen2ForCausalLM", choices: choices(.qwen2) { $0.attentionBias = true },
      settings: sizes() + [.rotary()] + qwenWindows + [.only("use_mrope", false)],
      names: llamaNames())
  }

  /// Qwen3 (Yang 2025): norms on queries and keys.
  static var qwen3: FamilyDescription {
    FamilyDescription(
      architecture: "Qwen3ForCausalLM", choices: choices(.qwen3) { $0.queryKeyNorm = .perHead },
      settings: sizes(headWidth: 128) + [
        .bool("attention_bias", \.attentionBias, \.outputBias, absent: false), .rotary(),
      ] + qwenWindows, names: llamaNames(queryKeyNorms: true))
  }

  /// Phi-3 and Phi-4-mini (Abdin 2024): queries, keys and values in one matrix, gate and up in another, two lists of divisors for
  /// positions.
  static var phi3: FamilyDescription {
    FamilyDescription(
      architecture: "Phi3ForCausalLM", choices: choices(.phi3),
      settings: sizes(epsilon: 1e-5) + [
        .rotary(), .window(absent: nil) { _, _ in true },
        .double("resid_pdrop", \.dropout.residual, absent: 0),
        // Where only this key says up to which length positions are turned by the short divisors.
        Setting(
          read: { reader, c in
            let length = try reader.optionalInt("original_max_position_embeddings") ?? 4096
            if c.rotaryScaling.kind == .longrope, c.rotaryScaling.originalLength == nil {
              c.rotaryScaling.originalLength = length
            }
          },
          write: { c, json in
            if let length = c.rotaryScaling.originalLength { json["original_max_position_embeddings"] = .int(length) }
          }),
        // Dropped embeddings are in the file and not in the model; Phi-4-mini's others are of another attention.
        .passed("embd_pdrop", "full_attn_mod", "interpolate_factor"),
        .only("attention_bias", false), .only("mlp_bias", false), .only("lm_head_bias", false),
      ],
      names: llamaNames([
        "self_attn.qkv_proj": ["self_attn.qkv_proj"], "mlp.up_proj": ["mlp.gate_up_proj"],
      ]))
  }

  /// OLMo 2 (OLMo team 2024): norms after the parts, and over all queries and all keys.
  static var olmo2: FamilyDescription {
    FamilyDescription(
      architecture: "Olmo2ForCausalLM",
      choices: choices(.olmo2) {
        $0.residual = .postNorm
        $0.queryKeyNorm = .wholeProjection
      },
      settings: sizes(epsilon: 1e-5) + [
        .bool("attention_bias", \.attentionBias, \.outputBias, absent: false), .rotary(),
      ],
      names: llamaNames(
        [
          "attention_output_layernorm": ["post_attention_layernorm"],
          "feed_forward_output_layernorm": ["post_feedforward_layernorm"],
        ], queryKeyNorms: true))
  }

  /// SmolLM3: every fourth layer isn't turned by position.
  static var smollm3: FamilyDescription {
    FamilyDescription(
      architecture: "SmolLM3ForCausalLM", choices: choices(.smollm3),
      settings: sizes(keyValueHeads: 4, tied: true) + [
        .bool("attention_bias", \.attentionBias, \.outputBias, absent: false),
        .bool("mlp_bias", \.feedForwardBias, absent: false), .rotary(.init(absentBase: 2_000_000)),
        noRopeLayers,
        .window(absent: nil, isAsked: { try $0.optionalBool("use_sliding_window") ?? false }) { reader, layer in
          try turnedLayers(reader, layer + 1)[layer] == 0
        },
        .layerTypes,
        Setting(read: { _, _ in }, write: { c, json in json["use_sliding_window"] = .bool(c.slidingWindow != nil) }),
        // Of other models' kinds of attention, and of how training was cut.
        .passed("max_window_layers", "pretraining_tp"),
      ], names: llamaNames())
  }

  private static var noRopeLayers: Setting {
    Setting(
      read: { reader, c in
        guard c.layers > 0, c.layers <= Setting.longestList else { return }
        let turned = try turnedLayers(reader, c.layers)
        c.noRopeLayers = Set((0..<c.layers).filter { turned[$0] == 0 })
      },
      write: { c, json in
        json["no_rope_layers"] = .array((0..<c.layers).map { .int(c.noRopeLayers.contains($0) ? 0 : 1) })
      })
  }

  /// 1 for each layer that is turned, 0 for the others, of as many layers at least.
  private static func turnedLayers(_ reader: ConfigurationReader, _ count: Int) throws -> [Int] {
    let interval = try reader.optionalInt("no_rope_layer_interval") ?? 4
    guard let list = try reader.optionalInts("no_rope_layers") else {
      guard interval > 0 else {
        throw ConfigurationError("no_rope_layer_interval is \(interval); it must be positive")
      }
      return (0..<count).map { ($0 + 1) % interval == 0 ? 0 : 1 }
    }
    guard list.count >= count else {
      throw ConfigurationError("no_rope_layers has \(list.count) entries for \(count) layers")
    }
    return list
  }

  /// Granite: multipliers of embeddings, attention, what is added to the residual stream, and logits.
  static var granite: FamilyDescription {
    FamilyDescription(
      architecture: "GraniteForCausalLM", choices: choices(.granite),
      settings: sizes() + graniteMultipliers + [.bool("mlp_bias", \.feedForwardBias, absent: false)],
      names: llamaNames())
  }

  /// What Granite's models have in common.
  static var graniteMultipliers: [Setting] {
    [
      .bool("attention_bias", \.attentionBias, \.outputBias, absent: false), .rotary(),
      .double("embedding_multiplier", \.embeddingMultiplier, absent: 1),
      .double("residual_multiplier", \.residualMultiplier, absent: 1),
      .double("logits_scaling", \.logitDivisor, absent: 1),
      .double("attention_multiplier", \.attentionMultiplier, absent: 1),
    ]
  }

  /// Layers from `max_window_layers` on slide, if `use_sliding_window` says so.
  private static var qwenWindows: [Setting] {
    [
      .window(absent: 4096, isAsked: { try $0.optionalBool("use_sliding_window") ?? false }) {
        reader, layer in layer >= (try reader.optionalInt("max_window_layers") ?? 28)
      },
      .passed("max_window_layers"), .layerTypes,
      Setting(
        read: { _, _ in },
        write: { c, json in
          json["use_sliding_window"] = .bool(c.slidingWindow != nil)
          json["max_window_layers"] = .int(c.layerTypes.firstIndex(of: .sliding) ?? 28)
        }),
    ]
  }

  /// Llama's names, with what a family calls otherwise.
  static func llamaNames(
    _ other: [String: [String]] = [:], queryKeyNorms: Bool = false
  ) -> TensorNames {
    var parts = [
      "input_layernorm": ["input_layernorm"],
      "self_attn.qkv_proj": ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"],
      "self_attn.o_proj": ["self_attn.o_proj"],
      "post_attention_layernorm": ["post_attention_layernorm"],
      "mlp.up_proj": ["mlp.gate_proj", "mlp.up_proj"], "mlp.down_proj": ["mlp.down_proj"],
    ]
    if queryKeyNorms {
      for part in ["self_attn.q_norm", "self_attn.k_norm"] { parts[part] = [part] }
    }
    return TensorNames(
      prefix: "model.", tokenEmbedding: "embed_tokens", layer: "layers.#.",
      parts: parts.merging(other) { $1 }, norm: "norm", ignoredSuffixes: ["rotary_emb.inv_freq"])
  }
}
