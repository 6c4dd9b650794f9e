import Statistics
import Testing
import Torch

/// A score more in each head's softmax, without a value: against that softmax written out.
@Suite struct AttentionSinkTests {
  private static let starts = [0, 7, 8, 20, 24, 29], parents = [-1, -1, -1, 2, 2]

  /// One document after the other: softmax over the scores that a query sees and its head's sink, whose weight goes nowhere.
  private func plain(
    _ q: Tensor, _ k: Tensor, _ v: Tensor, _ sinks: Tensor, window: Int?
  ) -> Tensor {
    let group = q.size(1) / k.size(1), width = Double(q.size(2))
    let parts = (0..<5).map { i -> Tensor in
      let own = Self.starts[i]..<Self.starts[i + 1]
      let before = Self.parents[i] < 0 ? 0..<0 : Self.starts[Self.parents[i]]..<Self.starts[Self.parents[i] + 1]
      func seen(_ x: Tensor) -> Tensor {
        Tensor.concatenated([x.slice(before), x.slice(own)]).transposed(0, 1).repeatInterleaved(group, axis: 0)
      }
      let all = Tensor.ones([own.count, before.count + own.count])
      var hidden = all.upperTriangle(1 + before.count)
      if let window { hidden = hidden + all.lowerTriangle(before.count - window) }
      let scores = (q.slice(own).transposed(0, 1).matmul(seen(k).transposed(1, 2)) / width.squareRoot())
        .maskedFill(hidden .> 0, -.infinity)
      let more = sinks.reshaped([q.size(1), 1, 1]).expanded([q.size(1), own.count, 1])
      let weights = Tensor.concatenated([scores, more], axis: -1).softmax(axis: -1)
      return weights.slice(0..<(before.count + own.count), axis: -1).matmul(seen(v)).transposed(0, 1)
    }
    return Tensor.concatenated(parts)
  }

  @Test(arguments: [nil, 40, 5] as [Int?], [2, 4]) func packed(_ window: Int?, _ cached: Int) {
    let (q, k, v) = (
      randn([29, 4, 16], seed: 1), randn([29, cached, 16], seed: 2), randn([29, cached, 16], seed: 3)
    )
    let sinks = randn([4], seed: 4) * 2
    let wanted = plain(q, k, v, sinks, window: window)
    func made(_ sinks: Tensor?) -> Tensor {
      Tensor.packedAttention(
        q, k, v, boundaries: Self.starts, parents: Self.parents, window: window, sinks: sinks)
    }
    // Without gradients by the fused kernel's log-sum-exps, with them by ordinary ops.
    #expect(worst(withoutGradients { made(sinks) }, wanted) < 1e-5)
    #expect(worst(withoutGradients { withComposedKernels { made(sinks) } }, wanted) < 1e-5)
    #expect(worst(withoutGradients { made(nil) }, wanted) > 0.1)
    let leaves = [q, k, v, sinks].map { $0.clone().requiringGrad() }
    let upstream = randn([29, 4, 16], seed: 5)
    let ours = Tensor.packedAttention(
      leaves[0], leaves[1], leaves[2], boundaries: Self.starts, parents: Self.parents, window: window,
      sinks: leaves[3])
    let theirs = plain(leaves[0], leaves[1], leaves[2], leaves[3], window: window)
    #expect(worst(ours, wanted) < 1e-5)
    let a = Tensor.gradients(of: [ours], for: leaves, upstream: [upstream])
    let b = Tensor.gradients(of: [theirs], for: leaves, upstream: [upstream])
    for i in 0..<4 { #expect(worst(a[i], b[i]) < 1e-4, "gradient \(i)") }
  }

  @Test(arguments: [nil, 5] as [Int?], [16, 20]) func paged(_ window: Int?, _ width: Int) {
    // Two rows over pages of 16: one of 20 tokens, one of 9.
    let keys = Tensor.zeros([3, 2, width, 16]), values = Tensor.zeros([3, 2, 16, width])
    let (k, v) = (randn([29, 2, width], seed: 6), randn([29, 2, width], seed: 7))
    Tensor.appendToCache(
      keys: keys, values: values, newKeys: k, newValues: v, slots: Array(0..<20) + Array(32..<41))
    let q = randn([2, 4, width], seed: 8), sinks = randn([4], seed: 9) * 2
    for composes in [false, true] {
      func attend() -> Tensor {
        Tensor.pagedAttention(
          q, keys: keys, values: values, blocks: [0, 1, 2, 0], lengths: [20, 9], blocksPerRow: 2, window: window,
          sinks: sinks)
      }
      let made = withoutGradients { composes ? withComposedKernels { attend() } : attend() }
      for (row, range) in [(0, 0..<20), (1, 20..<29)] {
        let seen = range.suffix(window ?? range.count)
        func heads(_ x: Tensor) -> Tensor {
          x.slice(seen.startIndex..<seen.endIndex).transposed(0, 1).repeatInterleaved(2, axis: 0)
        }
        let scores = q[row].unsqueezed(1).matmul(heads(k).transposed(1, 2)) / Double(width).squareRoot()
        let weights = Tensor.concatenated([scores, sinks.reshaped([4, 1, 1])], axis: -1).softmax(axis: -1)
        let wanted = weights.slice(0..<seen.count, axis: -1).matmul(heads(v)).squeezed(1)
        #expect(worst(made[row], wanted) < 1e-5, "row \(row)")
      }
    }
  }
}
