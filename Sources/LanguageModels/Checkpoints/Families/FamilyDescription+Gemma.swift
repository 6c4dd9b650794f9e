import Documents

extension FamilyDescription {
  /// Gemma (Gemma team 2024): embeddings times √width, norms around one.
  static var gemma: FamilyDescription {
    FamilyDescription(
      architecture: "GemmaForCausalLM", choices: gemma(.gemma) { $0.residual = .preNorm },
      settings: sizes(
        keyValueHeads: 16, headWidth: 256, absentActivation: "gelu_pytorch_tanh", tied: true) + [
          // The key that replaced hidden_act in files of 2024; in either, gelu means its tanh form.
          Setting(
            read: { reader, c in
              c.activation = try reader.optionalString("hidden_activation") ?? c.activation
              if c.activation == "gelu" { c.activation = "gelu_pytorch_tanh" }
            }, write: { _, _ in }),
          .bool("attention_bias", \.attentionBias, \.outputBias, absent: false), .rotary(),
          .only("use_bidirectional_attention", false),
        ], names: llamaNames())
  }

  /// Gemma 2 (Gemma team 2024): soft caps, every other layer slides, a norm before and after each part.
  static var gemma2: FamilyDescription {
    FamilyDescription(
      architecture: "Gemma2ForCausalLM", choices: gemma(.gemma2),
      settings: gemmaSizes + [
        .rotary(),
        .window(absent: 4096) { _, layer in layer % 2 == 0 }, .layerTypes,
        .double("attn_logit_softcapping", \.attentionSoftCap, absent: 50),
        .double("final_logit_softcapping", \.logitSoftCap, absent: 30),
        .passed("sliding_window_size"),
      ], names: gemmaNames(queryKeyNorms: false))
  }

  /// The text part of Gemma 3 (Gemma team 2025): five sliding layers to one that sees everything, each kind with its own
  /// rotary base, and norms on queries and keys instead of soft caps.
  static var gemma3: FamilyDescription {
    FamilyDescription(
      architecture: "Gemma3ForCausalLM",
      choices: gemma(.gemma3) { $0.queryKeyNorm = .perHead },
      settings: gemmaSizes + [
        .rotary(
          .init(absentBase: 1_000_000, slidingBase: (key: "rope_local_base_freq", absent: 10_000))),
        .window(absent: 4096) { reader, layer in
          let newer = try reader.optionalInt("_sliding_window_pattern")
          let period = try reader.optionalInt("sliding_window_pattern") ?? newer ?? 6
          guard period > 0 else {
            throw ConfigurationError("sliding_window_pattern is \(period); it must be positive")
          }
          return (layer + 1) % period != 0
        },
        .layerTypes, .passed("sliding_window_pattern", "_sliding_window_pattern"),
        // Read by transformers and never used there, so that only its absence has a meaning.
        .only("attn_logit_softcapping", nil),
        .double("final_logit_softcapping", \.logitSoftCap, absent: nil),
      ], names: gemmaNames(queryKeyNorms: true))
  }

  private static func gemma(
    _ family: DecoderConfiguration.Family, _ change: (inout DecoderConfiguration) -> Void = { _ in }
  ) -> DecoderConfiguration {
    choices(family) {
      $0.norm = .rmsNormAroundOne
      $0.residual = .sandwich
      $0.scalesEmbeddings = true
      change(&$0)
    }
  }

  private static var gemmaSizes: [Setting] {
    sizes(
      keyValueHeads: 4, headWidth: 256, activation: "hidden_activation",
      absentActivation: "gelu_pytorch_tanh", tied: true) + [
        .bool("attention_bias", \.attentionBias, \.outputBias, absent: false),
        Setting(
          read: { $1.queryScalar = try $0.optionalDouble("query_pre_attn_scalar") ?? 256 },
          write: { c, json in
            let scalar = c.queryScalar ?? Double(c.headWidth)
            // A whole number to transformers, which refuses 256.0.
            json["query_pre_attn_scalar"] = Int(exactly: scalar).map(JSONValue.int) ?? .double(scalar)
          }),
        .only("use_bidirectional_attention", false),
        // The activation's older key, which hidden_activation replaced.
        .passed("hidden_act"),
      ]
  }

  private static func gemmaNames(queryKeyNorms: Bool) -> TensorNames {
    llamaNames(
      [
        "attention_output_layernorm": ["post_attention_layernorm"],
        "post_attention_layernorm": ["pre_feedforward_layernorm"],
        "feed_forward_output_layernorm": ["post_feedforward_layernorm"],
      ], queryKeyNorms: queryKeyNorms)
  }
}
