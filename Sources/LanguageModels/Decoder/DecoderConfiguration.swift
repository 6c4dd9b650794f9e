import Foundation
public import NeuralNetworks

/// The shape of one decoder-only transformer: the choices in which the model families differ.
///
/// GPT-2 is layer norm, learned positions, biases and GELU; Llama is RMS norm, rotary positions, grouped heads and SwiGLU.
/// `config.json` is read and written by ``init(huggingFace:)`` and ``huggingFace``.
public struct DecoderConfiguration: Sendable, Equatable, Codable {
  /// Which family's checkpoint layout and names are used on disk, by its `model_type`.
  public enum Family: String, Sendable, Codable, CaseIterable {
    case gpt2
    case gptNeo = "gpt_neo"
    case gptNeoX = "gpt_neox"
    case llama
    case mistral
    case qwen2
    case qwen3
    case gemma
    case gemma2
    case gemma3 = "gemma3_text"
    case phi3
    case olmo2
    case smollm3
    case granite
    case graniteMoE = "granitemoe"
    case mixtral
    case qwen2MoE = "qwen2_moe"
    case qwen3MoE = "qwen3_moe"
    case gptOSS = "gpt_oss"
    case deepseekV2 = "deepseek_v2"
    case deepseekV3 = "deepseek_v3"
  }
  /// The normalisation around the sublayers and at the end.
  public enum Norm: String, Sendable, Codable {
    case layerNorm
    case rmsNorm
    /// RMS norm that multiplies by 1 + w (Gemma).
    case rmsNormAroundOne
  }
  /// The way in which positions enter.
  public enum Positions: Sendable, Equatable, Codable {
    /// A learned vector per position, added to the token's.
    case learned
    /// Queries and keys turned by position with this base (RoFormer; Llama's layout).
    case rotary(base: Double)
  }
  /// The arrangement of a layer's two parts and their norms around the residual stream x.
  public enum Residual: String, Sendable, Codable {
    /// x + attention(norm(x)), then x + feedForward(norm(x)).
    case preNorm
    /// x + attention(norm(x)) + feedForward(norm′(x)) (GPT-NeoX).
    case parallel
    /// x + norm(attention(x)), then x + norm(feedForward(x)) (OLMo 2).
    case postNorm
    /// x + norm′(attention(norm(x))), then x + norm′(feedForward(norm(x))) (Gemma 2 and 3).
    case sandwich
  }
  /// RMS norms on queries and keys before they are turned.
  public enum QueryKeyNorm: String, Sendable, Codable {
    case none
    /// One weight of a head's width, for every head alike (Qwen3, Gemma 3).
    case perHead
    /// Over all heads together (OLMo 2).
    case wholeProjection
  }
  /// The reach of a layer's attention, by the names in `layer_types`.
  public enum AttentionType: String, Sendable, Codable {
    case full = "full_attention"
    case sliding = "sliding_attention"
  }

