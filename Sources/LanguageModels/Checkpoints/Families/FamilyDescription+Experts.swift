import Documents
import NeuralNetworks

extension FamilyDescription {
  /// Mixtral (Jiang 2024): eight experts a layer, two for each token.
  static var mixtral: FamilyDescription {
    FamilyDescription(
      architecture: "MixtralForCausalLM", choices: choices(.mixtral),
      settings: sizes(epsilon: 1e-5, keyValueHeads: 8) + [
        .rotary(.init(absentBase: 1_000_000)), .window(absent: nil) { _, _ in true },
        .int("num_local_experts", \.mixture.count, absent: 8),
        .int("num_experts_per_tok", \.mixture.perToken, absent: 2),
        .derived { $0.mixture.width = $0.feedForwardWidth }, .only("attention_bias", false),
      ] + routerLosses,
      names: llamaNames([
        "mlp.gate": ["block_sparse_moe.gate"],
        "mlp.experts.#.up_proj": ["block_sparse_moe.experts.#.w1", "block_sparse_moe.experts.#.w3"],
        "mlp.experts.#.down_proj": ["block_sparse_moe.experts.#.w2"],
      ]))
  }

  /// Qwen1.5-MoE and Qwen2-MoE (Yang 2024): many small experts, and one that every token takes, weighed by a gate.
  static var qwen2MoE: FamilyDescription {
    FamilyDescription(
      architecture: "Qwen2MoeForCausalLM",
      choices: choices(.qwen2MoE) {
        $0.mixture.normalizes = false
        $0.mixture.gatesShared = true
      },
      settings: sizes() + [
        .bool("qkv_bias", \.attentionBias, absent: true), .rotary(),
        .window(absent: 4096, isAsked: { try $0.optionalBool("use_sliding_window") ?? false }) { reader, layer in
          try layer % 2 == 0 && layer < reader.optionalInt("max_window_layers") ?? 28
        },
        .layerTypes,
        Setting(
          read: { reader, _ in reader.pass("max_window_layers") },
          write: { c, json in
            json["use_sliding_window"] = .bool(c.slidingWindow != nil)
            json["max_window_layers"] = .int((c.layerTypes.lastIndex(of: .sliding) ?? 27) + 1)
          }),
        .int("shared_expert_intermediate_size", \.mixture.sharedWidth, absent: 5632),
      ] + manyExperts(count: 60, perToken: 4, width: 1408) + routerLosses,
      names: llamaNames(
        manyExpertsNames.merging([
          "mlp.shared_expert.up_proj": ["mlp.shared_expert.gate_proj", "mlp.shared_expert.up_proj"],
          "mlp.shared_expert.down_proj": ["mlp.shared_expert.down_proj"],
          "mlp.shared_expert_gate": ["mlp.shared_expert_gate"],
        ]) { $1 }))
  }

  /// Qwen3-MoE (Yang 2025): 128 experts, eight for each token, none shared.
  static var qwen3MoE: FamilyDescription {
    FamilyDescription(
      architecture: "Qwen3MoeForCausalLM",
      choices: choices(.qwen3MoE) {
        $0.queryKeyNorm = .perHead
        $0.mixture.normalizes = false
      },
      settings: sizes(keyValueHeads: 4) + [
        .bool("attention_bias", \.attentionBias, \.outputBias, absent: false), .rotary(),
        .window(absent: 4096, isAsked: { try $0.optionalBool("use_sliding_window") ?? false }) { _, _ in true },
        Setting(
          read: { reader, _ in reader.pass("max_window_layers") },
          write: { c, json in json["use_sliding_window"] = .bool(c.slidingWindow != nil) }),
      ] + manyExperts(count: 128, perToken: 8, width: 768) + routerLosses,
      names: llamaNames(manyExpertsNames, queryKeyNorms: true))
  }

  /// GraniteMoE: Granite's multipliers, and all experts in one tensor.
  static var graniteMoE: FamilyDescription {
    FamilyDescription(
      architecture: "GraniteMoeForCausalLM", choices: choices(.graniteMoE),
      settings: sizes() + graniteMultipliers + [
        .int("num_local_experts", \.mixture.count, absent: 8),
        .int("num_experts_per_tok", \.mixture.perToken, absent: 2),
        .derived { $0.mixture.width = $0.feedForwardWidth },
      ] + routerLosses,
      names: llamaNames([
        "mlp.gate": ["block_sparse_moe.router.layer"],
        "mlp.experts.#.up_proj": ["block_sparse_moe.input_linear"],
        "mlp.experts.#.down_proj": ["block_sparse_moe.output_linear"],
      ]))
  }

