import Testing
import Torch

/// What a device takes in the place of our kernels, on the processor: the same values and gradients as the kernels'.
@Suite struct ComposedKernelTests {
  /// Runs a computation by the kernels and by libtorch's ops and compares all that it returns, relative to the largest
  /// element of each.
  private func compare(
    _ tolerance: Double, sourceLocation: SourceLocation = #_sourceLocation, _ body: () -> [Tensor?]
  ) {
    let (ours, composed) = (body(), withComposedKernels(body))
    #expect(ours.count == composed.count, sourceLocation: sourceLocation)
    for (i, (a, b)) in zip(ours, composed).enumerated() {
      #expect((a == nil) == (b == nil), "\(i)", sourceLocation: sourceLocation)
      guard let a, let b else { continue }
      #expect(a.shape == b.shape, "\(i)", sourceLocation: sourceLocation)
      let scale = max(a.to(.float64).abs().max().item(), 1e-12)
      #expect(worst(a, b) / scale < tolerance, "\(i)", sourceLocation: sourceLocation)
    }
  }

  private func withGradients(_ output: Tensor, for inputs: [Tensor]) -> [Tensor?] {
    let upstream = randn(output.shape, seed: 99).to(output.dtype)
    return [output] + Tensor.gradients(of: [output], for: inputs, upstream: [upstream])
  }

  @Test(
    arguments: [
      ([64, 64, 64], [], nil, nil), ([130], [], nil, nil), ([5, 130, 0, 1, 64, 64, 17], [], nil, nil),
      ([20, 5, 9, 7, 30, 4, 12], [-1, 0, 0, 0, -1, 4, -1], nil, nil), ([5, 130, 64], [], 16, nil), ([130], [], 16, nil),
      ([20, 5, 9], [-1, 0, 0], 8, nil), ([5, 33], [], nil, 3),
    ] as [([Int], [Int], Int?, Double?)])
  func attention(_ lengths: [Int], _ parents: [Int], _ window: Int?, _ cap: Double?) {
    let bounds = lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
    for (dtype, tolerance) in [(DType.float32, 2e-5), (.bfloat16, 4e-2)] {
      for kvHeads in [4, 2] {
        let all = randn([bounds[lengths.count], 4 + 2 * kvHeads, 32], seed: 1).to(dtype).requiringGrad()
        compare(tolerance) {
          let parts = all.split([4, kvHeads, kvHeads], axis: 1)
          let out = Tensor.packedAttention(
            parts[0], parts[1], parts[2], boundaries: bounds, parents: parents, scale: 0.2, window: window, softCap: cap
          )
          return withGradients(out, for: [all])
        }
      }
    }
  }

  @Test(arguments: [(nil, nil), (20, nil), (nil, 2)] as [(Int?, Double?)])
  func aStepOverAPagedCache(_ window: Int?, _ cap: Double?) {
    let (heads, kvHeads, width, perRow) = (6, 2, 64, 6)
    let lengths = [1, 16, 17, 65, 96, 40]
    let order = Tensor.randperm(60, generator: Generator(seed: 1)).array(of: Int.self)
    let blocks = lengths.indices.flatMap { order[$0 * perRow..<($0 + 1) * perRow].map(Int32.init) }
    let slots = lengths.enumerated().map { row, length in
      Int(blocks[row * perRow + (length - 1) / 16]) * 16 + (length - 1) % 16
    }
    let angles = randn([lengths.count, width / 2], seed: 7)
    for (dtype, tolerance) in [(DType.float32, 1e-5), (.bfloat16, 2e-2)] {
      let all = randn([lengths.count, (heads + 2 * kvHeads) * width], seed: 8).to(dtype)
      compare(tolerance) {
        let keys = randn([60, kvHeads, width, 16], seed: 2).to(dtype),
          values = randn([60, kvHeads, 16, width], seed: 3).to(dtype)
        func step(_ tables: Tensor?) -> Tensor {
          Tensor.pagedStep(
            all, heads: heads, keyValueHeads: kvHeads, interleaved: false, angles: (angles.cos(), angles.sin()),
            keys: keys,
            values: values, slots: slots, blocks: blocks, lengths: lengths.map(Int32.init), blocksPerRow: perRow,
            tables: tables, window: window, softCap: cap)
        }
        let tables = Tensor.pagedTables(
          slots: slots, blocks: blocks, lengths: lengths.map(Int32.init), blocksPerRow: perRow)
        let out = step(nil)
        #expect(worst(step(tables), out) == 0)
        return [out, keys, values]
      }
    }
  }

