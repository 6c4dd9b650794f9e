public import Documents

/// The shape of a Whisper model.
public struct WhisperConfiguration: Sendable, Equatable {
  /// Mel bands that the encoder reads.
  public var melBands = 80
  /// Features of the stream.
  public var width = 512
  /// Heads of each attention.
  public var heads = 8
  /// Heads of the decoder's attentions.
  public var decoderHeads = 8
  /// The encoder's layers.
  public var encoderLayers = 6
  /// The decoder's layers.
  public var decoderLayers = 6
  /// The width inside the encoder's feed-forward parts.
  public var encoderFeedForwardWidth = 2048
  /// The width inside the decoder's feed-forward parts.
  public var feedForwardWidth = 2048
  /// Positions of the encoder: half the frames of a window.
  public var sourcePositions = 1500
  /// Positions of the decoder.
  public var targetPositions = 448
  /// Tokens.
  public var vocabularySize = 51_865

  /// The shape of Whisper base.
  public init() {}

  /// Reads `config.json` of `transformers`.
  ///
  /// - Throws: ``WhisperError`` for a key that is missing or can't be.
  init(huggingFace json: JSONValue, path: String) throws {
    let kind = json["model_type"]?.string
    guard kind == "whisper" else {
      throw WhisperError(
        path: path, message: "this is the configuration of \(kind ?? "something else"), not of whisper")
    }
    func number(_ key: String) throws -> Int {
      guard let value = json[key]?.int, value > 0, value < 1 << 24 else {
        throw WhisperError(path: path, message: "\(key) must be a whole number above 0")
      }
      return value
    }
    let activation = json["activation_function"]?.string ?? "gelu"
    guard activation == "gelu" else {
      throw WhisperError(path: path, message: "activation_function is \(activation); only gelu is known")
    }
    melBands = try number("num_mel_bins")
    width = try number("d_model")
    heads = try number("encoder_attention_heads")
    decoderHeads = try number("decoder_attention_heads")
    encoderLayers = try number("encoder_layers")
    decoderLayers = try number("decoder_layers")
    encoderFeedForwardWidth = try number("encoder_ffn_dim")
    feedForwardWidth = try number("decoder_ffn_dim")
    sourcePositions = try number("max_source_positions")
    targetPositions = try number("max_target_positions")
    vocabularySize = try number("vocab_size")
    guard width % heads == 0, width % decoderHeads == 0 else {
      throw WhisperError(path: path, message: "d_model \(width) doesn't fall into \(heads) and \(decoderHeads) heads")
    }
  }
}

/// A Whisper model's file that can't be used, and why.
public struct WhisperError: UserFacingError {
  /// The folder or file.
  public var path: String
  /// The message: what is wrong and what to do.
  public var message: String
  /// Both.
  public var description: String { path.isEmpty ? message : "\(path): \(message)" }
}
