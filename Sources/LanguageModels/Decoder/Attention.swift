public import NeuralNetworks
public import Torch

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

extension Pass {
  /// The angles by which a layer turns, if it does.
  func angles(ofLayer layer: Int, _ c: DecoderConfiguration) -> RotaryTables.Angles? {
    if c.noRopeLayers.contains(layer) { return nil }
    return c.isSliding(layer) ? slidingRotary ?? rotary : rotary
  }

  /// Attention inside the pass's documents.
  func attend(_ q: Tensor, _ k: Tensor, _ v: Tensor, _ scoring: AttentionScoring, sinks: Tensor? = nil) -> Tensor {
    Tensor.packedAttention(
      q, k, v, boundaries: boundaries, parents: parents, scale: scoring.scale, window: scoring.window,
      softCap: scoring.softCap, sinks: sinks)
  }
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
  /// A score of each head that takes part in the softmax and has no value, `[heads]`, where the family has them.
  @OptionalParameter public var sinks: Tensor?
  let configuration: DecoderConfiguration

  init(_ configuration: DecoderConfiguration, weights: InitialWeights) {
    self.configuration = configuration
    super.init()
    let c = configuration
    queryKeyValue = weights.linear(
      c.width, (c.heads + 2 * c.keyValueHeads) * c.headWidth, bias: c.attentionBias,
      standardDeviation: c.initializerRange)
    if c.family == .gptNeo, weights.generator != nil {
      // Scores have no scale there: the one that others divide by lies in the first weights.
      withoutGradients {
        queryKeyValue.weight.slice(0..<c.heads * c.headWidth)
          .multiplyInPlace(1 / Double(c.headWidth).squareRoot())
      }
    }
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
    if c.hasAttentionSinks { sinks = weights.vector(c.heads, standardDeviation: c.initializerRange) }
  }

  init(sharing other: Attention) {
    configuration = other.configuration
    super.init()
    queryKeyValue = Linear(sharing: other.queryKeyValue)
    output = Linear(sharing: other.output)
    queryNorm = other.queryNorm
    keyNorm = other.keyNorm
    sinks = other.sinks
  }

  /// Attention's output, and `residual` added to it.
  func callAsFunction(_ x: Tensor, _ pass: Pass, layer: Int, adding residual: Tensor? = nil) -> Tensor {
    let c = configuration
    let tokens = x.size(0)
    let all = queryKeyValue(x)
    let angles = pass.angles(ofLayer: layer, c)
    if let cache = pass.cache, cache.isDecoding, queryNorm == nil {
      return output(cache.step(layer: layer, all, c, angles: angles, sinks: sinks), adding: residual)
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
        ? cache.attend(layer: layer, queries: q, scoring, sinks: sinks)
        : pass.attend(q, k, v, scoring, sinks: sinks)
    } else if let dropout = pass.dropout, dropout.rates.attention > 0 {
      attended = dropout.attention(q, k, v, pass, scoring, sinks: sinks)
    } else {
      attended = pass.attend(q, k, v, scoring, sinks: sinks)
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
}
