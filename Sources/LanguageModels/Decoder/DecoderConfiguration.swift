import Foundation
public import NeuralNetworks

/// What one decoder-only transformer looks like: the choices in which the model families differ.
///
/// GPT-2 is layer norm, learned positions, biases and GELU; Llama is RMS norm, rotary positions, grouped heads and SwiGLU.
/// `config.json` is read and written by ``init(huggingFace:)`` and ``huggingFace``.
public struct DecoderConfiguration: Sendable, Equatable, Codable {
  /// Which family's checkpoint layout and names are used on disk.
  public enum Family: String, Sendable, Codable, CaseIterable {
    case gpt2
    case llama
  }
  /// The normalisation before each sublayer and at the end.
  public enum Norm: String, Sendable, Codable {
    case layerNorm
    case rmsNorm
  }
  /// How positions enter.
  public enum Positions: Sendable, Equatable, Codable {
    /// A learned vector per position, added to the token's.
    case learned
    /// Queries and keys turned by position with this base (RoFormer; Llama's layout).
    case rotary(base: Double)
  }

  /// What is dropped while training: probabilities under GPT-2's names.
  public struct Dropout: Sendable, Equatable, Codable {
    /// Of the embeddings' features (`embd_pdrop`).
    public var embedding = 0.0
    /// Of what a sublayer adds to the residual stream (`resid_pdrop`).
    public var residual = 0.0
    /// Of attention weights (`attn_pdrop`, `attention_dropout`); costs the fused kernel.
    public var attention = 0.0
    /// Nothing is dropped.
    public init() {}
    var isOff: Bool { embedding == 0 && residual == 0 && attention == 0 }
  }

  /// The checkpoint family.
  public var family: Family
  /// Number of tokens.
  public var vocabularySize: Int
  /// Features per token (`n_embd`, `hidden_size`).
  public var width: Int
  /// Number of layers.
  public var layers: Int
  /// Number of query heads.
  public var heads: Int
  /// Number of key and value heads; divides `heads`.
  public var keyValueHeads: Int
  /// Features per head.
  public var headWidth: Int
  /// Features inside the feed-forward part.
  public var feedForwardWidth: Int
  /// The longest sequence in tokens.
  public var contextLength: Int
  /// Which norm.
  public var norm: Norm
  /// ε of the norms.
  public var normEpsilon: Double
  /// Hugging Face's name of the activation: `gelu_new`, `silu`, …
  public var activation: String
  /// Whether the feed-forward part is gated (SwiGLU, Shazeer 2020).
  public var isGated: Bool
  /// How positions enter.
  public var positions: Positions
  /// Biases on query, key and value projections.
  public var attentionBias: Bool
  /// Bias on the attention's output projection.
  public var outputBias: Bool
  /// Biases in the feed-forward part.
  public var feedForwardBias: Bool
  /// Whether the output embedding is the input embedding.
  public var tiesEmbeddings: Bool
  /// Ends a text; nil if the tokenizer has none.
  public var endOfText: Int?
  /// Begins a text, if the family uses one.
  public var beginningOfText: Int?
  /// Standard deviation of initial weights.
  public var initializerRange: Double = 0.02
  /// What is dropped while training.
  public var dropout = Dropout()
  /// How rotary positions are stretched beyond the lengths of training.
  public var rotaryScaling = RotaryScaling()

  /// A GPT-2 of any size (Radford 2019): layer norm, learned positions, biases, tanh-GELU, tied embeddings.
  public static func gpt2(
    vocabularySize: Int, width: Int, layers: Int, heads: Int, contextLength: Int, endOfText: Int? = nil
  ) -> DecoderConfiguration {
    DecoderConfiguration(
      family: .gpt2, vocabularySize: vocabularySize, width: width, layers: layers, heads: heads,
      keyValueHeads: heads, headWidth: width / heads, feedForwardWidth: 4 * width,
      contextLength: contextLength, norm: .layerNorm, normEpsilon: 1e-5, activation: "gelu_new",
      isGated: false, positions: .learned, attentionBias: true, outputBias: true,
      feedForwardBias: true, tiesEmbeddings: true, endOfText: endOfText, beginningOfText: endOfText)
  }

