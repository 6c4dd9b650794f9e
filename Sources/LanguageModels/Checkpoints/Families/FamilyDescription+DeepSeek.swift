import Documents
import Foundation
import NeuralNetworks

extension FamilyDescription {
  /// DeepSeek V2: latent attention, many small experts and shared ones, of groups the best.
  static var deepseekV2: FamilyDescription {
    deepseek(
      .deepseekV2, architecture: "DeepseekV2ForCausalLM",
      [
        .int("n_routed_experts", \.mixture.count, absent: 64),
        .int("moe_intermediate_size", \.mixture.width, absent: 1407), shared(absent: 2),
        .int("num_experts_per_tok", \.mixture.perToken, absent: 1),
        .double("routed_scaling_factor", \.mixture.scale, absent: 1),
        // The reference neither normalises nor scales where it is true.
        .only("norm_topk_prob", false), .only("scoring_func", "softmax"),
        Setting(
          read: { reader, c in
            let method = try reader.optionalString("topk_method") ?? "greedy"
            let (groups, chosen) = try (reader.optionalInt("n_group"), reader.optionalInt("topk_group"))
            switch method {
            case "greedy": break
            case "group_limited_greedy": (c.mixture.groups, c.mixture.chosenGroups) = (groups ?? 1, chosen ?? 1)
            default: throw ConfigurationError("topk_method '\(method.prefix(40))' is not supported")
            }
          },
          write: { c, json in
            json["topk_method"] = c.mixture.groups > 1 ? "group_limited_greedy" : "greedy"
            (json["n_group"], json["topk_group"]) = (.int(c.mixture.groups), .int(c.mixture.chosenGroups))
          }),
        firstDenseLayers(absent: 0),
      ]
    ) { $0.mixture.normalizes = false }
  }

  /// DeepSeek V3 and R1: each expert's score for itself, and a number beside it that evens out how often it is taken.
  static var deepseekV3: FamilyDescription {
    deepseek(
      .deepseekV3, architecture: "DeepseekV3ForCausalLM",
      [
        .int("n_routed_experts", \.mixture.count, absent: 256),
        .int("moe_intermediate_size", \.mixture.width, absent: 2048), shared(absent: 1),
        .int("num_experts_per_tok", \.mixture.perToken, absent: 8),
        .double("routed_scaling_factor", \.mixture.scale, absent: 2.5),
        .bool("norm_topk_prob", \.mixture.normalizes, absent: true), .only("scoring_func", "sigmoid"),
        .only("topk_method", "noaux_tc"), .int("n_group", \.mixture.groups, absent: 8),
        .int("topk_group", \.mixture.chosenGroups, absent: 4), firstDenseLayers(absent: 3),
        .bool("rope_interleave", \.latent.isInterleaved, absent: true),
      ]
    ) {
      $0.mixture.scoring = .sigmoid
      $0.mixture.groupScoring = .twoBest
      $0.mixture.correctsScores = true
    }
  }

