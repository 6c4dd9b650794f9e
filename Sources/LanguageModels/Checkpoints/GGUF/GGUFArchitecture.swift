import Documents
import Foundation
import NeuralNetworks
import Tokenization
import Torch

/// The metadata and tensor names of a GGUF architecture, for the families that ``Decoder`` has.
///
/// The rules are those of llama.cpp's converter: Llama's turned features lie in pairs, Gemma's norms hold 1 + w.
struct GGUFArchitecture {
  let file: any GGUFContents
  let name: String
  let family: DecoderConfiguration.Family

  /// The architectures, by `general.architecture`; Mistral's, SmolLM's and Mixtral's files say llama, DeepSeek V3's deepseek2.
  static let families: [String: DecoderConfiguration.Family] = [
    "llama": .llama, "qwen2": .qwen2, "qwen3": .qwen3, "gemma": .gemma, "gemma2": .gemma2, "gemma3": .gemma3,
    "phi3": .phi3, "gpt2": .gpt2, "olmo2": .olmo2, "smollm3": .smollm3, "granite": .granite,
    "granitemoe": .graniteMoE, "qwen2moe": .qwen2MoE, "qwen3moe": .qwen3MoE, "gpt-oss": .gptOSS,
    "deepseek2": .deepseekV2,
  ]

  init(_ file: any GGUFContents) throws {
    self.file = file
    guard let name = file.metadata["general.architecture"]?.string else {
      throw ConfigurationError("general.architecture is missing")
    }
    guard let family = Self.families[name] else {
      throw ConfigurationError(
        "general.architecture '\(name.prefix(80))' is not supported; supported are "
          + Self.families.keys.sorted().joined(separator: ", "))
    }
    self.name = name
    switch family {
    case .llama where (file.metadata["llama.expert_count"]?.int ?? 0) > 0: self.family = .mixtral
    case .deepseekV2 where file.metadata["deepseek2.expert_gating_func"]?.int == 2: self.family = .deepseekV3
    default: self.family = family
    }
  }

  /// Whether turned features lie in pairs: what llama.cpp's converter does to Llama's queries and keys, and to those of its descendants.
  var pairsFeatures: Bool { [.llama, .mixtral, .smollm3, .granite, .graniteMoE].contains(family) }

  /// The configuration that the metadata describes.
  ///
  /// - Throws: ``ConfigurationError`` that names the key.
  func configuration() throws -> DecoderConfiguration {
    let own = file.metadata.members.compactMap { member in
      member.key.hasPrefix("\(name).")
        ? (key: String(member.key.dropFirst(name.count + 1)), value: member.value) : nil
    }
    let reader = ConfigurationReader(JSONObject(own), place: name)
    var c = family.description.choices
    guard let table = file.shape(of: "token_embd.weight"), table.count == 2 else {
      throw ConfigurationError("there is no tensor token_embd.weight")
    }
    c.vocabularySize = table[0]
    c.width = try reader.int("embedding_length")
    c.layers = try reader.int("block_count")
    c.heads = try reader.int("attention.head_count")
    c.feedForwardWidth = try reader.int("feed_forward_length")
    c.contextLength = try reader.int("context_length")
    c.keyValueHeads = try reader.optionalInt("attention.head_count_kv") ?? c.heads
    guard c.heads > 0 else { throw ConfigurationError("\(name).attention.head_count is \(c.heads)") }
    c.headWidth = try reader.optionalInt("attention.key_length") ?? c.width / c.heads
    let isLatent = family == .deepseekV2 || family == .deepseekV3
    if !isLatent { try reader.require("attention.value_length", .int(c.headWidth)) }
    let epsilon = c.norm == .layerNorm ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon"
    guard let given = try reader.optionalDouble(epsilon) else {
      throw ConfigurationError("\(name).\(epsilon) is missing")
    }
    // Stored in single precision.
    c.normEpsilon = Double("\(Float(given))") ?? given
    if c.norm == .rmsNormAroundOne { c.activation = "gelu_pytorch_tanh" }
    c.tiesEmbeddings = file.shape(of: "output.weight") == nil
    if family != .gpt2 {
      c.attentionBias = file.shape(of: "blk.0.attn_q.bias") != nil
      c.outputBias = file.shape(of: "blk.0.attn_output.bias") != nil
    }
    try readLatentAttention(reader, &c)
    try readPositions(reader, &c)
    try readAttention(reader, &c)
    try readExperts(reader, &c)
    readTokens(&c)
    // Sizes that the tensors have, and what no pass of the model uses.
    for key in ["vocab_size", "parallel_residual", "nextn_predict_layers", "interleave_moe_layer_step"] {
      reader.pass(key)
    }
    try reader.refuseUnread()
    try c.validate()
    return c
  }

