import Documents
public import Foundation
import NeuralNetworks

/// The shape of a transformer that reads in both directions: BERT (Devlin 2019) and what is made alike.
public struct EncoderConfiguration: Sendable, Equatable {
  /// Which family's names and keys are used on disk, by its `model_type`.
  public enum Family: String, Sendable, CaseIterable {
    case bert
    case roberta
    case xlmRoberta = "xlm-roberta"
    case camembert
    case distilbert
    /// Adds a learnt number for each distance to attention's scores (Song 2020).
    case mpnet
  }

  /// The checkpoint family.
  public var family: Family
  /// Number of tokens.
  public var vocabularySize = 1
  /// Features per token.
  public var width = 1
  /// Number of layers.
  public var layers = 1
  /// Number of heads; divides ``width``.
  public var heads = 1
  /// Features inside the feed-forward part.
  public var feedForwardWidth = 1
  /// Rows of the table of positions.
  public var positions = 512
  /// The row of a text's first token: RoBERTa counts on from its padding.
  public var firstPosition = 0
  /// Kinds of segments, of which a text by itself has the first; 0 for none.
  public var segments = 0
  /// ε of the norms.
  public var normEpsilon = 1e-12
  /// Hugging Face's name of the activation.
  public var activation = "gelu"
  /// Rows of the table of distances; 0 where there is none.
  public var distances = 0

  /// The longest text in tokens.
  public var contextLength: Int { positions - firstPosition }

  init(family: Family) { self.family = family }

  /// Reads a `config.json`; nil if it is another kind of model's.
  ///
  /// - Throws: ``ConfigurationError`` that names the setting.
  public init?(huggingFace data: Data) throws {
    let document: JSONValue
    do { document = try JSONValue(parsing: [UInt8](data)) } catch {
      throw ConfigurationError("config.json is not JSON: \(error)")
    }
    guard let json = document.object, let family = json["model_type"]?.string.flatMap(Family.init) else { return nil }
    self.init(family: family)
    let reader = ConfigurationReader(json)
    let isDistil = family == .distilbert
    vocabularySize = try reader.int("vocab_size")
    width = try reader.int(isDistil ? "dim" : "hidden_size")
    layers = try reader.int(isDistil ? "n_layers" : "num_hidden_layers")
    heads = try reader.int(isDistil ? "n_heads" : "num_attention_heads")
    feedForwardWidth = try reader.int(isDistil ? "hidden_dim" : "intermediate_size")
    positions = try reader.int("max_position_embeddings")
    normEpsilon = try reader.optionalDouble("layer_norm_eps") ?? normEpsilon
    activation = try reader.optionalString(isDistil ? "activation" : "hidden_act") ?? activation
    let kinds = try reader.optionalInt("type_vocab_size")
    segments = isDistil || family == .mpnet ? 0 : kinds ?? 2
    let padding = try reader.optionalInt("pad_token_id") ?? 1
    if ![.bert, .distilbert].contains(family) { firstPosition = padding + 1 }
    distances = family == .mpnet ? try reader.optionalInt("relative_attention_num_buckets") ?? 32 : 0
    try reader.require("position_embedding_type", "absolute")
    for key in ["is_decoder", "add_cross_attention"] { try reader.require(key, false) }
    // Dropout, how training began, heads on top, and where sines once filled a table that is in the file.
    for key in [
      "hidden_dropout_prob", "attention_probs_dropout_prob", "dropout", "attention_dropout", "qa_dropout",
      "seq_classif_dropout", "initializer_range", "sinusoidal_pos_embds", "tie_weights_", "tie_word_embeddings",
      "bos_token_id", "eos_token_id", "mask_token_id", "directionality", "pooler_fc_size", "pooler_num_attention_heads",
      "pooler_num_fc_layers", "pooler_size_per_head", "pooler_type", "output_past", "layer_norm_eps", "max_seq_length",
      "matryoshka_dimensions",
    ] { reader.pass(key) }
    try reader.refuseUnread()
    try validate()
  }

  /// Refuses sizes that no model can have.
  func validate() throws {
    for (name, value) in [
      ("vocab_size", vocabularySize), ("hidden_size", width), ("num_hidden_layers", layers),
      ("num_attention_heads", heads), ("intermediate_size", feedForwardWidth),
      ("max_position_embeddings", contextLength),
    ] {
      guard value > 0, value < 1 << 31 else { throw ConfigurationError("\(name) is \(value); it must be positive") }
    }
    guard width % heads == 0 else {
      throw ConfigurationError("hidden_size (\(width)) must be a multiple of num_attention_heads (\(heads))")
    }
    guard (0..<1 << 16).contains(segments), (0..<1 << 16).contains(distances), firstPosition >= 0 else {
      throw ConfigurationError("type_vocab_size, relative_attention_num_buckets or pad_token_id can't be that large")
    }
    guard Activation(rawValue: activation) != nil else {
      throw ConfigurationError("activation '\(activation.prefix(40))' is not known")
    }
  }
}
