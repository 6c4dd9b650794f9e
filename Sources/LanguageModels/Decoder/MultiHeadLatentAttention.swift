public import NeuralNetworks
import Torch

/// Attention whose keys and values are made of one short vector a token (DeepSeek V2, section 2.1).
///
/// Keys and values of a text are made in full where it is read; where tokens are drawn the matrices that make them are moved over to
/// the queries and to what was attended, so that the cache holds the short vectors alone and all heads share them.
public final class MultiHeadLatentAttention: Module {
  /// The short vector of queries, where they have one.
  @Child("q_a_proj") public var queryDown: Linear?
  /// Its norm.
  @Child("q_a_layernorm") public var queryNorm: RMSNorm?
  /// Queries of that vector.
  @Child("q_b_proj") public var queryUp: Linear?
  /// Queries of the token itself, where there is no such vector.
  @Child("q_proj") public var query: Linear?
  /// The short vector of keys and values, and the key that is turned by position.
  @Child("kv_a_proj_with_mqa") public var down: Linear
  /// The norm of the short vector.
  @Child("kv_a_layernorm") public var norm: RMSNorm
  /// Each head's key and value of it: `[heads·(plainWidth + valueWidth), rank]`.
  @Child("kv_b_proj") public var up: Linear
  /// Back to the residual stream.
  @Child("o_proj") public var output: Linear
  let configuration: DecoderConfiguration
  let latent: DecoderConfiguration.LatentAttention
  /// The weight of ``up``, restored once where its layer keeps it in fewer bits.
  private var restored = Restored()
  private struct Restored { var weight: Tensor? }

  /// The norms' ε, which isn't the model's.
  private static let epsilon = 1e-6

  init(_ c: DecoderConfiguration, _ latent: DecoderConfiguration.LatentAttention, weights: InitialWeights) {
    configuration = c
    self.latent = latent
    super.init()
    let (l, range) = (latent, c.initializerRange)
    let queries = c.heads * (l.plainWidth + l.turnedWidth)
    query = l.queryRank == nil ? weights.linear(c.width, queries, bias: false, standardDeviation: range) : nil
    queryDown = l.queryRank.map { weights.linear(c.width, $0, bias: c.attentionBias, standardDeviation: range) }
    queryNorm = l.queryRank.map { weights.rmsNorm($0, epsilon: Self.epsilon) }
    queryUp = l.queryRank.map { weights.linear($0, queries, bias: false, standardDeviation: range) }
    down = weights.linear(c.width, l.rank + l.turnedWidth, bias: c.attentionBias, standardDeviation: range)
    norm = weights.rmsNorm(l.rank, epsilon: Self.epsilon)
    up = weights.linear(l.rank, c.heads * (l.plainWidth + l.valueWidth), bias: false, standardDeviation: range)
    output = weights.linear(
      c.heads * l.valueWidth, c.width, bias: c.outputBias,
      standardDeviation: range / (2 * Double(c.layers)).squareRoot())
  }

  init(sharing other: MultiHeadLatentAttention) {
    (configuration, latent) = (other.configuration, other.latent)
    super.init()
    query = other.query.map(Linear.init(sharing:))
    queryDown = other.queryDown.map(Linear.init(sharing:))
    queryNorm = other.queryNorm
    queryUp = other.queryUp.map(Linear.init(sharing:))
    down = Linear(sharing: other.down)
    norm = other.norm
    up = other.up
    output = Linear(sharing: other.output)
  }

  /// The layers that can be adapted, by their names; ``up`` is not among them, as its matrix is read as it is.
  var adaptable: [(String, Linear?)] {
    [
      ("q_proj", query), ("q_a_proj", queryDown), ("q_b_proj", queryUp), ("kv_a_proj_with_mqa", down),
      ("o_proj", output),
    ]
  }

