public import Foundation
import NeuralNetworks

extension DecoderConfiguration {
  /// Reads a `config.json`.
  ///
  /// Settings that would change the numbers and that this decoder doesn't have are refused by name; bookkeeping keys
  /// (`transformers_version`, task settings) are passed over.
  /// - Throws: ``ConfigurationError``.
  public init(huggingFace data: Data) throws {
    let object: Any
    do { object = try JSONSerialization.jsonObject(with: data) } catch {
      throw ConfigurationError("config.json is not JSON: \(error.localizedDescription)")
    }
    guard let json = object as? [String: Any] else {
      throw ConfigurationError("config.json must hold an object")
    }
    guard let type = json["model_type"] as? String else {
      throw ConfigurationError("config.json has no model_type")
    }
    guard let family = Family(rawValue: type) else {
      throw ConfigurationError(
        "model_type '\(type)' is not supported; supported are "
          + Family.allCases.map(\.rawValue).joined(separator: ", "))
    }
    let reader = ConfigurationReader(json)
    switch family {
    case .gpt2: self = try Self.readGPT2(reader)
    case .llama: self = try Self.readLlama(reader)
    }
    try reader.refuseUnread()
    try validate()
  }

  private static func readGPT2(_ json: ConfigurationReader) throws -> DecoderConfiguration {
    let width = try json.int("n_embd")
    let heads = try json.int("n_head")
    guard heads > 0, width % heads == 0 else {
      throw ConfigurationError("n_embd (\(width)) must be a multiple of n_head (\(heads))")
    }
    try json.require("scale_attn_weights", true)
    try json.require("scale_attn_by_inverse_layer_idx", false)
    try json.require("add_cross_attention", false)
    // Same numbers in another order of evaluation.
    json.pass("reorder_and_upcast_attn")
    var c = DecoderConfiguration.gpt2(
      vocabularySize: try json.int("vocab_size"), width: width, layers: try json.int("n_layer"),
      heads: heads, contextLength: try json.int("n_positions", json.optionalInt("n_ctx")),
      endOfText: json.optionalInt("eos_token_id"))
    json.pass("n_ctx")
    c.feedForwardWidth = json.optionalInt("n_inner") ?? 4 * width
    c.normEpsilon = json.optionalDouble("layer_norm_epsilon") ?? 1e-5
    c.activation = json.optionalString("activation_function") ?? "gelu_new"
    c.tiesEmbeddings = json.optionalBool("tie_word_embeddings") ?? true
    c.beginningOfText = json.optionalInt("bos_token_id")
    c.initializerRange = json.optionalDouble("initializer_range") ?? 0.02
    // What transformers takes where a file does not say.
    c.dropout.embedding = json.optionalDouble("embd_pdrop") ?? 0.1
    c.dropout.residual = json.optionalDouble("resid_pdrop") ?? 0.1
    c.dropout.attention = json.optionalDouble("attn_pdrop") ?? 0.1
    return c
  }

  private static func readLlama(_ json: ConfigurationReader) throws -> DecoderConfiguration {
    let width = try json.int("hidden_size")
    let heads = try json.int("num_attention_heads")
    try json.require("pretraining_tp", 1)
    var base = json.optionalDouble("rope_theta") ?? 10_000
    var scaling = RotaryScaling()
    for key in ["rope_scaling", "rope_parameters"] {
      guard let rope = json.optionalObject(key) else { continue }
      var settings = rope
      settings["rope_type"] = rope["rope_type"] ?? rope["type"] ?? "default"
      do {
        scaling = try JSONDecoder().decode(
          RotaryScaling.self, from: JSONSerialization.data(withJSONObject: settings))
      } catch { throw ConfigurationError("\(key) can't be used: \(error)") }
      if let part = rope["partial_rotary_factor"] as? NSNumber, part.doubleValue != 1 {
        throw ConfigurationError("\(key) turns only part of each head, which is not supported")
      }
      if let theta = rope["rope_theta"] as? NSNumber { base = theta.doubleValue }
    }
    var c = DecoderConfiguration.llama(
      vocabularySize: try json.int("vocab_size"), width: width,
      layers: try json.int("num_hidden_layers"), heads: heads,
      keyValueHeads: json.optionalInt("num_key_value_heads") ?? heads,
      feedForwardWidth: try json.int("intermediate_size"),
      contextLength: try json.int("max_position_embeddings"), rotaryBase: base,
      tiesEmbeddings: json.optionalBool("tie_word_embeddings") ?? false,
      endOfText: json.optionalInt("eos_token_id"))
    c.headWidth = json.optionalInt("head_dim") ?? (heads > 0 ? width / heads : 0)
    c.normEpsilon = json.optionalDouble("rms_norm_eps") ?? 1e-6
    c.activation = json.optionalString("hidden_act") ?? "silu"
    let bias = json.optionalBool("attention_bias") ?? false
    c.attentionBias = bias
    c.outputBias = bias
    c.feedForwardBias = json.optionalBool("mlp_bias") ?? false
    c.beginningOfText = json.optionalInt("bos_token_id")
    c.initializerRange = json.optionalDouble("initializer_range") ?? 0.02
    c.dropout.attention = json.optionalDouble("attention_dropout") ?? 0
    c.rotaryScaling = scaling
    return c
  }

