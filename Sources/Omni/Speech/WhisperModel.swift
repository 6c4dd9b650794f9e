public import NeuralNetworks
public import Torch

/// An encoder of sound and a decoder of text that attends to it (Whisper, Radford 2022), with the names of `transformers`.
///
/// ```
/// let (model, tokenizer) = try WhisperModel.load(folder)
/// let seen = model.encoder(features)                       // [1, 80, 3000] → [1, 1500, width]
/// var state = model.decoder.state(attendingTo: seen)
/// let logits = model.decoder([[50258, 50259, 50359]], &state)   // [1, 3, vocabulary]
/// ```
/// Recordings to text is ``Transcriber``.
public final class WhisperModel: Module {
  /// The shape of the model.
  public let configuration: WhisperConfiguration
  /// Log-mel frames to vectors.
  @Child("model.encoder") public var encoder: WhisperEncoder
  /// Vectors and tokens to the next token's logits.
  @Child("model.decoder") public var decoder: WhisperDecoder

  /// A model of this shape with random weights, as a place for a file's.
  public init(_ configuration: WhisperConfiguration, generator: Generator = Generator(seed: 0)) {
    self.configuration = configuration
    super.init()
    encoder = WhisperEncoder(configuration, generator)
    decoder = WhisperDecoder(configuration, generator)
  }
}

/// Two convolutions and layers of attention over all frames.
public final class WhisperEncoder: Module {
  @Child("conv1") var first: Conv1d
  @Child("conv2") var second: Conv1d
  @Child("embed_positions") var positions: Embedding
  @Child("layers") var layers: [WhisperLayer]
  @Child("layer_norm") var norm: LayerNorm

  init(_ c: WhisperConfiguration, _ generator: Generator) {
    super.init()
    first = Conv1d(c.melBands, c.width, size: 3, padding: 1, generator: generator)
    second = Conv1d(c.width, c.width, size: 3, stride: 2, padding: 1, generator: generator)
    positions = Embedding(c.sourcePositions, c.width, standardDeviation: 0.02, generator: generator)
    layers = (0..<c.encoderLayers).map { _ in
      WhisperLayer(
        width: c.width, heads: c.heads, inner: c.encoderFeedForwardWidth, attendsToSound: false, generator: generator)
    }
    norm = LayerNorm(c.width)
  }

  /// Vectors `[batch, frames/2, width]` of features `[batch, bands, frames]`; at most twice as many frames as positions.
  public func callAsFunction(_ features: Tensor) -> Tensor {
    var x = second(first(features).gelu()).gelu().transposed(1, 2)
    x = x + positions.weight.slice(0..<x.size(1))
    for layer in layers { x = layer(x) }
    return norm(x)
  }
}

/// Layers of causal attention over tokens and of attention to the sound, and the table of tokens as the last layer.
public final class WhisperDecoder: Module {
  @Child("embed_tokens") var tokens: Embedding
  @Child("embed_positions") var positions: Embedding
  @Child("layers") var layers: [WhisperLayer]
  @Child("layer_norm") var norm: LayerNorm

  init(_ c: WhisperConfiguration, _ generator: Generator) {
    super.init()
    tokens = Embedding(c.vocabularySize, c.width, standardDeviation: 0.02, generator: generator)
    positions = Embedding(c.targetPositions, c.width, standardDeviation: 0.02, generator: generator)
    layers = (0..<c.decoderLayers).map { _ in
      WhisperLayer(
        width: c.width, heads: c.decoderHeads, inner: c.feedForwardWidth, attendsToSound: true, generator: generator)
    }
    norm = LayerNorm(c.width)
  }

  /// Keys and values of what was read, and of the sound.
  public struct State {
    fileprivate(set) var length = 0
    fileprivate var sound: [(keys: Tensor, values: Tensor)]
    fileprivate var own: [(keys: Tensor, values: Tensor)?]

    /// The state of `count` sequences that go on from this one, a sequence of its own.
    func repeated(_ count: Int) -> State {
      func wide(_ x: Tensor) -> Tensor { x.expanded([count] + x.shape.dropFirst()) }
      var made = self
      made.sound = sound.map { (wide($0.keys), wide($0.values)) }
      made.own = own.map { $0.map { (wide($0.keys), wide($0.values)) } }
      return made
    }
  }

