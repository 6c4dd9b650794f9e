import Testing
import Torch

@Suite struct PagedAttentionTests {
  /// Rows of different lengths in shuffled blocks, filled token by token, against plain attention.
  @Test(
    arguments: [(DType.float32, 1e-5), (.bfloat16, 0.03), (.float64, 1e-5)],
    [(width: 16, page: 4), (width: 16, page: 16), (width: 64, page: 16), (width: 22, page: 16)])
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
      var scores = wide[0].matmul(wide[1].repeatInterleaved(group, axis: 0).transposed(1, 2)) / Double(width).squareRoot()
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