  private static func deepseek(
    _ family: DecoderConfiguration.Family, architecture: String, _ own: [Setting],
    _ change: (inout DecoderConfiguration) -> Void
  ) -> FamilyDescription {
    FamilyDescription(
      architecture: architecture, choices: choices(family, change),
      settings: sizes() + [
        .int("kv_lora_rank", \.latent.rank, absent: 512), queryRank,
        .int("qk_nope_head_dim", \.latent.plainWidth, absent: 128),
        .int("qk_rope_head_dim", \.latent.turnedWidth, absent: 64),
        .int("v_head_dim", \.latent.valueWidth, absent: 128),
        Setting(
          read: { _, c in
            let (plain, turned) = (c.latent.plainWidth, c.latent.turnedWidth)
            guard (1..<1 << 20).contains(plain), (1..<1 << 20).contains(turned), turned % 2 == 0 else {
              throw ConfigurationError(
                "qk_nope_head_dim (\(plain)) and qk_rope_head_dim (\(turned)) must be positive, and the latter even")
            }
            c.headWidth = plain + turned
          },
          // What is turned, as transformers has it; a head's queries and keys are wider.
          write: { $1["head_dim"] = .int($0.latent.turnedWidth) }),
        .bool("attention_bias", \.attentionBias, \.outputBias, absent: false), .only("mlp_bias", false), .rotary(),
        .derived { c in
          guard c.rotaryScaling.kind != .standard, let all = c.rotaryScaling.mscaleAllDimensions, all != 0 else {
            return
          }
          c.stretchLatentAttention(magnitude: all)
        },
      ] + own + routerLosses + [
        .only("moe_layer_freq", 1),
        .passed("pretraining_tp", "ep_size", "num_nextn_predict_layers", "num_mtp_layers", "qk_head_dim"),
      ],
      names: llamaNames(
        manyExpertsNames.merging([
          "mlp": ["mlp.gate"],
          "mlp.shared_expert.up_proj": ["mlp.shared_experts.gate_proj", "mlp.shared_experts.up_proj"],
          "mlp.shared_expert.down_proj": ["mlp.shared_experts.down_proj"],
        ]) { $1 }.merging(latentNames) { $1 }))
  }

  /// Our names of latent attention's parts, which are everybody's.
  private static var latentNames: [String: [String]] {
    let parts = [
      "q_proj", "q_a_proj", "q_a_layernorm", "q_b_proj", "kv_a_proj_with_mqa", "kv_a_layernorm", "kv_b_proj",
    ]
    return Dictionary(uniqueKeysWithValues: parts.map { ("self_attn.\($0)", ["self_attn.\($0)"]) })
  }

  /// `q_lora_rank`, whose null means that queries are made of the token itself.
  private static var queryRank: Setting {
    Setting(
      read: { $1.latent.queryRank = $0.has("q_lora_rank") ? try $0.optionalInt("q_lora_rank") : 1536 },
      write: { $1["q_lora_rank"] = $0.latent.queryRank.map(JSONValue.int) ?? .null })
  }

  /// Several shared experts are one with their features together.
  private static func shared(absent: Int) -> Setting {
    Setting(
      read: { reader, c in
        let count = try reader.optionalInt("n_shared_experts") ?? absent
        let (width, overflow) = c.mixture.width.multipliedReportingOverflow(by: count)
        guard count >= 0, !overflow else { throw ConfigurationError("n_shared_experts is \(count)") }
        c.mixture.sharedWidth = width
      }, write: { $1["n_shared_experts"] = .int($0.mixture.sharedWidth / max(1, $0.mixture.width)) })
  }

  private static func firstDenseLayers(absent: Int) -> Setting {
    Setting(
      read: { reader, c in
        let count = try reader.optionalInt("first_k_dense_replace") ?? absent
        guard count >= 0 else { throw ConfigurationError("first_k_dense_replace is \(count)") }
        c.mixture.denseLayers = Set(0..<min(count, max(0, c.layers), Setting.longestList))
      }, write: { $1["first_k_dense_replace"] = .int($0.mixture.denseLayers.count) })
  }
}

extension DecoderConfiguration {
  /// Takes the factor that goes with YaRN's stretching into the scores of latent attention, once for queries and once for keys.
  mutating func stretchLatentAttention(magnitude all: Double) {
    let magnitude = RotaryScaling.magnitude(all, stretch: rotaryScaling.factor ?? 1)
    attentionMultiplier = magnitude * magnitude / Double(headWidth).squareRoot()
  }

  /// The latent attention of a family that has it: its description is what makes it be there.
  var latent: LatentAttention {
    get {
      latentAttention
        ?? LatentAttention(queryRank: nil, rank: 1, plainWidth: 1, turnedWidth: 2, valueWidth: 1)
    }
    set { latentAttention = newValue }
  }
}
