public import Torch

/// Attention with several heads over `[batch, length, width]` (Vaswani 2017, section 3.2), by libtorch's fused kernel.
///
/// The projections of queries, keys and values are stacked in one matrix with PyTorch's names: `in_proj_weight`
/// `[3·width, width]`, `in_proj_bias`, `out_proj.weight`, `out_proj.bias`. The weights of attention are not dropped out.
public final class MultiHeadAttention: Module {
  /// Queries', keys' and values' projections, `[3·width, width]`.
  @Parameter("in_proj_weight") public var projection: Tensor
  /// Their biases `[3·width]`, or nil.
  @OptionalParameter("in_proj_bias") public var projectionBias: Tensor?
  /// The projection of the joined heads.
  @Child("out_proj") public var output: Linear
  /// The number of heads that share the width.
  public let heads: Int

  /// Draws the projections as PyTorch does: Xavier uniform, biases 0.
  public init(width: Int, heads: Int, bias: Bool = true, generator: Generator) {
    precondition(heads > 0 && width % heads == 0, "width \(width) does not fall into \(heads) heads")
    self.heads = heads
    super.init()
    projection = Initializer.xavierUniform()([3 * width, width], generator: generator)
    if bias { projectionBias = Tensor.zeros([3 * width]) }
    output = Linear(width, width, bias: bias, generator: generator)
    output.bias?.fillInPlace(0)
  }

  /// Self-attention, or attention to another sequence.
  ///
  /// - Parameters:
  ///   - x: what asks, `[batch, n, width]`.
  ///   - context: what is attended to, `[batch, m, width]`; `x` itself without one.
  ///   - mask: bool, true where attention is allowed, or float, added to the scores; anything that broadcasts to
  ///     `[batch, heads, n, m]`.
  ///   - causal: whether position i sees only 0 … i; not together with a mask.
  public func callAsFunction(
    _ x: Tensor, context: Tensor? = nil, mask: Tensor? = nil, causal: Bool = false
  ) -> Tensor {
    let width = x.size(-1)
    let parts: [Tensor]
    if let context {
      let query = x.linear(projection[0..<width], projectionBias.map { $0[0..<width] })
      parts =
        [query]
        + context.linear(projection[width...], projectionBias.map { $0[width...] })
        .split([width, width], axis: -1)
    } else {
      parts = x.linear(projection, projectionBias).split([width, width, width], axis: -1)
    }
    let split = parts.map { part in
      part.reshaped(part.size(0), part.size(1), heads, width / heads).transposed(1, 2)
    }
    let mixed = Tensor.attention(split[0], split[1], split[2], mask: mask, causal: causal)
    return output(mixed.transposed(1, 2).reshaped(x.size(0), x.size(1), width))
  }
}