  /// Attention's output, and `residual` added to it.
  func callAsFunction(_ x: Tensor, _ pass: Pass, layer: Int, adding residual: Tensor? = nil) -> Tensor {
    let (c, l) = (configuration, latent)
    let (tokens, heads) = (x.size(0), c.heads)
    let angles = pass.angles(ofLayer: layer, c)
    func turned(_ x: Tensor) -> Tensor {
      angles.map { x.rotary(cos: $0.cos, sin: $0.sin, interleaved: l.isInterleaved) } ?? x
    }
    let short = queryDown.flatMap { down in queryNorm.map { $0(down(x)) } }
    let queries = (short.flatMap { queryUp?($0) } ?? query?(x) ?? x)
      .reshaped([tokens, heads, l.plainWidth + l.turnedWidth]).split([l.plainWidth, l.turnedWidth], axis: -1)
    let turnedQueries = turned(queries[1])
    let both = down(x).split([l.rank, l.turnedWidth], axis: -1)
    let vectors = norm(both[0].contiguous())
    let turnedKeys = turned(both[1].reshaped([tokens, 1, l.turnedWidth]))
    let scoring = c.scoring(ofLayer: layer)
    if let cache = pass.cache {
      let keys = Tensor.concatenated([vectors.unsqueezed(1), turnedKeys], axis: -1)
      cache.append(layer: layer, keys: keys, values: vectors.unsqueezed(1).padded([0, l.turnedWidth]))
      if cache.isDecoding {
        return output(
          absorbed(queries[0], turnedQueries, cache, layer: layer, scoring), adding: residual)
      }
    }
    let made = up(vectors).reshaped([tokens, heads, l.plainWidth + l.valueWidth])
      .split([l.plainWidth, l.valueWidth], axis: -1)
    let q = Tensor.concatenated([queries[0], turnedQueries], axis: -1)
    let k = Tensor.concatenated([made[0], turnedKeys.expanded([tokens, heads, l.turnedWidth])], axis: -1)
    // The kernels take keys and values of one width.
    let width = max(q.size(-1), l.valueWidth)
    func widened(_ x: Tensor) -> Tensor { x.size(-1) == width ? x : x.padded([0, width - x.size(-1)]) }
    let attended: Tensor
    if let dropout = pass.dropout, dropout.rates.attention > 0 {
      attended = dropout.attention(widened(q), widened(k), widened(made[1]), pass, scoring)
    } else {
      attended = pass.attend(widened(q), widened(k), widened(made[1]), scoring)
    }
    return output(
      attended.slice(0..<l.valueWidth, axis: -1).reshaped([tokens, heads * l.valueWidth]), adding: residual)
  }

  /// q·(Wk·c) is (q·Wk)·c, and Σ a·(Wv·c) is Wv·(Σ a·c): attention over the cached vectors themselves.
  private func absorbed(
    _ plain: Tensor, _ turned: Tensor, _ cache: CachePass, layer: Int, _ scoring: AttentionScoring
  ) -> Tensor {
    let l = latent
    let (tokens, heads) = (plain.size(0), configuration.heads)
    let matrices = upWeight.to(plain.dtype).reshaped([heads, l.plainWidth + l.valueWidth, l.rank])
      .split([l.plainWidth, l.valueWidth], axis: 1)
    let moved = plain.transposed(0, 1).matmul(matrices[0]).transposed(0, 1)
    let attended = cache.attend(
      layer: layer, queries: Tensor.concatenated([moved, turned], axis: -1), scoring)
    let values = attended.slice(0..<l.rank, axis: -1).to(plain.dtype).transposed(0, 1)
      .matmul(matrices[1].transposed(1, 2))
    return values.transposed(0, 1).reshaped([tokens, heads * l.valueWidth])
  }

  private var upWeight: Tensor {
    guard up.isQuantized else { return up.weight }
    if let known = restored.weight { return known }
    let weight = up.restoredWeight
    restored.weight = weight
    return weight
  }
}
