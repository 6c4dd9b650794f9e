import NeuralNetworks
import Torch

/// What one forward pass drops: the rates and the stream that decides.
struct DropoutPass {
  var rates: DecoderConfiguration.Dropout
  var generator: Generator

  func embedding(_ x: Tensor) -> Tensor { x.dropout(rates.embedding, generator: generator) }
  func residual(_ x: Tensor) -> Tensor { x.dropout(rates.residual, generator: generator) }

  /// `Tensor.packedAttention` with attention weights dropped: the plain composition, a document at a time, since the
  /// fused kernel can't drop.
  func attention(
    _ q: Tensor, _ k: Tensor, _ v: Tensor, boundaries: [Int], _ scoring: AttentionScoring
  ) -> Tensor {
    let group = q.size(1) / k.size(1)
    let parts = zip(boundaries, boundaries.dropFirst()).filter { $0 < $1 }.map { start, end -> Tensor in
      func heads(_ x: Tensor, times: Int) -> Tensor {
        let all = x.slice(start..<end).transposed(0, 1)
        return times > 1 ? all.repeatInterleaved(times, axis: 0) : all
      }
      let length = end - start
      let all = Tensor.ones([length, length], device: q.device)
      var hidden = all.upperTriangle(1)
      if let window = scoring.window { hidden = hidden + all.lowerTriangle(-window) }
      var scores =
        heads(q, times: 1).matmul(heads(k, times: group).transposed(1, 2)).to(.float32) * scoring.scale
      if let cap = scoring.softCap { scores = (scores / cap).tanh() * cap }
      let weights = scores.maskedFill(hidden .> 0, -.infinity).softmax(axis: -1)
        .dropout(rates.attention, generator: generator)
      return weights.to(v.dtype).matmul(heads(v, times: group)).transposed(0, 1)
    }
    return Tensor.concatenated(parts)
  }
}