  /// A Llama of any size (Touvron 2023): RMS norm, rotary positions, SwiGLU, no biases.
  public static func llama(
    vocabularySize: Int, width: Int, layers: Int, heads: Int, keyValueHeads: Int? = nil,
    feedForwardWidth: Int, contextLength: Int, rotaryBase: Double = 10_000,
    tiesEmbeddings: Bool = false, endOfText: Int? = nil
  ) -> DecoderConfiguration {
    DecoderConfiguration(
      family: .llama, vocabularySize: vocabularySize, width: width, layers: layers, heads: heads,
      keyValueHeads: keyValueHeads ?? heads, headWidth: width / heads,
      feedForwardWidth: feedForwardWidth, contextLength: contextLength, norm: .rmsNorm,
      normEpsilon: 1e-5, activation: "silu", isGated: true, positions: .rotary(base: rotaryBase),
      attentionBias: false, outputBias: false, feedForwardBias: false,
      tiesEmbeddings: tiesEmbeddings, endOfText: endOfText, beginningOfText: nil)
  }

  /// Parameters in all, the embedding included once if tied.
  public var parameterCount: Int {
    let attention =
      width * headWidth * (heads + 2 * keyValueHeads)
      + (attentionBias ? headWidth * (heads + 2 * keyValueHeads) : 0)
      + heads * headWidth * width + (outputBias ? width : 0)
    let feedForward =
      width * feedForwardWidth * (isGated ? 3 : 2)
      + (feedForwardBias ? feedForwardWidth * (isGated ? 2 : 1) + width : 0)
    let norms = (norm == .layerNorm ? 2 : 1) * width
    let embeddings =
      vocabularySize * width * (tiesEmbeddings ? 1 : 2)
      + (positions == .learned ? contextLength * width : 0)
    return layers * (attention + feedForward + 2 * norms) + norms + embeddings
  }

  /// Floating-point operations of one training step per token: 6 per parameter in a matrix product (Kaplan 2020,
  /// section 2.1) plus attention's 12·layers·width·length/2 for causal attention over `length` tokens.
  public func trainingFLOPs(perTokenAt length: Int) -> Double {
    let lookups =
      (tiesEmbeddings ? 0 : vocabularySize * width) + (positions == .learned ? contextLength * width : 0)
    return 6 * Double(parameterCount - lookups)
      + 6 * Double(layers * heads * headWidth) * Double(length)
  }

  /// Refuses sizes that no model can have.
  ///
  /// - Throws: ``ConfigurationError`` that names the setting.
  public func validate() throws {
    func require(_ ok: Bool, _ text: @autoclosure () -> String) throws {
      if !ok { throw ConfigurationError(text()) }
    }
    for (name, value) in [
      ("vocab_size", vocabularySize), ("hidden_size", width), ("num_hidden_layers", layers),
      ("num_attention_heads", heads), ("num_key_value_heads", keyValueHeads), ("head_dim", headWidth),
      ("intermediate_size", feedForwardWidth), ("max_position_embeddings", contextLength),
    ] {
      try require(value > 0 && value < 1 << 31, "\(name) is \(value); it must be positive")
    }
    try require(
      heads % keyValueHeads == 0,
      "num_attention_heads (\(heads)) must be a multiple of num_key_value_heads (\(keyValueHeads))")
    for (name, value) in [
      ("embd_pdrop", dropout.embedding), ("resid_pdrop", dropout.residual), ("attn_pdrop", dropout.attention),
    ] {
      try require((0..<1).contains(value), "\(name) is \(value); it must be from 0 to below 1")
    }
    if case .rotary = positions {
      try require(headWidth % 2 == 0, "head_dim (\(headWidth)) must be even for rotary positions")
      // These two change a sequence's frequencies while it grows, and with them the keys that are cached.
      try require(
        ![.dynamic, .longrope].contains(rotaryScaling.kind),
        "rope_parameters of rope_type '\(rotaryScaling.kind.rawValue)' are not supported")
      do { try rotaryScaling.validate(width: headWidth) } catch { throw ConfigurationError("rope_parameters: \(error)") }
    }
    try require(
      Activation(rawValue: activation) != nil,
      "activation '\(activation)' is not known; known are "
        + Activation.allCases.map(\.rawValue).joined(separator: ", "))
  }
}

/// A model configuration that can't be used, and why.
public struct ConfigurationError: Error, CustomStringConvertible, Sendable {
  /// What is wrong and where.
  public var description: String
  /// An error with this text.
  public init(_ description: String) { self.description = description }
}
