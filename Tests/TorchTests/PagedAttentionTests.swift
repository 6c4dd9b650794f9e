import Testing
import Torch

@Suite struct PagedAttentionTests {
  /// Rows of different lengths in shuffled blocks, filled token by token, against plain attention.
  @Test(
    arguments: [(DType.float32, 1e-5), (.bfloat16, 0.03), (.float64, 1e-5)],
    [
      (width: 16, page: 4), (width: 16, page: 16), (width: 64, page: 16), (width: 128, page: 16),
      (width: 256, page: 16), (width: 22, page: 16),
    ])
  func equalsPlainAttention(_ kind: (dtype: DType, tolerance: Double), _ size: (width: Int, page: Int)) {
    for window in [nil, 1, size.page, size.page + 2, 90] { check(kind.dtype, kind.tolerance, size, window) }
  }

  /// One window, with a soft cap at one of them.
  private func check(
    _ dtype: DType, _ tolerance: Double, _ size: (width: Int, page: Int), _ window: Int?
  ) {
    let (width, page) = size
    let cap: Double? = window == page + 2 ? 1.5 : nil
    let (heads, kvHeads, perRow) = (6, 2, 5)
    let lengths = [1, page, page + 1, 4 * page + 1, 5 * page]
    let keys = Tensor.full([30, kvHeads, width, page], .nan, dtype: dtype)
    let values = Tensor.full([30, kvHeads, page, width], .nan, dtype: dtype)
    let order = Tensor.randperm(30, generator: Generator(seed: 1)).array(of: Int.self)
    var blocks: [Int32] = []
    var plain: [Tensor] = []
    let q = randn([lengths.count, heads, width], seed: 2).to(dtype)
    for (row, length) in lengths.enumerated() {
      let table = Array(order[row * perRow..<(row + 1) * perRow])
      blocks += table.map(Int32.init)
      let k = randn([length, kvHeads, width], seed: UInt64(10 + row)).to(dtype)
      let v = randn([length, kvHeads, width], seed: UInt64(20 + row)).to(dtype)
      let slots = (0..<length).map { table[$0 / page] * page + $0 % page }
      // First all but one as a prompt, then one as a step; the new keys come as a strided view.
      let joint = Tensor.concatenated([k, v], axis: 1)
      for range in [0..<length - 1, length - 1..<length] where !range.isEmpty {
        Tensor.appendToCache(
          keys: keys, values: values, newKeys: joint[range, 0..<kvHeads],
          newValues: joint[range, kvHeads...], slots: Array(slots[range]))
      }
      let wide = [q[row].unsqueezed(1), k.transposed(0, 1), v.transposed(0, 1)].map {
        $0.to(.float32).slice(max(0, $0.size(1) - (window ?? length))..<$0.size(1), axis: 1)
      }
      let group = heads / kvHeads
      var scores =
        wide[0].matmul(wide[1].repeatInterleaved(group, axis: 0).transposed(1, 2)) / Double(width).squareRoot()
      if let cap { scores = (scores / cap).tanh() * cap }
      let made = scores.softmax(axis: -1).matmul(wide[2].repeatInterleaved(group, axis: 0))
      plain.append(made.reshaped(heads, width))
    }
    let out = Tensor.pagedAttention(
      q, keys: keys, values: values, blocks: blocks, lengths: lengths.map(Int32.init),
      blocksPerRow: perRow, window: window, softCap: cap)
    #expect(out.dtype == dtype)
    // Slots beyond a row's length hold NaN, so nothing beyond it was read either.
    #expect(worst(out, Tensor.stacked(plain)) < tolerance)
  }

  /// A filled cache of 40 blocks, and rows of which the first 11 begin with the same three blocks and the rest with none.
  private struct Shared {
    let q, keys, values: Tensor
    var blocks: [[Int32]] = []
    let lengths: [Int32] = [50, 64, 49, 80, 48, 57, 58, 59, 60, 61, 62, 79, 16, 33]

    init(heads: Int, kvHeads: Int, width: Int, dtype: DType) {
      q = randn([lengths.count, heads, width], seed: 1).to(dtype)
      keys = randn([40, kvHeads, width, 16], seed: 2).to(dtype)
      values = randn([40, kvHeads, 16, width], seed: 3).to(dtype)
      for row in lengths.indices {
        let own = Int32(3 + row * 2)
        blocks.append(row < 11 ? [2, 0, 1, own, own + 1] : [own, 2, own + 1, 0, 1])
      }
    }

    func attend(_ rows: Range<Int>, window: Int?) -> Tensor {
      Tensor.pagedAttention(
        q[rows], keys: keys, values: values, blocks: rows.flatMap { blocks[$0] }, lengths: Array(lengths[rows]),
        blocksPerRow: 5, window: window)
    }
  }

  @Test(
    "a row's result is the same to the bit whichever rows share its blocks beside it",
    arguments: [(6, 6), (6, 2), (8, 1)], [16, 22, 32, 64, 128, 256])
  func sharing(_ heads: (all: Int, cached: Int), _ width: Int) {
    for (dtype, window) in [(DType.float32, nil), (.float32, 40), (.bfloat16, nil), (.float32, 1000)] as [(DType, Int?)]
    {
      let shared = Shared(heads: heads.all, kvHeads: heads.cached, width: width, dtype: dtype)
      let together = shared.attend(0..<14, window: window)
      let alone = Tensor.concatenated((0..<14).map { shared.attend($0..<$0 + 1, window: window) })
      #expect(worst(together, alone) == 0)
    }
  }

