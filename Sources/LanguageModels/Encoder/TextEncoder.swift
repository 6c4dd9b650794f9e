import Foundation
public import NeuralNetworks
public import Torch

/// A transformer that reads a text in both directions and gives a vector per token: BERT (Devlin 2019) and what is made alike.
///
/// It takes sequences laid end to end, without padding. Attention runs over neighbours of one length together, so that a batch sorted by
/// length takes the fewest calls.
///
/// ```swift
/// let (encoder, _) = try TextEncoder.load(folder)
/// let vectors = encoder(PackedTokens([[101, 7592, 102], [101, 2088, 102]]))      // [6, width]
/// ```
/// Texts to vectors, with pooling and a tokenizer, is ``TextEmbedder``.
public final class TextEncoder: Module {
  /// The shape of the model.
  public let configuration: EncoderConfiguration
  /// `[vocabulary, width]`.
  @Child("embed_tokens") public var tokenEmbedding: Embedding
  /// `[positions, width]`.
  @Child("embed_positions") public var positionEmbedding: Embedding
  /// `[segments, width]`, where the family has them.
  @Child("embed_segments") public var segmentEmbedding: Embedding?
  /// After the embeddings.
  @Child("norm") public var norm: LayerNorm
  /// What is added to a head's scores by distance, `[distances, heads]`, where the family has it.
  @Child("distance_bias") public var distanceBias: Embedding?
  /// The layers.
  @Child("layers") public var layers: [EncoderLayer]

  init(_ c: EncoderConfiguration, weights: InitialWeights) {
    configuration = c
    super.init()
    func table(_ rows: Int, _ width: Int) -> Embedding { weights.embedding(rows, width, standardDeviation: 0.02) }
    tokenEmbedding = table(c.vocabularySize, c.width)
    positionEmbedding = table(c.positions, c.width)
    segmentEmbedding = c.segments > 0 ? table(c.segments, c.width) : nil
    norm = weights.layerNorm(c.width, epsilon: c.normEpsilon)
    distanceBias = c.distances > 0 ? table(c.distances, c.heads) : nil
    layers = (0..<c.layers).map { _ in EncoderLayer(c, weights: weights) }
  }

  /// The device of the weights.
  public var device: Device { norm.weight.device }

  /// Hidden vectors of every token, `[tokens, width]`.
  ///
  /// Ids must lie in the vocabulary and sequences in the context: a caller that got them from a user checks with ``check(_:)`` first.
  /// - Parameters:
  ///   - segments: the kind of each token's segment, for pairs of texts; nil for the first everywhere.
  ///   - layers: after how many layers; all of them unless given (BERTScore has its best layer in the middle).
  public func callAsFunction(_ packed: PackedTokens, segments: [Int]? = nil, layers count: Int? = nil) -> Tensor {
    precondition(packed.parents.allSatisfy { $0 < 0 }, "an encoder's sequences share nothing: each sees all of its own")
    let c = configuration
    let device = device
    var x = tokenEmbedding(Tensor(ids: packed.tokens).to(device: device))
    x = x + positionEmbedding(Tensor(ids: packed.positions.map { $0 + c.firstPosition }).to(device: device))
    if let segmentEmbedding {
      x =
        x
        + (segments.map { segmentEmbedding(Tensor(ids: $0).to(device: device)) } ?? segmentEmbedding.weight.slice(0..<1))
    }
    x = norm(x)
    let runs = packed.runs
    let biases = distanceBias.map { table in runs.map { bias(table, length: $0.length) } }
    for layer in layers.prefix(count ?? layers.count) { x = layer(x, runs, biases) }
    return x
  }

  /// Refuses ids outside the vocabulary and sequences beyond the context.
  ///
  /// - Throws: ``GenerationError`` that says which.
  public func check(_ packed: PackedTokens) throws {
    try packed.check(vocabulary: configuration.vocabularySize, context: configuration.contextLength, as: "text")
  }

  /// Keeps the weights of every linear layer in a form made for inference; see ``Decoder/pack(_:)``.
  ///
  /// - Throws: `TorchError`.
  public func pack(_ format: PackedLinear.Format) throws {
    for case let layer as Linear in modules.map(\.module) {
      layer.packed = try PackedLinear(
        weight: layer.weight, bias: layer.bias, format: Decoder.fitting(format, layer.weight))
    }
  }

