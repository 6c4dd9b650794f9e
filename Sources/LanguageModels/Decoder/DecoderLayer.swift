public import NeuralNetworks
import Torch

/// The state shared by the layers of one forward pass: positions, ends of documents, and the cache if there is one.
struct Pass {
  /// Rotary tables of these tokens `[tokens, half]`, if positions are rotary.
  var rotary: RotaryTables.Angles?
  /// Those of sliding layers where they turn by another base.
  var slidingRotary: RotaryTables.Angles?
  /// Document boundaries among the tokens.
  var boundaries: [Int]
  /// Which of them continue another; empty where none does.
  var parents: [Int]
  /// The cache to read and write; nil when training.
  var cache: CachePass?
  /// The dropout of the pass; nil outside training.
  var dropout: DropoutPass?
}

/// Causal self-attention with grouped heads, over everything before or a sliding window.
public final class Attention: Module {
  /// Queries, keys and values in one product: `[(heads + 2·keyValueHeads)·headWidth, width]`.
  @Child("qkv_proj") public var queryKeyValue: Linear
  /// Back to the residual stream.
  @Child("o_proj") public var output: Linear
  /// On queries, of one head or of all, where the family has it.
  @Child("q_norm") public var queryNorm: Normalization?
  /// On keys.
  @Child("k_norm") public var keyNorm: Normalization?
  let configuration: DecoderConfiguration

  init(_ configuration: DecoderConfiguration, weights: InitialWeights) {
    self.configuration = configuration
    super.init()
    let c = configuration
    queryKeyValue = weights.linear(
      c.width, (c.heads + 2 * c.keyValueHeads) * c.headWidth, bias: c.attentionBias,
      standardDeviation: c.initializerRange)
    // GPT-2 scales what writes into the residual stream by 1/√(2·layers), so that depth doesn't grow its variance.
    output = weights.linear(
      c.heads * c.headWidth, c.width, bias: c.outputBias,
      standardDeviation: c.initializerRange / (2 * Double(c.layers)).squareRoot())
    switch c.queryKeyNorm {
    case .none: (queryNorm, keyNorm) = (nil, nil)
    case .perHead: (queryNorm, keyNorm) = (weights.norm(c, c.headWidth), weights.norm(c, c.headWidth))
    case .wholeProjection:
      queryNorm = weights.norm(c, c.heads * c.headWidth)
      keyNorm = weights.norm(c, c.keyValueHeads * c.headWidth)
    }
  }

  init(sharing other: Attention) {
    configuration = other.configuration
    super.init()
    queryKeyValue = Linear(sharing: other.queryKeyValue)
    output = Linear(sharing: other.output)
    queryNorm = other.queryNorm
    keyNorm = other.keyNorm
  }

  /// Attention's output, and `residual` added to it.
  func callAsFunction(_ x: Tensor, _ pass: Pass, layer: Int, adding residual: Tensor? = nil) -> Tensor {
    let c = configuration
    let tokens = x.size(0)
    let all = queryKeyValue(x)
    let angles = c.isSliding(layer) ? pass.slidingRotary ?? pass.rotary : pass.rotary
    if let cache = pass.cache, cache.isDecoding, queryNorm == nil {
      return output(cache.step(layer: layer, all, c, angles: angles), adding: residual)
    }
    var (q, k, v) = split(all, tokens: tokens)
    if let queryNorm, let keyNorm {
      q = normalized(q, queryNorm)
      k = normalized(k, keyNorm)
    }
    if let angles {
      q = q.rotary(cos: angles.cos, sin: angles.sin)
      k = k.rotary(cos: angles.cos, sin: angles.sin)
    }
    let scoring = c.scoring(ofLayer: layer)
    let attended: Tensor
    if let cache = pass.cache {
      cache.append(layer: layer, keys: k, values: v)
      attended =
        cache.isDecoding
        ? cache.attend(layer: layer, queries: q, scoring)
        : Self.packed(q, k, v, pass, scoring)
    } else if let dropout = pass.dropout, dropout.rates.attention > 0 {
      attended = dropout.attention(q, k, v, pass, scoring)
    } else {
      attended = Self.packed(q, k, v, pass, scoring)
    }
    return output(attended.reshaped([tokens, c.heads * c.headWidth]), adding: residual)
  }

  /// The parts of the fused product, each `[tokens, heads, headWidth]`.
  private func split(_ all: Tensor, tokens: Int) -> (q: Tensor, k: Tensor, v: Tensor) {
    let c = configuration
    if c.interleavesHeads {
      let heads = all.reshaped([tokens, c.heads, 3, c.headWidth])
      return (heads.select(0, axis: 2), heads.select(1, axis: 2), heads.select(2, axis: 2))
    }
    let parts = all.reshaped([tokens, c.heads + 2 * c.keyValueHeads, c.headWidth])
      .split([c.heads, c.keyValueHeads, c.keyValueHeads], axis: 1)
    return (parts[0], parts[1], parts[2])
  }

  private func normalized(_ x: Tensor, _ norm: Normalization) -> Tensor {
    guard configuration.queryKeyNorm == .wholeProjection else { return norm(x) }
    let shape = x.shape
    return norm(x.reshaped([shape[0], shape[1] * shape[2]])).reshaped(shape)
  }