  @Test(
    "a step is positions, cache and attention after each other",
    arguments: [(4, 2, false), (4, 4, true), (4, 4, false)], [true, false])
  func step(_ heads: (all: Int, cached: Int, interleaved: Bool), _ turns: Bool) {
    for dtype in [DType.float32, .bfloat16] {
      let width = 16
      let shared = Shared(heads: heads.all, kvHeads: heads.cached, width: width, dtype: dtype)
      let rows = shared.lengths.count
      let parts = heads.all + 2 * heads.cached
      let all = randn([rows, parts * width], seed: 7).to(dtype)
      let slots = shared.lengths.enumerated().map {
        Int(shared.blocks[$0.offset][(Int($0.element) - 1) / 16]) * 16 + (Int($0.element) - 1) % 16
      }
      let angles = turns ? (cos: randn([rows, 6], seed: 8), sin: randn([rows, 6], seed: 9)) : nil
      let (keys, values) = (shared.keys.clone(), shared.values.clone())
      let made = Tensor.pagedStep(
        all, heads: heads.all, keyValueHeads: heads.cached, interleaved: heads.interleaved, angles: angles, keys: keys,
        values: values, slots: slots, blocks: shared.blocks.flatMap { $0 }, lengths: shared.lengths, blocksPerRow: 5,
        window: 20)
      var cut: [Tensor]
      if heads.interleaved {
        let three = all.reshaped(rows, heads.all, 3, width)
        cut = (0..<3).map { three.select($0, axis: 2) }
      } else {
        cut = all.reshaped(rows, parts, width).split([heads.all, heads.cached, heads.cached], axis: 1)
      }
      if let angles { for i in 0..<2 { cut[i] = cut[i].rotary(cos: angles.cos, sin: angles.sin) } }
      Tensor.appendToCache(
        keys: shared.keys, values: shared.values, newKeys: cut[1], newValues: cut[2], slots: slots)
      let expected = Tensor.pagedAttention(
        cut[0], keys: shared.keys, values: shared.values, blocks: shared.blocks.flatMap { $0 }, lengths: shared.lengths,
        blocksPerRow: 5, window: 20)
      #expect(worst(made, expected.reshaped(rows, heads.all * width)) == 0)
      #expect(worst(keys, shared.keys) == 0 && worst(values, shared.values) == 0)
      #expect(worst(keys, randn([40, heads.cached, width, 16], seed: 2).to(dtype)) > 0)
    }
    #expect {
      try withTensorErrors {
        Tensor.pagedStep(
          Tensor.ones([1, 30]), heads: 2, keyValueHeads: 1, interleaved: false, angles: nil,
          keys: Tensor.zeros([3, 1, 8, 2]),
          values: Tensor.zeros([3, 1, 2, 8]), slots: [0], blocks: [0], lengths: [1], blocksPerRow: 1)
      }
    } throws: { "\($0)".contains("paged_step takes [1, heads * width] of 4 heads, not [1, 30]") }
  }

  @Test func appendingLeavesOtherSlotsAlone() {
    let keys = Tensor.zeros([3, 1, 4, 2])
    let values = Tensor.zeros([3, 1, 2, 4])
    Tensor.appendToCache(
      keys: keys, values: values, newKeys: Tensor.ones([2, 1, 4]), newValues: Tensor.ones([2, 1, 4]) * 2,
      slots: [5, 0])
    #expect(keys.sum(axis: 1, 2).array() == [4, 0, 0, 0, 0, 4] as [Float])
    #expect(values.sum(axis: 1, 3).array() == [8, 0, 0, 0, 0, 8] as [Float])
  }

  @Test func whatLiesOutsideTheCacheIsRefused() {
    let keys = Tensor.zeros([3, 1, 4, 2])
    let values = Tensor.zeros([3, 1, 2, 4])
    let new = Tensor.ones([1, 1, 4])
    for slot in [-1, 6] {
      #expect {
        try withTensorErrors {
          Tensor.appendToCache(
            keys: keys, values: values, newKeys: new, newValues: new, slots: [slot])
        }
      } throws: { "\($0)".contains("slot \(slot) lies outside a cache of 6") }
    }
    func refused(_ says: String, blocks: [Int32], length: Int32) {
      #expect {
        try withTensorErrors {
          Tensor.pagedAttention(
            new, keys: keys, values: values, blocks: blocks, lengths: [length], blocksPerRow: 2)
        }
      } throws: { "\($0)".contains(says) }
    }
    refused("block 3 of 3", blocks: [3, 0], length: 1)
    refused("block -1 of 3", blocks: [0, -1], length: 3)
    refused("sees 5 tokens in 2 blocks of 2", blocks: [0, 1], length: 5)
    refused("sees 0 tokens", blocks: [0, 1], length: 0)
    #expect(keys.abs().sum().item() == 0 && values.abs().sum().item() == 0)
  }
}