  /// gpt-oss: sinks in attention, every other layer slides, clamped gates, biases everywhere.
  static var gptOSS: FamilyDescription {
    var names = llamaNames([
      "self_attn": ["self_attn"], "mlp.gate": ["mlp.router"],
      "mlp.experts.#.up_proj": ["mlp.experts.gate_up_proj"], "mlp.experts.#.down_proj": ["mlp.experts.down_proj"],
    ])
    names.alternatesExperts = true
    return FamilyDescription(
      architecture: "GptOssForCausalLM",
      choices: choices(.gptOSS) {
        $0.hasAttentionSinks = true
        $0.feedForwardBias = true
        $0.mixture.routerBias = true
        $0.clampedGate = .init(alpha: 1.702, limit: 7)
        $0.rotaryScaling = .init(.yarn, factor: 32)
        $0.rotaryScaling.originalLength = 4096
        $0.rotaryScaling.truncates = false
      },
      settings: sizes(epsilon: 1e-5, keyValueHeads: 8, headWidth: 64) + [
        .bool("attention_bias", \.attentionBias, \.outputBias, absent: true),
        .rotary(.init(absentBase: 150_000)), .window(absent: 128) { _, layer in layer % 2 == 0 }, .layerTypes,
        .int("num_local_experts", \.mixture.count, absent: 128),
        .int("num_experts_per_tok", \.mixture.perToken, absent: 4),
        .derived { $0.mixture.width = $0.feedForwardWidth },
        .double("swiglu_alpha", \.gate.alpha, absent: 1.702), .double("swiglu_limit", \.gate.limit, absent: 7),
        // Experts in MXFP4 are restored as they are read.
        Setting(
          read: { reader, _ in
            guard let settings = try reader.optionalObject("quantization_config") else { return }
            guard settings["quant_method"]?.string == "mxfp4" else {
              throw ConfigurationError("quantization_config: only quant_method mxfp4 is supported")
            }
          }, write: { _, _ in }),
        // The first spells num_experts_per_tok, the second original_max_position_embeddings.
        .passed("experts_per_token", "initial_context_length"),
      ] + routerLosses,
      names: names)
  }

  /// Losses that keep experts equally busy in pretraining, which aren't part of the model.
  static var routerLosses: [Setting] {
    [.passed("output_router_logits", "router_aux_loss_coef", "router_jitter_noise", "aux_loss_alpha", "seq_aux")]
  }

  /// The keys of Qwen's models.
  private static func manyExperts(count: Int, perToken: Int, width: Int) -> [Setting] {
    [
      Setting(
        read: { reader, c in
          let other = try reader.optionalInt("num_local_experts")
          c.mixture.count = try reader.optionalInt("num_experts") ?? other ?? count
        }, write: { $1["num_experts"] = .int($0.mixture.count) }),
      .int("num_experts_per_tok", \.mixture.perToken, absent: perToken),
      .int("moe_intermediate_size", \.mixture.width, absent: width),
      .bool("norm_topk_prob", \.mixture.normalizes, absent: false),
      Setting(
        read: { reader, c in
          let dense = try reader.optionalInts("mlp_only_layers") ?? []
          let step = try reader.optionalInt("decoder_sparse_step") ?? 1
          guard step > 0 else { throw ConfigurationError("decoder_sparse_step is \(step); it must be positive") }
          guard c.layers > 0, c.layers <= Setting.longestList else { return }
          c.mixture.denseLayers = Set((0..<c.layers).filter { ($0 + 1) % step != 0 || dense.contains($0) })
        },
        write: { c, json in
          json["decoder_sparse_step"] = 1
          json["mlp_only_layers"] = .array(c.mixture.denseLayers.sorted().map(JSONValue.int))
        }),
    ]
  }

  /// The names of experts that stand each for itself.
  static var manyExpertsNames: [String: [String]] {
    [
      "mlp.gate": ["mlp.gate"],
      "mlp.experts.#.up_proj": ["mlp.experts.#.gate_proj", "mlp.experts.#.up_proj"],
      "mlp.experts.#.down_proj": ["mlp.experts.#.down_proj"],
    ]
  }
}

extension DecoderConfiguration {
  /// The experts of a family that has some: its description is what makes them be there.
  var mixture: Experts {
    get { experts ?? Experts(count: 1, perToken: 1, width: 1) }
    set { experts = newValue }
  }

  /// Likewise the clamped gate.
  var gate: ClampedGate {
    get { clampedGate ?? ClampedGate(alpha: 1, limit: .infinity) }
    set { clampedGate = newValue }
  }
}