  /// The state before the first token.
  public func state(attendingTo sound: Tensor) -> State {
    State(sound: layers.compactMap { $0.sound?.keysAndValues(of: sound) }, own: layers.map { _ in nil })
  }

  /// Logits `[batch, n, vocabulary]` after each of the next tokens of each sequence, all of one length.
  public func callAsFunction(_ ids: [[Int]], _ state: inout State) -> Tensor {
    let count = ids[0].count
    let x = tokens(Tensor(ids: ids.flatMap { $0 }, shape: [ids.count, count]))
    var hidden = x + positions.weight.slice(state.length..<state.length + count)
    for (i, layer) in layers.enumerated() { hidden = layer(hidden, &state.own[i], state.sound[i]) }
    state.length += count
    return norm(hidden).linear(tokens.weight)
  }
}

/// One layer: attention, attention to the sound where there is one, and the feed-forward part, each normalised before.
final class WhisperLayer: Module {
  @Child("self_attn") var attention: WhisperAttention
  @Child("self_attn_layer_norm") var attentionNorm: LayerNorm
  @Child("encoder_attn") var sound: WhisperAttention?
  @Child("encoder_attn_layer_norm") var soundNorm: LayerNorm?
  @Child("fc1") var up: Linear
  @Child("fc2") var down: Linear
  @Child("final_layer_norm") var norm: LayerNorm

  init(width: Int, heads: Int, inner: Int, attendsToSound: Bool, generator: Generator) {
    super.init()
    attention = WhisperAttention(width: width, heads: heads, generator: generator)
    attentionNorm = LayerNorm(width)
    sound = attendsToSound ? WhisperAttention(width: width, heads: heads, generator: generator) : nil
    soundNorm = attendsToSound ? LayerNorm(width) : nil
    up = Linear(width, inner, generator: generator)
    down = Linear(inner, width, generator: generator)
    norm = LayerNorm(width)
  }

  /// Over all positions, each of which sees all.
  func callAsFunction(_ x: Tensor) -> Tensor {
    let own = attentionNorm(x)
    return fed(attention(own, over: attention.keysAndValues(of: own), causal: false, adding: x))
  }

  /// Over the next positions, each of which sees itself and what came before.
  func callAsFunction(
    _ x: Tensor, _ past: inout (keys: Tensor, values: Tensor)?, _ seen: (keys: Tensor, values: Tensor)
  ) -> Tensor {
    let own = attentionNorm(x)
    var all = attention.keysAndValues(of: own)
    if let past {
      all = (.concatenated([past.keys, all.keys], axis: 2), .concatenated([past.values, all.values], axis: 2))
    }
    let isFirst = past == nil
    precondition(isFirst || x.size(1) == 1, "after the first call tokens come one at a time")
    past = all
    var h = attention(own, over: all, causal: isFirst, adding: x)
    if let sound, let soundNorm { h = sound(soundNorm(h), over: seen, causal: false, adding: h) }
    return fed(h)
  }

  private func fed(_ x: Tensor) -> Tensor { down(up(norm(x)).gelu(), adding: x) }
}

/// Attention with several heads whose keys have no bias.
final class WhisperAttention: Module {
  @Child("q_proj") var query: Linear
  @Child("k_proj") var key: Linear
  @Child("v_proj") var value: Linear
  @Child("out_proj") var output: Linear
  private let heads: Int

  init(width: Int, heads: Int, generator: Generator) {
    self.heads = heads
    super.init()
    query = Linear(width, width, generator: generator)
    key = Linear(width, width, bias: false, generator: generator)
    value = Linear(width, width, generator: generator)
    output = Linear(width, width, generator: generator)
  }

  private func split(_ x: Tensor) -> Tensor {
    x.reshaped(x.size(0), x.size(1), heads, x.size(2) / heads).transposed(1, 2)
  }

  /// Both as `[batch, heads, n, width/heads]`.
  func keysAndValues(of x: Tensor) -> (keys: Tensor, values: Tensor) { (split(key(x)), split(value(x))) }

  func callAsFunction(
    _ x: Tensor, over seen: (keys: Tensor, values: Tensor), causal: Bool, adding residual: Tensor
  ) -> Tensor {
    let mixed = Tensor.attention(split(query(x)), seen.keys, seen.values, causal: causal)
    return output(mixed.transposed(1, 2).reshaped(x.shape), adding: residual)
  }
}