  private func readPositions(_ reader: ConfigurationReader, _ c: inout DecoderConfiguration) throws {
    guard case .rotary = c.positions else { return }
    let base = try reader.optionalDouble("rope.freq_base") ?? 10_000
    c.positions = .rotary(base: base)
    c.rotaryScaling = RotaryScaling()
    let turned = try reader.optionalInt("rope.dimension_count") ?? c.headWidth
    guard turned > 0, turned <= c.headWidth else {
      throw ConfigurationError("\(name).rope.dimension_count is \(turned) of \(c.headWidth)")
    }
    c.rotaryFraction = Double(turned) / Double(c.headWidth)
    let local = try reader.optionalDouble("rope.freq_base_swa")
    c.slidingRotaryBase = family == .gemma3 ? local ?? 10_000 : local
    let kind = try reader.optionalString("rope.scaling.type") ?? "none"
    let factor = try reader.optionalDouble("rope.scaling.factor")
    let original = try reader.optionalInt("rope.scaling.original_context_length")
    let logMultiplier = try reader.optionalDouble("rope.scaling.yarn_log_multiplier")
    let fast = try reader.optionalDouble("rope.scaling.yarn_beta_fast")
    let slow = try reader.optionalDouble("rope.scaling.yarn_beta_slow")
    for key in ["ext", "attn"] { try reader.require("rope.scaling.yarn_\(key)_factor", .double(1)) }
    reader.pass("rope.scaling.finetuned")
    switch kind {
    // Phi-3's divisors are tensors.
    case "none", "longrope": break
    case "linear": c.rotaryScaling = RotaryScaling(.linear, factor: factor)
    case "yarn":
      c.rotaryScaling = RotaryScaling(.yarn, factor: factor)
      c.rotaryScaling.originalLength = original
      (c.rotaryScaling.betaFast, c.rotaryScaling.betaSlow) = (fast, slow)
      if family == .gptOSS { c.rotaryScaling.truncates = false }
      if let logMultiplier, logMultiplier > 0 { stretch(&c, magnitude: rounded(logMultiplier) * 10) }
    default: throw ConfigurationError("\(name).rope.scaling.type '\(kind.prefix(40))' is not supported")
    }
    if try readDivisors(reader, &c, original: original) { return }
    if file.shape(of: Self.frequencies) != nil {
      // Llama 3.1's stretched frequencies come as their divisors, the same for every length.
      let divisors = try file.tensor(Self.frequencies).array(of: Float.self).map(Double.init)
      guard kind == "none" else {
        throw ConfigurationError("\(Self.frequencies) together with rope.scaling.type \(kind) is not supported")
      }
      c.rotaryScaling = RotaryScaling(.longrope)
      c.rotaryScaling.shortFactor = divisors
      c.rotaryScaling.longFactor = divisors
      c.rotaryScaling.attentionFactor = 1
    }
  }

  private func stretch(_ c: inout DecoderConfiguration, magnitude all: Double) {
    guard c.latentAttention != nil else { return }
    (c.rotaryScaling.mscale, c.rotaryScaling.mscaleAllDimensions) = (all, all)
    c.stretchLatentAttention(magnitude: all)
  }

  /// Phi-3's two lists of divisors; false where there are none.
  private func readDivisors(
    _ reader: ConfigurationReader, _ c: inout DecoderConfiguration, original: Int?
  ) throws -> Bool {
    let attention = try reader.optionalDouble("rope.scaling.attn_factor")
    guard file.shape(of: Self.divisors[0]) != nil, file.shape(of: Self.divisors[1]) != nil else { return false }
    let lists = try Self.divisors.map { try file.tensor($0).array(of: Float.self).map(Double.init) }
    c.rotaryScaling = RotaryScaling(.longrope)
    (c.rotaryScaling.shortFactor, c.rotaryScaling.longFactor) = (lists[0], lists[1])
    c.rotaryScaling.originalLength = original ?? c.contextLength
    c.rotaryScaling.attentionFactor = attention
    return true
  }

  private func readLatentAttention(_ reader: ConfigurationReader, _ c: inout DecoderConfiguration) throws {
    guard family == .deepseekV2 || family == .deepseekV3 else { return }
    let keys = try reader.optionalInt("attention.key_length_mla") ?? c.headWidth
    let (value, own) = try (
      reader.optionalInt("attention.value_length"), reader.optionalInt("attention.value_length_mla")
    )
    c.latent.rank = try reader.int("attention.kv_lora_rank")
    c.latent.queryRank = try reader.optionalInt("attention.q_lora_rank")
    c.latent.turnedWidth = try reader.int("rope.dimension_count")
    c.latent.plainWidth = keys - c.latent.turnedWidth
    c.latent.valueWidth = own ?? value ?? keys
    (c.headWidth, c.keyValueHeads) = (keys, c.heads)
  }

