public import NeuralNetworks
import Torch

/// What the layers of one forward pass share: positions, where documents end, and the cache if there is one.
struct Pass {
  /// Rotary tables of these tokens `[tokens, half]`, if positions are rotary.
  var rotary: (cos: Tensor, sin: Tensor)?
  /// Document boundaries among the tokens.
  var boundaries: [Int]
  /// The cache to read and write; nil when training.
  var cache: CachePass?
  /// What is dropped; nil outside training.
  var dropout: DropoutPass?
}

/// Causal self-attention with grouped heads.
public final class Attention: Module {
  /// Queries, keys and values in one product: `[(heads + 2·keyValueHeads)·headWidth, width]`.
  @Child("qkv_proj") public var queryKeyValue: Linear
  /// Back to the residual stream.
  @Child("o_proj") public var output: Linear
  let configuration: DecoderConfiguration

  init(_ configuration: DecoderConfiguration, generator: Generator) {
    self.configuration = configuration
    super.init()
    let c = configuration
    queryKeyValue = Linear(
      c.width, (c.heads + 2 * c.keyValueHeads) * c.headWidth, bias: c.attentionBias,
      standardDeviation: c.initializerRange, generator: generator)
    // GPT-2 scales what writes into the residual stream by 1/√(2·layers), so that depth doesn't grow its variance.
    output = Linear(
      c.heads * c.headWidth, c.width, bias: c.outputBias,
      standardDeviation: c.initializerRange / (2 * Double(c.layers)).squareRoot(),
      generator: generator)
  }

  init(sharing other: Attention) {
    configuration = other.configuration
    super.init()
    queryKeyValue = Linear(sharing: other.queryKeyValue)
    output = Linear(sharing: other.output)
  }

  func callAsFunction(_ x: Tensor, _ pass: Pass, layer: Int) -> Tensor {
    let c = configuration
    let tokens = x.size(0)
    let all = queryKeyValue(x).reshaped([tokens, c.heads + 2 * c.keyValueHeads, c.headWidth])
    let split = all.split([c.heads, c.keyValueHeads, c.keyValueHeads], axis: 1)
    var (q, k) = (split[0], split[1])
    let v = split[2]
    if let rotary = pass.rotary {
      q = q.rotary(cos: rotary.cos, sin: rotary.sin)
      k = k.rotary(cos: rotary.cos, sin: rotary.sin)
    }
    let attended: Tensor
    if let cache = pass.cache {
      cache.append(layer: layer, keys: k, values: v)
      attended =
        cache.isDecoding
        ? cache.attend(layer: layer, queries: q)
        : Tensor.packedAttention(q, k, v, boundaries: pass.boundaries)
    } else if let dropout = pass.dropout, dropout.rates.attention > 0 {
      attended = dropout.attention(q, k, v, boundaries: pass.boundaries)
    } else {
      attended = Tensor.packedAttention(q, k, v, boundaries: pass.boundaries)
    }
    return output(attended.reshaped([tokens, c.heads * c.headWidth]))
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
  let inner: Int

  init(_ configuration: DecoderConfiguration, generator: Generator) {
    let c = configuration
    activation = Activation(rawValue: c.activation) ?? .geluNew
    isGated = c.isGated
    inner = c.feedForwardWidth
    super.init()
    up = Linear(
      c.width, c.feedForwardWidth * (c.isGated ? 2 : 1), bias: c.feedForwardBias,
      standardDeviation: c.initializerRange, generator: generator)
    down = Linear(
      c.feedForwardWidth, c.width, bias: c.feedForwardBias,
      standardDeviation: c.initializerRange / (2 * Double(c.layers)).squareRoot(),
      generator: generator)
  }

  init(sharing other: FeedForward) {
    (activation, isGated, inner) = (other.activation, other.isGated, other.inner)
    super.init()
    up = Linear(sharing: other.up)
    down = Linear(sharing: other.down)
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    let h = up(x)
    guard isGated else { return down(activation(h)) }
    let parts = h.split([inner, inner], axis: 1)
    return down(activation(parts[0]) * parts[1])
  }
}

/// One pre-norm layer: x + attention(norm(x)), then x + feedForward(norm(x)).
public final class DecoderLayer: Module {
  /// Before attention.
  @Child("input_layernorm") public var inputNorm: Normalization
  /// Attention.
  @Child("self_attn") public var attention: Attention
  /// Before the feed-forward part.
  @Child("post_attention_layernorm") public var outputNorm: Normalization
  /// The feed-forward part.
  @Child("mlp") public var feedForward: FeedForward

  init(_ configuration: DecoderConfiguration, generator: Generator) {
    super.init()
    inputNorm = configuration.makeNorm()
    attention = Attention(configuration, generator: generator)
    outputNorm = configuration.makeNorm()
    feedForward = FeedForward(configuration, generator: generator)
  }

  init(sharing other: DecoderLayer) {
    super.init()
    inputNorm = other.inputNorm
    attention = Attention(sharing: other.attention)
    outputNorm = other.outputNorm
    feedForward = FeedForward(sharing: other.feedForward)
  }

  func callAsFunction(_ x: Tensor, _ pass: Pass, layer: Int) -> Tensor {
    let attended = attention(inputNorm(x), pass, layer: layer)
    let h = x + (pass.dropout?.residual(attended) ?? attended)
    let fed = feedForward(outputNorm(h))
    return h + (pass.dropout?.residual(fed) ?? fed)
  }
}

extension DecoderConfiguration {
  func makeNorm() -> Normalization {
    switch norm {
    case .layerNorm: LayerNorm(width, epsilon: normEpsilon)
    case .rmsNorm: RMSNorm(width, epsilon: normEpsilon)
    }
  }
}