  /// The `config.json` that `transformers` reads.
  public var huggingFace: [String: Any] {
    var json: [String: Any] = [
      "model_type": family.rawValue, "vocab_size": vocabularySize,
      "tie_word_embeddings": tiesEmbeddings, "initializer_range": initializerRange,
      "torch_dtype": "float32",
    ]
    json["eos_token_id"] = endOfText ?? NSNull()
    json["bos_token_id"] = beginningOfText ?? NSNull()
    switch family {
    case .gpt2:
      json.merge([
        "architectures": ["GPT2LMHeadModel"], "n_embd": width, "n_layer": layers, "n_head": heads,
        "n_positions": contextLength, "n_ctx": contextLength, "n_inner": feedForwardWidth,
        "layer_norm_epsilon": normEpsilon, "activation_function": activation,
        "attn_pdrop": dropout.attention, "embd_pdrop": dropout.embedding, "resid_pdrop": dropout.residual,
      ]) { $1 }
    case .llama:
      var base = 10_000.0
      if case .rotary(let theta) = positions { base = theta }
      let encoded = try? JSONSerialization.jsonObject(with: JSONEncoder().encode(rotaryScaling))
      var rope = encoded as? [String: Any] ?? ["rope_type": "default"]
      rope["rope_theta"] = base
      json.merge([
        "architectures": ["LlamaForCausalLM"], "hidden_size": width, "num_hidden_layers": layers,
        "num_attention_heads": heads, "num_key_value_heads": keyValueHeads, "head_dim": headWidth,
        "intermediate_size": feedForwardWidth, "max_position_embeddings": contextLength,
        "rms_norm_eps": normEpsilon, "hidden_act": activation, "rope_theta": base,
        "rope_parameters": rope,
        "attention_bias": attentionBias, "mlp_bias": feedForwardBias,
        "attention_dropout": dropout.attention,
      ]) { $1 }
    }
    return json
  }
}

/// Reads a JSON object key by key and knows which keys nobody asked for.
final class ConfigurationReader {
  private let json: [String: Any]
  private var read: Set<String>

  /// Keys that change no number of a forward pass.
  private static let bookkeeping: Set<String> = [
    "model_type", "architectures", "transformers_version", "torch_dtype", "dtype", "use_cache",
    "attn_pdrop", "embd_pdrop", "resid_pdrop", "attention_dropout", "pad_token_id",
    "summary_activation", "summary_first_dropout", "summary_proj_to_labels", "summary_type",
    "summary_use_proj", "task_specific_params", "_name_or_path", "gradient_checkpointing",
    "return_dict", "output_attentions", "output_hidden_states", "id2label", "label2id",
    "is_encoder_decoder", "is_decoder", "cross_attention_hidden_size", "unsloth_version",
    "attn_implementation", "_attn_implementation_autoset", "chunk_size_feed_forward",
  ]

  init(_ json: [String: Any]) {
    self.json = json
    read = []
  }

  private func value(_ key: String) -> Any? {
    read.insert(key)
    guard let value = json[key], !(value is NSNull) else { return nil }
    return value
  }
  func pass(_ key: String) { read.insert(key) }
  func optionalInt(_ key: String) -> Int? {
    if let list = value(key) as? [NSNumber] { return list.first?.intValue }
    return (value(key) as? NSNumber)?.intValue
  }
  func optionalDouble(_ key: String) -> Double? { (value(key) as? NSNumber)?.doubleValue }
  func optionalBool(_ key: String) -> Bool? { (value(key) as? NSNumber)?.boolValue }
  func optionalString(_ key: String) -> String? { value(key) as? String }
  func optionalObject(_ key: String) -> [String: Any]? { value(key) as? [String: Any] }

  func int(_ key: String, _ fallback: @autoclosure () -> Int? = nil) throws -> Int {
    guard let value = optionalInt(key) ?? fallback() else {
      throw ConfigurationError("config.json has no number '\(key)'")
    }
    return value
  }

  func require(_ key: String, _ only: Bool) throws {
    if let value = optionalBool(key), value != only {
      throw ConfigurationError("\(key) = \(value) is not supported: it changes the model's numbers")
    }
  }

  func require(_ key: String, _ only: Int) throws {
    if let value = optionalInt(key), value != only {
      throw ConfigurationError("\(key) = \(value) is not supported: it changes the model's numbers")
    }
  }

  func refuseUnread() throws {
    let unknown = json.keys.filter { !read.contains($0) && !Self.bookkeeping.contains($0) }
      .filter { !(json[$0] is NSNull) }.sorted()
    if !unknown.isEmpty {
      throw ConfigurationError(
        "config.json has settings that this decoder does not know and may not ignore: "
          + unknown.joined(separator: ", "))
    }
  }
}
