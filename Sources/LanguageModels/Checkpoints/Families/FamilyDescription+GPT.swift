import Documents

extension FamilyDescription {
  /// GPT-2 (Radford 2019).
  static var gpt2: FamilyDescription {
    FamilyDescription(
      architecture: "GPT2LMHeadModel",
      choices: .gpt2(vocabularySize: 1, width: 1, layers: 1, heads: 1, contextLength: 1),
      settings: [
        .int("vocab_size", \.vocabularySize), .int("n_embd", \.width), .int("n_layer", \.layers),
        .int("n_head", \.heads),
        Setting(
          read: { reader, c in
            let older = try reader.optionalInt("n_ctx")
            c.contextLength = try reader.optionalInt("n_positions") ?? older ?? reader.int("n_positions")
          },
          write: { c, json in
            json["n_positions"] = .int(c.contextLength)
            json["n_ctx"] = .int(c.contextLength)
          }),
        .int("n_inner", \.feedForwardWidth) { 4 * min($0.width, 1 << 31) },
        .double("layer_norm_epsilon", \.normEpsilon, absent: 1e-5),
        .string("activation_function", \.activation, absent: "gelu_new"),
        .bool("tie_word_embeddings", \.tiesEmbeddings, absent: true),
        .double("initializer_range", \.initializerRange, absent: 0.02),
        .double("embd_pdrop", \.dropout.embedding, absent: 0.1),
        .double("resid_pdrop", \.dropout.residual, absent: 0.1),
        .double("attn_pdrop", \.dropout.attention, absent: 0.1),
        .only("scale_attn_weights", true), .only("scale_attn_by_inverse_layer_idx", false),
        .only("add_cross_attention", false),
        // Same numbers in another order of evaluation.
        .passed("reorder_and_upcast_attn"),
        equalHeads("n_embd", "n_head"),
      ] + Setting.ends,
      names: TensorNames(
        prefix: "transformer.", tokenEmbedding: "wte", positionEmbedding: "wpe", layer: "h.#.",
        parts: [
          "input_layernorm": ["ln_1"], "self_attn.qkv_proj": ["attn.c_attn"],
          "self_attn.o_proj": ["attn.c_proj"], "post_attention_layernorm": ["ln_2"],
          "mlp.up_proj": ["mlp.c_fc"], "mlp.down_proj": ["mlp.c_proj"],
        ], norm: "ln_f", transposesLinears: true,
        ignoredSuffixes: [".attn.bias", ".attn.masked_bias"]))
  }

  /// GPT-Neo (Black 2021): GPT-3's turns of dense and banded attention, without a scale and without biases on queries, keys and values.
  static var gptNeo: FamilyDescription {
    FamilyDescription(
      architecture: "GPTNeoForCausalLM",
      choices: .gpt3(vocabularySize: 1, width: 1, layers: 2, heads: 1, contextLength: 1),
      settings: [
        .int("vocab_size", \.vocabularySize), .int("hidden_size", \.width), .int("num_layers", \.layers),
        .int("num_heads", \.heads),
        .int("intermediate_size", \.feedForwardWidth) { 4 * min($0.width, 1 << 31) },
        .int("max_position_embeddings", \.contextLength, absent: 2048),
        .double("layer_norm_epsilon", \.normEpsilon, absent: 1e-5),
        .string("activation_function", \.activation, absent: "gelu_new"),
        .bool("tie_word_embeddings", \.tiesEmbeddings, absent: true),
        .double("initializer_range", \.initializerRange, absent: 0.02),
        .double("embed_dropout", \.dropout.embedding, absent: 0),
        .double("resid_dropout", \.dropout.residual, absent: 0),
        .double("attention_dropout", \.dropout.attention, absent: 0),
        .turns, equalHeads("hidden_size", "num_heads"),
      ] + Setting.ends,
      names: TensorNames(
        prefix: "transformer.", tokenEmbedding: "wte", positionEmbedding: "wpe", layer: "h.#.",
        parts: [
          "input_layernorm": ["ln_1"],
          "self_attn.qkv_proj": ["attn.attention.q_proj", "attn.attention.k_proj", "attn.attention.v_proj"],
          "self_attn.o_proj": ["attn.attention.out_proj"], "post_attention_layernorm": ["ln_2"],
          "mlp.up_proj": ["mlp.c_fc"], "mlp.down_proj": ["mlp.c_proj"],
        ], norm: "ln_f", ignoredSuffixes: [".attn.attention.bias", ".attn.attention.masked_bias"]))
  }

  /// GPT-NeoX (Black 2022): both parts of a layer read the same stream, and only some features turn.
  static var gptNeoX: FamilyDescription {
    FamilyDescription(
      architecture: "GPTNeoXForCausalLM",
      choices: choices(.gptNeoX) {
        $0.norm = .layerNorm
        $0.isGated = false
        $0.feedForwardBias = true
        $0.interleavesHeads = true
      },
      settings: [
        .int("vocab_size", \.vocabularySize), .int("hidden_size", \.width),
        .int("num_hidden_layers", \.layers), .int("num_attention_heads", \.heads),
        .int("intermediate_size", \.feedForwardWidth),
        .int("max_position_embeddings", \.contextLength),
        .double("layer_norm_eps", \.normEpsilon, absent: 1e-5),
        .string("hidden_act", \.activation, absent: "gelu"),
        .bool("tie_word_embeddings", \.tiesEmbeddings, absent: false),
        .double("initializer_range", \.initializerRange, absent: 0.02),
        .double("attention_dropout", \.dropout.attention, absent: 0),
        Setting(
          read: { reader, c in
            c.dropout.residual = try reader.optionalDouble("hidden_dropout") ?? 0
            c.dropout.embedding = c.dropout.residual
          }, write: { $1["hidden_dropout"] = .double($0.dropout.residual) }),
        .bool("attention_bias", \.attentionBias, \.outputBias, absent: true),
        Setting(
          read: { reader, c in
            c.residual = try reader.optionalBool("use_parallel_residual") ?? true ? .parallel : .preNorm
          }, write: { $1["use_parallel_residual"] = .bool($0.residual == .parallel) }),
        .rotary(.init(base: "rotary_emb_base", fraction: "rotary_pct", absentFraction: 0.25)),
        equalHeads("hidden_size", "num_attention_heads"),
      ] + Setting.ends,
      names: TensorNames(
        prefix: "gpt_neox.", tokenEmbedding: "embed_in", layer: "layers.#.",
        parts: [
          "input_layernorm": ["input_layernorm"],
          "self_attn.qkv_proj": ["attention.query_key_value"],
          "self_attn.o_proj": ["attention.dense"],
          "post_attention_layernorm": ["post_attention_layernorm"],
          "mlp.up_proj": ["mlp.dense_h_to_4h"], "mlp.down_proj": ["mlp.dense_4h_to_h"],
        ], norm: "final_layer_norm", head: "embed_out",
        ignoredSuffixes: [".attention.bias", ".attention.masked_bias", "rotary_emb.inv_freq"]))
  }

  /// The heads share the width and each has its own keys and values.
  private static func equalHeads(_ width: String, _ heads: String) -> Setting {
    .derived { c in
      guard c.heads > 0, c.width % c.heads == 0 else {
        throw ConfigurationError("\(width) (\(c.width)) must be a multiple of \(heads) (\(c.heads))")
      }
      c.keyValueHeads = c.heads
      c.headWidth = c.width / c.heads
    }
  }
}
