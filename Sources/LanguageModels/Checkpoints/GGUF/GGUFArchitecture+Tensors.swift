extension GGUFArchitecture {
  /// The place of each parameter in the file.
  func layout(_ c: DecoderConfiguration) -> CheckpointLayout {
    let isPhi = family == .phi3, isGPT = family == .gpt2
    let normsOutputs = c.residual.normsOutputs
    var parts = [
      "input_layernorm": ["attn_norm"],
      "self_attn.qkv_proj": isPhi || isGPT ? ["attn_qkv"] : ["attn_q", "attn_k", "attn_v"],
      "self_attn.o_proj": ["attn_output"], "self_attn.q_norm": ["attn_q_norm"],
      "self_attn.k_norm": ["attn_k_norm"], "post_attention_layernorm": ["ffn_norm"],
      "mlp.up_proj": isPhi || isGPT ? ["ffn_up"] : ["ffn_gate", "ffn_up"],
      "mlp.down_proj": ["ffn_down"], "mlp.gate": ["ffn_gate_inp"],
      "mlp.experts.#.up_proj": ["ffn_gate_exps", "ffn_up_exps"], "mlp.experts.#.down_proj": ["ffn_down_exps"],
      "mlp.shared_expert.up_proj": ["ffn_gate_shexp", "ffn_up_shexp"],
      "mlp.shared_expert.down_proj": ["ffn_down_shexp"], "mlp.shared_expert_gate": ["ffn_gate_inp_shexp"],
      "self_attn.q_proj": ["attn_q"], "self_attn.q_a_proj": ["attn_q_a"], "self_attn.q_a_layernorm": ["attn_q_a_norm"],
      "self_attn.q_b_proj": ["attn_q_b"], "self_attn.kv_a_proj_with_mqa": ["attn_kv_a_mqa"],
      "self_attn.kv_a_layernorm": ["attn_kv_a_norm"], "self_attn.kv_b_proj": ["attn_kv_b"],
      // Not weights of a module: what follows the last point is put right below.
      "self_attn": ["attn_sinks"], "mlp": ["exp_probs_b"],
    ]
    let first = c.experts?.denseLayers.count ?? 0
    if file.shape(of: "blk.\(first).ffn_gate_up_exps.weight") != nil {
      parts["mlp.experts.#.up_proj"] = ["ffn_gate_up_exps"]
    } else if file.shape(of: "blk.0.ffn_gate.0.weight") != nil {
      // Files of the first months had a tensor for each expert.
      parts["mlp.experts.#.up_proj"] = ["ffn_gate.#", "ffn_up.#"]
      parts["mlp.experts.#.down_proj"] = ["ffn_down.#"]
    }
    if family == .gptOSS { parts["post_attention_layernorm"] = ["post_attention_norm"] }
    if normsOutputs {
      parts["attention_output_layernorm"] = ["post_attention_norm"]
      parts["feed_forward_output_layernorm"] = ["post_ffw_norm"]
    }
    var layout = CheckpointLayout(
      c,
      names: TensorNames(
        prefix: "", tokenEmbedding: "token_embd", positionEmbedding: "position_embd",
        layer: "blk.#.", parts: parts, norm: "output_norm", head: "output",
        ignoredSuffixes: [Self.frequencies] + Self.divisors))
    for i in layout.entries.indices {
      if layout.entries[i].name.hasSuffix("kv_b_proj.weight") {
        layout.entries[i].parts = latentParts(layout.entries[i], c)
      }
      for j in layout.entries[i].parts.indices {
        let name = layout.entries[i].parts[j].name
        layout.entries[i].parts[j].name = name.replacing(".e_score_correction_bias", with: ".bias")
          .replacing(".attn_sinks.sinks", with: ".attn_sinks.weight")
        if pairsFeatures, name.contains(".attn_q.") {
          layout.entries[i].parts[j].storage = .pairs(heads: c.heads)
        } else if pairsFeatures, name.contains(".attn_k.") {
          layout.entries[i].parts[j].storage = .pairs(heads: c.keyValueHeads)
        } else if c.norm == .rmsNormAroundOne, name.hasSuffix("norm.weight") {
          layout.entries[i].parts[j].storage = .aroundZero
        }
      }
    }
    return layout
  }

  /// The matrix of keys and values of latent attention: one tensor, or two of which each head has a matrix, keys transposed.
  private func latentParts(_ entry: CheckpointLayout.Entry, _ c: DecoderConfiguration) -> [CheckpointLayout.Part] {
    guard let whole = entry.parts.first, file.shape(of: whole.name) == nil, let latent = c.latentAttention else {
      return entry.parts
    }
    return (0..<c.heads).flatMap { head in
      [("attn_k_b", latent.plainWidth, true), ("attn_v_b", latent.valueWidth, false)].map { name, rows, isTransposed in
        CheckpointLayout.Part(
          name: whole.name.replacing("attn_kv_b", with: name), rows: rows, storage: isTransposed ? .transposed : .plain,
          slice: (head, c.heads))
      }
    }
  }
}
