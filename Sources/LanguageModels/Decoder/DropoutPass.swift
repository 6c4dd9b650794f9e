import NeuralNetworks
import Torch

/// Dropout during one forward pass: the rates and the stream that decides.
struct DropoutPass {
  var rates: DecoderConfiguration.Dropout
  var generator: Generator

  func embedding(_ x: Tensor) -> Tensor { x.dropout(rates.embedding, generator: generator) }
  func residual(_ x: Tensor) -> Tensor { x.dropout(rates.residual, generator: generator) }

  /// `Tensor.packedAttention` with attention weights dropped: the plain composition, a document at a time, since the
  /// fused kernel can't drop.
  func attention(
    _ q: Tensor, _ k: Tensor, _ v: Tensor, _ pass: Pass, _ scoring: AttentionScoring, sinks: Tensor? = nil
  ) -> Tensor {
    let group = q.size(1) / k.size(1)
    let segments = zip(pass.boundaries, pass.boundaries.dropFirst()).map { $0..<$1 }
    let parts = segments.indices.filter { !segments[$0].isEmpty }.map { i -> Tensor in
      let own = segments[i]
      let parent = pass.parents.isEmpty || pass.parents[i] < 0 ? nil : segments[pass.parents[i]]
      func heads(_ x: Tensor, times: Int) -> Tensor {
        let all = x.transposed(0, 1)
        return times > 1 ? all.repeatInterleaved(times, axis: 0) : all
      }
      func seen(_ x: Tensor) -> Tensor {
        let mine = x.slice(own)
        return heads(parent.map { Tensor.concatenated([x.slice($0), mine]) } ?? mine, times: group)
      }
      let before = parent?.count ?? 0
      let all = Tensor.ones([own.count, before + own.count], device: q.device)
      var hidden = all.upperTriangle(1 + before)
      if let window = scoring.window { hidden = hidden + all.lowerTriangle(before - window) }
      var scores =
        heads(q.slice(own), times: 1).matmul(seen(k).transposed(1, 2)).to(.float32) * scoring.scale
      if let cap = scoring.softCap { scores = (scores / cap).tanh() * cap }
      scores = scores.maskedFill(hidden .> 0, -.infinity)
      let seenTokens = scores.size(-1)
      if let sinks {
        let own = sinks.to(.float32).reshaped([sinks.count, 1, 1]).expanded([sinks.count, scores.size(1), 1])
        scores = Tensor.concatenated([scores, own], axis: -1)
      }
      let weights = scores.softmax(axis: -1).slice(0..<seenTokens, axis: -1)
        .dropout(rates.attention, generator: generator)
      return weights.to(v.dtype).matmul(seen(v)).transposed(0, 1)
    }
    return Tensor.concatenated(parts)
  }
}
