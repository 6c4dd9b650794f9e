import Documents
import Tokenization

/// Reads a JSON object key by key, insists on the types, and knows which keys nobody asked for.
final class ConfigurationReader {
  private let json: JSONObject
  private let place: String
  private var read: Set<String> = []

  /// Keys that change no number of a forward pass.
  private static let bookkeeping: Set<String> = [
    "model_type", "architectures", "transformers_version", "torch_dtype", "dtype", "use_cache",
    "auto_map", "transformers.js_config", "cache_implementation", "pad_token_id", "sep_token_id",
    "decoder_start_token_id", "tokenizer_class", "finetuning_task", "problem_type",
    "classifier_dropout", "summary_activation", "summary_first_dropout", "summary_proj_to_labels",
    "summary_type", "summary_use_proj", "task_specific_params", "_name_or_path",
    "gradient_checkpointing", "return_dict", "output_attentions", "output_hidden_states",
    "id2label", "label2id", "is_encoder_decoder", "is_decoder", "cross_attention_hidden_size",
    "unsloth_version", "unsloth_fixed", "attn_implementation", "_attn_implementation_autoset",
    "chunk_size_feed_forward", "torchscript", "use_bfloat16", "tf_legacy_loss", "prefix",
    // How to draw text, which older files keep here.
    "do_sample", "temperature", "top_k", "top_p", "typical_p", "max_length", "min_length",
    "num_beams", "num_beam_groups", "diversity_penalty", "length_penalty", "repetition_penalty",
    "no_repeat_ngram_size", "encoder_no_repeat_ngram_size", "early_stopping",
    "num_return_sequences", "bad_words_ids", "suppress_tokens", "begin_suppress_tokens",
    "forced_bos_token_id", "forced_eos_token_id", "exponential_decay_length_penalty",
    "remove_invalid_values", "output_scores", "return_dict_in_generate",
  ]

  /// - Parameter place: what errors call the object, such as `config.json`.
  init(_ json: JSONObject, place: String = "config.json") {
    self.json = json
    self.place = place
  }

  /// The value, nil where it is absent or null.
  func value(_ key: String) -> JSONValue? {
    read.insert(key)
    guard let value = json[key], !value.isNull else { return nil }
    return value
  }

  /// Takes note of a key that changes nothing here.
  func pass(_ key: String) { read.insert(key) }

  /// Whether the key is there, even as null.
  func has(_ key: String) -> Bool { json[key] != nil }

  func optionalInt(_ key: String) throws -> Int? {
    try value(key).map { try need($0.int, key, "a whole number", $0) }
  }
  func optionalDouble(_ key: String) throws -> Double? {
    try value(key).map { try need($0.double, key, "a number", $0) }
  }
  func optionalBool(_ key: String) throws -> Bool? {
    try value(key).map { try need($0.bool, key, "true or false", $0) }
  }
  func optionalString(_ key: String) throws -> String? {
    try value(key).map { try need($0.string, key, "a string", $0) }
  }
  func optionalObject(_ key: String) throws -> JSONObject? {
    try value(key).map { try need($0.object, key, "an object", $0) }
  }
  func optionalStrings(_ key: String) throws -> [String]? {
    try value(key).map { value in
      let list = value.array?.compactMap(\.string)
      return try need(list?.count == value.array?.count ? list : nil, key, "a list of strings", value)
    }
  }
  /// One number or a list of them.
  func optionalInts(_ key: String) throws -> [Int]? {
    try value(key).map { value in
      if let one = value.int { return [one] }
      let list = value.array?.compactMap(\.int)
      return try need(
        list?.count == value.array?.count ? list : nil, key, "a whole number or a list of them", value)
    }
  }

  func int(_ key: String) throws -> Int {
    guard let value = try optionalInt(key) else {
      throw ConfigurationError("\(place) has no number '\(key)'")
    }
    return value
  }

  /// Refuses every value but one, which is also what an absent key means.
  func require(_ key: String, _ only: JSONValue) throws {
    if let value = value(key), value != only {
      throw ConfigurationError(
        "\(key) = \(value.serialized().prefix(80)) is not supported: it changes the model's numbers")
    }
  }

  func refuseUnread() throws {
    let unknown = json.keys.filter { !read.contains($0) && !Self.bookkeeping.contains($0) }
      .filter { json[$0]?.isNull == false }.sorted()
    if !unknown.isEmpty {
      throw ConfigurationError(
        "\(place) has settings that this decoder does not know and may not ignore: "
          + unknown.prefix(8).joined(separator: ", ") + (unknown.count > 8 ? ", …" : ""))
    }
  }

  private func need<T>(_ value: T?, _ key: String, _ kind: String, _ found: JSONValue) throws -> T {
    guard let value else {
      throw ConfigurationError(
        "\(place): '\(key)' must be \(kind), not \(found.serialized().prefix(80))")
    }
    return value
  }
}