  /// The probabilities of dropout while training, under GPT-2's names.
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
  /// Hugging Face's name of the activation, such as `gelu_new` or `silu`.
  public var activation: String
  /// Whether the feed-forward part is gated (SwiGLU, Shazeer 2020).
  public var isGated: Bool
  /// The way in which positions enter.
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
  /// Further tokens that end a text, such as the end of a turn.
  public var otherEnds: [Int] = []
  /// Begins a text, if the family uses one.
  public var beginningOfText: Int?
  /// Standard deviation of initial weights.
  public var initializerRange: Double = 0.02
  /// The probabilities of dropout while training.
  public var dropout = Dropout()
  /// The stretching of rotary positions beyond the lengths of training.
  public var rotaryScaling = RotaryScaling()
  /// The part of each head that is turned, from its first feature on (GPT-NeoX, Phi).
  public var rotaryFraction = 1.0
  /// The rotary base of sliding layers where it is another (Gemma 3); they are not stretched then.
  public var slidingRotaryBase: Double?
  /// The arrangement of a layer's parts around the residual stream.
  public var residual = Residual.preNorm
  /// Norms on queries and keys.
  public var queryKeyNorm = QueryKeyNorm.none
  /// Whether the fused projection's rows go head by head, each with its query, key and value (GPT-NeoX).
  public var interleavesHeads = false
  /// Scores are q·k over the root of this; nil means the head's width (Gemma's `query_pre_attn_scalar`).
  public var queryScalar: Double?
  /// Bends attention scores s to c·tanh(s/c) (Gemma 2).
  public var attentionSoftCap: Double?
  /// Bends logits z to c·tanh(z/c) (Gemma 2).
  public var logitSoftCap: Double?
  /// Whether token embeddings are multiplied by √width (Gemma).
  public var scalesEmbeddings = false
  /// Multiplies token embeddings (Granite).
  public var embeddingMultiplier = 1.0
  /// Multiplies what a part adds to the residual stream (Granite).
  public var residualMultiplier = 1.0
  /// Divides logits (Granite).
  public var logitDivisor = 1.0
  /// Multiplies q·k, in the place of 1/√``queryScalar`` (Granite's `attention_multiplier`; DeepSeek's factor beside YaRN).
  public var attentionMultiplier: Double?
  /// The layers whose queries and keys aren't turned by position (SmolLM3's `no_rope_layers`).
  public var noRopeLayers: Set<Int> = []
  /// Whether each head has a score of its own that takes part in the softmax and has no value (gpt-oss).
  public var hasAttentionSinks = false
  /// Several feed-forward parts, of which each token takes some; nil for one.
  public var experts: Experts?
  /// Keys and values by way of a short vector; nil for the usual ones.
  public var latentAttention: LatentAttention?
  /// α and limit c of the gate x·σ(αx)·(y + 1), with x ≤ c and |y| ≤ c (gpt-oss); nil for the activation times y.
  public var clampedGate: ClampedGate?
  /// The number of tokens that a sliding layer sees, the newest included.
  public var slidingWindow: Int?
  /// The reach of each layer's attention; empty means that all see everything.
  public var layerTypes: [AttentionType] = []

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
    func total(_ list: [(name: String, shape: [Int])]) -> Int {
      list.reduce(0) { $0 + $1.shape.reduce(1, *) }
    }
    guard experts == nil else { return total(CheckpointLayout.own(self)) }
    let own = CheckpointLayout.own(self, layers: 1)
    let layer = own.filter { $0.name.hasPrefix("layers.") }
    return total(own) + (layers - 1) * total(layer)
  }

  /// Parameters that one token's pass reads: all but those of the experts that it doesn't choose.
  public var activeParameterCount: Int {
    guard let experts else { return parameterCount }
    let each = width * experts.width * (isGated ? 3 : 2)
    let sparse = (0..<layers).filter { self.experts(ofLayer: $0) != nil }.count
    return parameterCount - sparse * (experts.count - experts.perToken) * each
  }

  /// Floating-point operations of one training step per token: 6 per parameter in a matrix product (Kaplan 2020,
  /// section 2.1) plus 12·heads·headWidth per layer and visible token, of which there are length/2 on average.
  public func trainingFLOPs(perTokenAt length: Int) -> Double {
    let lookups =
      (tiesEmbeddings ? 0 : vocabularySize * width) + (positions == .learned ? contextLength * width : 0)
    let visible = (0..<layers).reduce(0.0) { sum, layer in
      let seen = Double(min(length, window(ofLayer: layer) ?? length))
      return sum + seen - seen * seen / (2 * Double(length))
    }
    return 6 * Double(activeParameterCount - lookups) + 12 * Double(heads * headWidth) * visible
  }

  /// Whether a token ends a text.
  public func isEnd(_ id: Int) -> Bool { id == endOfText || otherEnds.contains(id) }

  /// The number of tokens that a layer sees, the newest included; nil means all.
  public func window(ofLayer layer: Int) -> Int? { isSliding(layer) ? slidingWindow : nil }

  func isSliding(_ layer: Int) -> Bool { layer < layerTypes.count && layerTypes[layer] == .sliding }

  /// The features of a head that are turned by position.
  var rotaryWidth: Int { latentAttention?.turnedWidth ?? Int(Double(headWidth) * rotaryFraction) }

  /// The heads and the features of each that a cache holds for a token, of keys and of values.
  var cached: (heads: Int, width: Int) {
    latentAttention.map { (1, $0.rank + $0.turnedWidth) } ?? (keyValueHeads, headWidth)
  }

  /// The settings by which a layer turns q·k into weights.
  func scoring(ofLayer layer: Int) -> AttentionScoring {
    AttentionScoring(
      scale: attentionMultiplier ?? 1 / (queryScalar ?? Double(headWidth)).squareRoot(), window: window(ofLayer: layer),
      softCap: attentionSoftCap)
  }
}

/// The settings by which one layer's attention turns q·k into weights.
struct AttentionScoring {
  /// Multiplies q·k.
  var scale: Double
  /// The number of tokens that are seen, the newest included; nil means all.
  var window: Int?
  /// c of c·tanh(score/c); nil means none.
  var softCap: Double?
}