  /// Numbers for the scores of a text of this length, `[1, heads, length, length]`: near distances each have their own, far ones share by
  /// their logarithm (Raffel 2020).
  private func bias(_ table: Embedding, length: Int) -> Tensor {
    let half = configuration.distances / 2, near = half / 2
    let farthest = 128.0
    func row(_ distance: Int) -> Int {
      // The key behind the query counts from 0, one ahead of it from the table's middle.
      let n = abs(distance), side = distance > 0 ? half : 0
      guard n >= near else { return side + n }
      let far = log(Float(n) / Float(near)) / Float(log(farthest / Double(near))) * Float(half - near)
      return side + min(half - 1, near + Int(far))
    }
    let rows = (0..<length).flatMap { q in (0..<length).map { row($0 - q) } }
    return table(Tensor(ids: rows).to(device: device)).reshaped([length, length, configuration.heads])
      .permuted(2, 0, 1).unsqueezed(0).contiguous()
  }
}

extension PackedTokens {
  /// Neighbouring sequences of one length: where they begin, how long each is, and how many.
  struct Run: Equatable {
    var start: Int
    var length: Int
    var count: Int
    var rows: Range<Int> { start..<start + length * count }
  }

  /// The sequences in runs of one length.
  var runs: [Run] {
    var found: [Run] = []
    for (start, end) in zip(boundaries, boundaries.dropFirst()) {
      if let last = found.last, last.length == end - start {
        found[found.count - 1].count += 1
      } else {
        found.append(Run(start: start, length: end - start, count: 1))
      }
    }
    return found
  }
}

/// One layer of an encoder: attention and the feed-forward part, each added to what it read and then normalised.
public final class EncoderLayer: Module {
  /// Queries, keys and values: `[3·width, width]`.
  @Child("self_attn.qkv_proj") public var queryKeyValue: Linear
  /// Back to the stream.
  @Child("self_attn.o_proj") public var output: Linear
  /// After attention.
  @Child("attention_norm") public var attentionNorm: LayerNorm
  /// `[feedForwardWidth, width]`.
  @Child("mlp.up_proj") public var up: Linear
  /// `[width, feedForwardWidth]`.
  @Child("mlp.down_proj") public var down: Linear
  /// After the feed-forward part.
  @Child("output_norm") public var outputNorm: LayerNorm
  let heads: Int
  let activation: Activation

  init(_ c: EncoderConfiguration, weights: InitialWeights) {
    heads = c.heads
    activation = Activation(rawValue: c.activation) ?? .gelu
    super.init()
    func linear(_ inputs: Int, _ outputs: Int) -> Linear {
      weights.linear(inputs, outputs, bias: true, standardDeviation: 0.02)
    }
    queryKeyValue = linear(c.width, 3 * c.width)
    output = linear(c.width, c.width)
    attentionNorm = weights.layerNorm(c.width, epsilon: c.normEpsilon)
    up = linear(c.width, c.feedForwardWidth)
    down = linear(c.feedForwardWidth, c.width)
    outputNorm = weights.layerNorm(c.width, epsilon: c.normEpsilon)
  }

  func callAsFunction(_ x: Tensor, _ runs: [PackedTokens.Run], _ biases: [Tensor]?) -> Tensor {
    let all = queryKeyValue(x)
    let width = x.size(1)
    let parts = runs.enumerated().map { i, run -> Tensor in
      let own = all.slice(run.rows).reshaped([run.count, run.length, 3, heads, width / heads])
      func part(_ i: Int) -> Tensor { own.select(i, axis: 2).transposed(1, 2) }
      let seen = Tensor.attention(part(0), part(1), part(2), mask: biases?[i])
      return seen.transposed(1, 2).reshaped([run.count * run.length, width])
    }
    let attended = parts.count == 1 ? parts[0] : Tensor.concatenated(parts)
    let h = attentionNorm(output(attended, adding: x))
    return outputNorm(down(activation(up(h)), adding: h))
  }
}