  @Test(arguments: [nil, 5] as [Double?]) func lossesOfALinearLayer(_ cap: Double?) {
    let targets = Tensor.randint(0..<301, [50], generator: Generator(seed: 3))
    targets[7] = Tensor(-100, dtype: .int64)
    let weights = randn([50], seed: 4).abs()
    for (dtype, tolerance) in [(DType.float32, 2e-5), (.bfloat16, 3e-2)] {
      let (hidden, table) = (
        randn([50, 32], seed: 1).to(dtype).requiringGrad(), randn([301, 32], seed: 2).to(dtype).requiringGrad()
      )
      compare(tolerance) {
        let loss = Tensor.linearCrossEntropy(hidden, table, targets: targets, weights: weights, chunk: 16, softCap: cap)
        return [loss.each] + withGradients(loss.sum * 3, for: [hidden, table])
      }
      compare(4 * tolerance) {
        let (values, entropy) = Tensor.linearLogProbabilities(
          hidden, table, targets: targets, temperature: 0.7, withEntropy: true, softCap: cap)
        return [entropy] + withGradients(values, for: [hidden, table])
      }
    }
  }

  @Test func activationsNormsAndPositions() {
    for (dtype, tolerance) in [(DType.float32, 1e-5), (.bfloat16, 2e-2)] {
      let x = randn([9, 6, 40], seed: 1).to(dtype).requiringGrad()
      let (w, b) = (randn([40], seed: 2).to(dtype), randn([40], seed: 3).to(dtype))
      let angles = randn([9, 16], seed: 4)
      for gelu in [false, true] { compare(tolerance) { withGradients(x.gated(gelu: gelu), for: [x]) } }
      compare(tolerance) { withGradients(x.gelu(tanhApproximation: true) + x.silu(), for: [x]) }
      compare(tolerance) { withGradients(x.layerNorm(weight: w, bias: b, epsilon: 1e-5), for: [x]) }
      compare(tolerance) { [x.detached().rmsNorm(weight: w, epsilon: 1e-5)] }
      let scale = w.to(.float32).requiringGrad()
      compare(tolerance) { withGradients(x.rmsNorm(weight: scale, epsilon: 1e-5), for: [x, scale]) }
      for interleaved in [false, true] {
        compare(tolerance) {
          withGradients(x[0..., 1...].rotary(cos: angles.cos(), sin: angles.sin(), interleaved: interleaved), for: [x])
        }
      }
    }
  }

  @Test func normsAndClippingOfGradients() {
    let gradients = { (0..<5).map { randn([30, 20 + $0], seed: UInt64($0)) } }
    compare(1e-6) {
      let list = gradients()
      let norm = FusedOptimizers.norm(list)
      FusedOptimizers.scale(list, by: 0.5)
      return list + [Tensor(norm)]
    }
  }

  @Test(
    arguments: [(0, 1, 0), (40, 1, 0), (0, 0.8, 0), (0, 1, 0.05), (50, 0.9, 0.01)] as [(Int, Double, Double)],
    [0, 0.8])
  func drawing(_ filters: (Int, Double, Double), _ temperature: Double) {
    let logits = randn([300, 2000], seed: 1) * 3
    // Masked tokens, and rows without a filter among the others.
    logits[0..., 5..<900] = Tensor(-.infinity)
    let rows = (0..<300).map { i in
      i % 3 == 0
        ? TokenSampling(temperature: temperature, seed: 11, counter: UInt64(i))
        : TokenSampling(
          temperature: temperature, topK: filters.0, topP: filters.1, minP: filters.2, seed: 11, counter: UInt64(i))
    }
    let (ours, composed) = (logits.sampleTokens(rows), withComposedKernels { logits.sampleTokens(rows) })
    let others = ours.ids.indices.filter { ours.ids[$0] != composed.ids[$0] }
    // A uniform number that falls on a rounding between two tokens may take the other.
    #expect(others.count <= (temperature == 0 ? 0 : 2))
    for i in ours.ids.indices where ours.ids[i] == composed.ids[i] {
      #expect(abs(ours.logProbabilities[i] - composed.logProbabilities[i]) < 1e-5)
    }
    #expect(composed.ids.allSatisfy { !(5..<900).contains($0) })
  }

  @Test func aRowWithoutADistributionIsAnError() {
    for value in [-Float.infinity, .nan, .infinity] {
      let row = Tensor.full([2, 5], value == -.infinity ? -.infinity : 0)
      row[1, 3] = Tensor(Double(value))
      row[0] = Tensor(0)
      #expect {
        try withTensorErrors {
          withComposedKernels { row.sampleTokens([TokenSampling(), TokenSampling(temperature: 0)]).ids }
        }
      } throws: { "\($0)".contains("row 1 of the logits is no distribution") }
    }
  }
}
