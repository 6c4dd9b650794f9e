import Torch

/// Attention inside documents, over a paged cache, and how tokens are drawn.
func checkAttention(_ check: Check) {
  // Documents' lengths and which continues which; windows; fewer key heads.
  let layouts: [(String, [Int], [Int], Int?, Double?)] = [
    ("documents of one length", [64, 64, 64], [], nil, nil), ("one document", [130], [], nil, nil),
    ("documents of many lengths", [5, 130, 1, 64, 64, 17], [], nil, nil),
    ("completions of one prompt", [20, 5, 9, 7, 30, 4, 12], [-1, 0, 0, 0, -1, 4, -1], nil, nil),
    ("a window", [5, 130, 64], [], 16, nil), ("a window in one document", [130], [], 16, nil),
    ("a window over beginnings", [20, 5, 9], [-1, 0, 0], 8, nil), ("a soft cap", [5, 33], [], nil, 3),
  ]
  for (dtype, tolerance) in [(DType.float32, 2e-5), (.bfloat16, 4e-2)] {
    for heads in [(4, 4), (4, 2)] {
      for (name, lengths, parents, window, cap) in layouts {
        check.compare("attention: \(name), \(heads.1) key heads, \(dtype)", tolerance) { at in
          let bounds = lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
          let all = at(randn([bounds[lengths.count], heads.0 + 2 * heads.1, 32], 1, dtype)).requiringGrad()
          let parts = all.split([heads.0, heads.1, heads.1], axis: 1)
          let out = Tensor.packedAttention(
            parts[0], parts[1], parts[2], boundaries: bounds, parents: parents, scale: 0.2, window: window, softCap: cap
          )
          return withGradients([out], for: [all])
        }
      }
    }
  }
  checkCache(check)
  checkSampling(check)
}

private func checkCache(_ check: Check) {
  for (dtype, tolerance) in [(DType.float32, 1e-5), (.bfloat16, 2e-2)] {
    for (heads, kvHeads, width) in [(6, 2, 64), (4, 4, 128), (4, 4, 16), (8, 1, 32), (3, 3, 24), (2, 2, 256)] {
      for (window, cap) in [(nil, nil), (20, nil), (nil, 2.0)] as [(Int?, Double?)] {
        let name =
          "\(heads) to \(kvHeads) heads of \(width)\(window == nil ? "" : ", window")\(cap == nil ? "" : ", cap"), \(dtype)"
        check.compare("paged step: \(name)", tolerance) { at in
          let page = 16, perRow = 6, lengths = [1, 16, 17, 65, 96, 40]
          let order = Tensor.randperm(60, generator: Generator(seed: 1)).array(of: Int.self)
          // What was never written is not a number, as memory may be.
          let keys = at(Tensor.full([60, kvHeads, width, page], .nan, dtype: dtype))
          let values = at(Tensor.full([60, kvHeads, page, width], .nan, dtype: dtype))
          var blocks: [Int32] = []
          var newest: [Int] = []
          for (row, length) in lengths.enumerated() {
            let table = Array(order[row * perRow..<(row + 1) * perRow])
            blocks += table.map(Int32.init)
            let slots = (0..<length).map { table[$0 / page] * page + $0 % page }
            newest.append(slots[length - 1])
            guard length > 1 else { continue }
            let joint = at(randn([length - 1, 2 * kvHeads, width], UInt64(row), dtype))
            Tensor.appendToCache(
              keys: keys, values: values, newKeys: joint[0..., 0..<kvHeads], newValues: joint[0..., kvHeads...],
              slots: Array(slots.dropLast()))
          }
          let angles = randn([lengths.count, width / 2], 7)
          let all = at(randn([lengths.count, (heads + 2 * kvHeads) * width], 8, dtype))
          let out = Tensor.pagedStep(
            all, heads: heads, keyValueHeads: kvHeads, interleaved: heads == kvHeads,
            angles: (at(angles.cos()), at(angles.sin())),
            keys: keys, values: values, slots: newest, blocks: blocks, lengths: lengths.map(Int32.init),
            blocksPerRow: perRow,
            window: window, softCap: cap)
          let again = Tensor.pagedAttention(
            out.reshaped([lengths.count, heads, width]), keys: keys, values: values, blocks: blocks,
            lengths: lengths.map(Int32.init), blocksPerRow: perRow, window: window, softCap: cap)
          return [out, again]
        }
      }
    }
  }
}

private func checkSampling(_ check: Check) {
  for (name, change) in [
    ("greedy", { $0.temperature = 0 }), ("plain", { _ in }), ("top-k", { $0.topK = 40 }), ("top-p", { $0.topP = 0.8 }),
    ("min-p", { $0.minP = 0.05 }), ("all filters", { ($0.topK, $0.topP, $0.minP) = (50, 0.9, 0.01) }),
    ("mixed rows", { if $0.counter % 2 == 0 { $0.topP = 0.9 } }),
  ] as [(String, (inout TokenSampling) -> Void)] {
    let device = check.device
    let logits = randn([400, 5000], 1) * 3
    let rows = (0..<400).map { i in
      var how = TokenSampling(temperature: 0.8, seed: 11, counter: UInt64(i))
      change(&how)
      return how
    }
    check.report("drawing, \(name): share of other tokens") {
      let plain = try withTensorErrors { logits.sampleTokens(rows) }
      let there = try check.there { try withTensorErrors { logits.to(device: device).sampleTokens(rows) } }
      let same = plain.ids.indices.filter { plain.ids[$0] == there.ids[$0] }
      let worst = same.map { abs(plain.logProbabilities[$0] - there.logProbabilities[$0]) }.max() ?? .infinity
      guard worst < 1e-4 else { throw Problem("log-probabilities differ by \(worst)") }
      // A uniform number that falls on a rounding between two tokens may take the other.
      return (1 - Double(same.count) / 400, name == "greedy" ? 0 : 0.01)
    }
  }
}
