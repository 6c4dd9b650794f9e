import Documents
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

  /// The architectures, by `general.architecture`; Mistral's and SmolLM's files say llama.
  static let families: [String: DecoderConfiguration.Family] = [
    "llama": .llama, "qwen2": .qwen2, "qwen3": .qwen3, "gemma2": .gemma2, "gemma3": .gemma3,
    "phi3": .phi3, "gpt2": .gpt2, "olmo2": .olmo2,
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
    (self.name, self.family) = (name, family)
  }

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
    try reader.require("attention.value_length", .int(c.headWidth))
    let epsilon = c.norm == .layerNorm ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon"
    guard let given = try reader.optionalDouble(epsilon) else {
      throw ConfigurationError("\(name).\(epsilon) is missing")
    }
    // Stored in single precision.
    c.normEpsilon = Double("\(Float(given))") ?? given
    if c.norm == .rmsNormAroundOne { c.activation = "gelu_pytorch_tanh" }
    c.tiesEmbeddings = file.shape(of: "output.weight") == nil
    if family == .llama { c.attentionBias = file.shape(of: "blk.0.attn_q.bias") != nil }
    try readPositions(reader, &c)
    try readAttention(reader, &c)
    readTokens(&c)
    for key in ["vocab_size", "parallel_residual"] { reader.pass(key) }
    try reader.refuseUnread()
    try c.validate()
    return c
  }

  private func readPositions(_ reader: ConfigurationReader, _ c: inout DecoderConfiguration) throws {
    guard case .rotary = c.positions else { return }
    let base = try reader.optionalDouble("rope.freq_base") ?? 10_000
    c.positions = .rotary(base: base)
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
    reader.pass("rope.scaling.finetuned")
    switch kind {
    case "none": break
    case "linear": c.rotaryScaling = RotaryScaling(.linear, factor: factor)
    case "yarn":
      c.rotaryScaling = RotaryScaling(.yarn, factor: factor)
      c.rotaryScaling.originalLength = original
    default: throw ConfigurationError("\(name).rope.scaling.type '\(kind.prefix(40))' is not supported")
    }
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

  private func readAttention(_ reader: ConfigurationReader, _ c: inout DecoderConfiguration) throws {
    let window = try reader.optionalInt("attention.sliding_window")
    let period: Int
    switch family {
    case .phi3: period = 0
    case .gemma2: period = try reader.optionalInt("attention.sliding_window_pattern") ?? 2
    case .gemma3: period = try reader.optionalInt("attention.sliding_window_pattern") ?? 6
    default:
      // No other architecture slides in llama.cpp, whatever its file says.
      period = 1
    }
    if let window, window > 0, period != 1, c.layers > 0, c.layers <= file.names.count {
      c.slidingWindow = window
      c.layerTypes = (0..<c.layers).map { period > 0 && ($0 + 1) % period == 0 ? .full : .sliding }
    }
    c.attentionSoftCap = try reader.optionalDouble("attn_logit_softcapping").map(rounded)
    c.logitSoftCap = try reader.optionalDouble("final_logit_softcapping").map(rounded)
    if c.norm == .rmsNormAroundOne {
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
      "mlp.down_proj": ["ffn_down"],
    ]
    if normsOutputs {
      parts["attention_output_layernorm"] = ["post_attention_norm"]
      parts["feed_forward_output_layernorm"] = ["post_ffw_norm"]
    }
    var layout = CheckpointLayout(
      c,
      names: TensorNames(
        prefix: "", tokenEmbedding: "token_embd", positionEmbedding: "position_embd",
        layer: "blk.#.", parts: parts, norm: "output_norm", head: "output",
        ignoredSuffixes: [Self.frequencies]))
    for i in layout.entries.indices {
      for j in layout.entries[i].parts.indices {
        let name = layout.entries[i].parts[j].name
        if family == .llama, name.contains(".attn_q.") {
          layout.entries[i].parts[j].storage = .pairs(heads: c.heads)
        } else if family == .llama, name.contains(".attn_k.") {
          layout.entries[i].parts[j].storage = .pairs(heads: c.keyValueHeads)
        } else if c.norm == .rmsNormAroundOne, name.hasSuffix("norm.weight") {
          layout.entries[i].parts[j].storage = .aroundZero
        }
      }
    }
    return layout
  }
}