  private static func packed(
    _ q: Tensor, _ k: Tensor, _ v: Tensor, _ pass: Pass, _ scoring: AttentionScoring
  ) -> Tensor {
    Tensor.packedAttention(
      q, k, v, boundaries: pass.boundaries, parents: pass.parents, scale: scoring.scale,
      window: scoring.window, softCap: scoring.softCap)
  }
}

/// The part of a layer that looks at one token at a time: plain or gated.
public final class FeedForward: Module {
  /// `[feedForwardWidth, width]`, or gate and up in one `[2·feedForwardWidth, width]`.
  @Child("up_proj") public var up: Linear
  /// `[width, feedForwardWidth]`.
  @Child("down_proj") public var down: Linear
  let activation: Activation
  let isGated: Bool

  init(_ configuration: DecoderConfiguration, weights: InitialWeights) {
    let c = configuration
    activation = Activation(rawValue: c.activation) ?? .geluNew
    isGated = c.isGated
    super.init()
    up = weights.linear(
      c.width, c.feedForwardWidth * (c.isGated ? 2 : 1), bias: c.feedForwardBias,
      standardDeviation: c.initializerRange)
    down = weights.linear(
      c.feedForwardWidth, c.width, bias: c.feedForwardBias,
      standardDeviation: c.initializerRange / (2 * Double(c.layers)).squareRoot())
  }

  init(sharing other: FeedForward) {
    (activation, isGated) = (other.activation, other.isGated)
    super.init()
    up = Linear(sharing: other.up)
    down = Linear(sharing: other.down)
  }

  /// The output, and `residual` added to it.
  func callAsFunction(_ x: Tensor, adding residual: Tensor? = nil) -> Tensor {
    down(up(x, activation, gated: isGated), adding: residual)
  }
}

/// One layer: attention and the feed-forward part, each beside the residual stream with the norms that
/// ``DecoderConfiguration/Residual`` says.
public final class DecoderLayer: Module {
  /// Before attention.
  @Child("input_layernorm") public var inputNorm: Normalization?
  /// Attention.
  @Child("self_attn") public var attention: Attention
  /// After attention.
  @Child("attention_output_layernorm") public var attentionOutputNorm: Normalization?
  /// Before the feed-forward part.
  @Child("post_attention_layernorm") public var outputNorm: Normalization?
  /// The feed-forward part.
  @Child("mlp") public var feedForward: FeedForward
  /// After the feed-forward part.
  @Child("feed_forward_output_layernorm") public var feedForwardOutputNorm: Normalization?
  let residual: DecoderConfiguration.Residual

  init(_ configuration: DecoderConfiguration, weights: InitialWeights) {
    residual = configuration.residual
    super.init()
    func norm(_ isThere: Bool) -> Normalization? {
      isThere ? weights.norm(configuration, configuration.width) : nil
    }
    inputNorm = norm(residual.normsInputs)
    attention = Attention(configuration, weights: weights)
    attentionOutputNorm = norm(residual.normsOutputs)
    outputNorm = norm(residual.normsInputs)
    feedForward = FeedForward(configuration, weights: weights)
    feedForwardOutputNorm = norm(residual.normsOutputs)
  }

  init(sharing other: DecoderLayer) {
    residual = other.residual
    super.init()
    inputNorm = other.inputNorm
    attention = Attention(sharing: other.attention)
    attentionOutputNorm = other.attentionOutputNorm
    outputNorm = other.outputNorm
    feedForward = FeedForward(sharing: other.feedForward)
    feedForwardOutputNorm = other.feedForwardOutputNorm
  }

  func callAsFunction(_ x: Tensor, _ pass: Pass, layer: Int) -> Tensor {
    // What a part writes is added in the call that makes it, unless something happens to it before.
    func added(_ x: Tensor, _ norm: Normalization?, _ part: (_ residual: Tensor?) -> Tensor) -> Tensor {
      guard norm != nil || pass.dropout != nil else { return part(x) }
      let made = part(nil)
      let normed = norm?(made) ?? made
      return x + (pass.dropout?.residual(normed) ?? normed)
    }
    let h = added(x, attentionOutputNorm) { attention(inputNorm?(x) ?? x, pass, layer: layer, adding: $0) }
    let seen = residual == .parallel ? x : h
    return added(h, feedForwardOutputNorm) { feedForward(outputNorm?(seen) ?? seen, adding: $0) }
  }
}

extension DecoderLayer {
  /// The layer over x and what the one before it left to be added, where its parts' inputs are normalised and nothing else is done
  /// to the residual stream: the stream, and what is to be added to it next.
  func callAsFunction(_ x: Tensor, adding waiting: Tensor?, _ pass: Pass, layer: Int) -> (Tensor, Tensor?) {
    func normed(_ x: Tensor, _ waiting: Tensor?, _ norm: Normalization?) -> (stream: Tensor, norm: Tensor) {
      guard let norm else { return (waiting.map { x + $0 } ?? x, x) }
      return waiting.map { norm(x, adding: $0) } ?? (x, norm(x))
    }
    let first = normed(x, waiting, inputNorm)
    let second = normed(first.stream, attention(first.norm, pass, layer: layer), outputNorm)
    return (second.stream, feedForward(second.norm))
  }
}

extension DecoderConfiguration.Residual {
  /// Whether the parts' inputs are normalised.
  var normsInputs: Bool { self != .postNorm }
  /// Whether the parts' outputs are.
  var normsOutputs: Bool { self == .postNorm || self == .sandwich }
}