  private func readExperts(_ reader: ConfigurationReader, _ c: inout DecoderConfiguration) throws {
    let (count, used) = try (reader.optionalInt("expert_count"), reader.optionalInt("expert_used_count"))
    let width = try reader.optionalInt("expert_feed_forward_length")
    let sharedWidth = try reader.optionalInt("expert_shared_feed_forward_length")
    let shared = try reader.optionalInt("expert_shared_count") ?? 0
    let dense = try reader.optionalInt("leading_dense_block_count") ?? 0
    let normalizes = try reader.optionalBool("expert_weights_norm")
    let scale = try reader.optionalDouble("expert_weights_scale")
    let (groups, chosen) = try (reader.optionalInt("expert_group_count"), reader.optionalInt("expert_group_used_count"))
    let scoring = try reader.optionalInt("expert_gating_func")
    guard let count, count > 0 else {
      guard family.description.choices.experts == nil else {
        throw ConfigurationError("\(name).expert_count is missing")
      }
      return
    }
    guard scoring.map({ [1, 2, 3].contains($0) }) ?? true else {
      throw ConfigurationError("\(name).expert_gating_func \(scoring ?? 0) is not supported")
    }
    c.mixture.count = count
    c.mixture.perToken = used ?? 1
    c.mixture.width = width ?? c.feedForwardWidth
    // llama.cpp has no key for it in Qwen3's files.
    c.mixture.normalizes = normalizes ?? (family == .qwen3MoE ? true : c.mixture.normalizes)
    if let scale, scale > 0 { c.mixture.scale = rounded(scale) }
    let (several, overflow) = c.mixture.width.multipliedReportingOverflow(by: shared)
    guard !overflow else { throw ConfigurationError("\(name).expert_shared_count is \(shared)") }
    c.mixture.sharedWidth = sharedWidth ?? several
    if family == .qwen2MoE, let shape = file.shape(of: "blk.0.ffn_up_shexp.weight") { c.mixture.sharedWidth = shape[0] }
    if let groups, groups > 0 { (c.mixture.groups, c.mixture.chosenGroups) = (groups, chosen ?? groups) }
    if family == .deepseekV3 {
      c.mixture.correctsScores = (0..<max(0, min(c.layers, file.names.count)))
        .contains { file.shape(of: "blk.\($0).exp_probs_b.bias") != nil }
    }
    c.mixture.denseLayers = Set(0..<max(0, min(dense, c.layers, file.names.count)))
  }

  private func readAttention(_ reader: ConfigurationReader, _ c: inout DecoderConfiguration) throws {
    let window = try reader.optionalInt("attention.sliding_window")
    let period: Int
    switch family {
    case .phi3: period = 0
    case .gemma2: period = try reader.optionalInt("attention.sliding_window_pattern") ?? 2
    case .gptOSS: period = try reader.optionalInt("attention.sliding_window_pattern") ?? 2
    case .gemma3: period = try reader.optionalInt("attention.sliding_window_pattern") ?? 6
    default:
      // No other architecture slides in llama.cpp, whatever its file says.
      period = 1
    }
    if let window, window > 0, period != 1, c.layers > 0, c.layers <= file.names.count {
      c.slidingWindow = window
      c.layerTypes = (0..<c.layers).map { period > 0 && ($0 + 1) % period == 0 ? .full : .sliding }
    }
    if let scale = try reader.optionalDouble("attention.scale"), scale > 0 { c.attentionMultiplier = rounded(scale) }
    if let scale = try reader.optionalDouble("embedding_scale"), scale > 0 { c.embeddingMultiplier = rounded(scale) }
    if let scale = try reader.optionalDouble("residual_scale"), scale > 0 { c.residualMultiplier = rounded(scale) }
    if let scale = try reader.optionalDouble("logit_scale"), scale > 0 { c.logitDivisor = rounded(scale) }
    if family == .smollm3, c.layers > 0, c.layers <= file.names.count {
      // llama.cpp has no key for it.
      c.noRopeLayers = Set((0..<c.layers).filter { ($0 + 1) % 4 == 0 })
    }
    c.attentionSoftCap = try reader.optionalDouble("attn_logit_softcapping").map(rounded)
    c.logitSoftCap = try reader.optionalDouble("final_logit_softcapping").map(rounded)
    if c.norm == .rmsNormAroundOne, family != .gemma {
      // The largest of each generation divides by the root of width/heads instead of the head's width.
      let isLargest = c.layers == (family == .gemma2 ? 46 : 62)
      c.queryScalar = isLargest ? Double(c.width) / Double(c.heads) : Double(c.headWidth)
    }
  }

  private func rounded(_ value: Double) -> Double { Double("\(Float(value))") ?? value }

  private func readTokens(_ c: inout DecoderConfiguration) {
    func id(_ key: String) -> Int? { file.metadata["tokenizer.ggml.\(key)"]?.int }
    c.beginningOfText = id("bos_token_id")
    c.endOfText = id("eos_token_id")
    if let turn = id("eot_token_id"), turn != c.endOfText { c.otherEnds = [turn] }
  }

  /// The divisors of rotary frequencies.
  static let frequencies = "rope_freqs.weight"
  /// Of short sequences and of long ones.
  static let divisors = ["rope_factors_short.weight", "rope_factors_long.weight"]
}
