import Foundation
import Testing
import Torch

@Suite struct SamplingTests {
  func how(
    _ temperature: Double = 1, topK: Int = 0, topP: Double = 1, minP: Double = 0, seed: UInt64 = 1,
    counter: UInt64 = 0
  ) -> TokenSampling {
    TokenSampling(
      temperature: temperature, topK: topK, topP: topP, minP: minP, seed: seed, counter: counter)
  }

  /// How often each token comes in `draws` draws from one row.
  func counts(_ logits: [Float], draws: Int, _ how: (UInt64) -> TokenSampling) -> [Int] {
    var result = [Int](repeating: 0, count: logits.count)
    let row = Tensor(logits, shape: [1, logits.count])
    for start in stride(from: 0, to: draws, by: 1000) {
      let rows = (start..<start + 1000).map { how(UInt64($0)) }
      for id in row.expanded([1000, logits.count]).sampleTokens(rows).ids { result[id] += 1 }
    }
    return result
  }

  /// Pearson's statistic, where no expected count is 0.
  func chiSquare(_ counts: [Int], _ probabilities: [Double]) -> Double {
    let n = Double(counts.reduce(0, +))
    return zip(counts, probabilities).reduce(0) { sum, pair in
      sum + (Double(pair.0) - n * pair.1) * (Double(pair.0) - n * pair.1) / (n * pair.1)
    }
  }

  static let logits: [Float] = [1.5, -0.5, 0.25, 2, -1, 0, 0.75, -2]

  func softmax(_ logits: [Float], temperature: Double = 1, keeping: Set<Int>? = nil) -> [Double] {
    let weights = logits.enumerated().map { i, x in
      keeping?.contains(i) ?? true ? exp(Double(x) / temperature) : 0
    }
    let total = weights.reduce(0, +)
    return weights.map { $0 / total }
  }

  // The 99.99th percentile of χ² with 7 degrees of freedom is 29.9 (SciPy's chi2.ppf(0.9999, 7)).
  @Test(arguments: [0.5, 1, 2], [1, 2, 3] as [UInt64])
  func drawsFollowTheDistribution(_ temperature: Double, _ seed: UInt64) {
    let drawn = counts(Self.logits, draws: 20_000) { how(temperature, seed: seed, counter: $0) }
    #expect(chiSquare(drawn, softmax(Self.logits, temperature: temperature)) < 29.9)
    // The same by seed instead of counter.
    let bySeed = counts(Self.logits, draws: 20_000) { how(temperature, seed: $0 &* 7919 &+ seed) }
    #expect(chiSquare(bySeed, softmax(Self.logits, temperature: temperature)) < 29.9)
    // And through the sorted path, which top-k = V takes only if top_p is on.
    let sorted = counts(Self.logits, draws: 20_000) {
      how(temperature, topP: 0.999_999_9, seed: seed, counter: $0)
    }
    #expect(chiSquare(sorted, softmax(Self.logits, temperature: temperature)) < 29.9)
  }

  @Test(
    arguments: [
      (2, 1, 0, [0, 3]), (1, 1, 0, [3]), (100, 1, 0, Set(0..<8)),
      // Cumulative from the top: 0.425, 0.683, 0.805, 0.879, …: 0.68 is reached by two, 0.7 by three.
      (0, 0.42, 0, [3]), (0, 0.68, 0, [3, 0]), (0, 0.7, 0, [3, 0, 6]),
      // Ratios to the largest: 1, 0.607, 0.287, 0.174, 0.135, …
      (0, 1, 0.6, [3, 0]), (0, 1, 0.17, [3, 0, 6, 2]), (0, 1, 1, [3]),
      // Together: min-p, then top-k, then top-p of what is left (0.528, 0.849, 1 of three).
      (3, 0.84, 0.1, [3, 0]), (3, 0.9, 0.1, [3, 0, 6]),
    ] as [(Int, Double, Double, Set<Int>)])
  func filtersKeepExactlyTheirSet(_ topK: Int, _ topP: Double, _ minP: Double, _ kept: Set<Int>) {
    let drawn = counts(Self.logits, draws: 20_000) {
      how(topK: topK, topP: topP, minP: minP, counter: $0)
    }
    #expect(Set(drawn.indices.filter { drawn[$0] > 0 }) == kept)
    if kept.count > 1 {
      let probabilities = softmax(Self.logits, keeping: kept)
      let order = kept.sorted()
      // Fewer degrees of freedom only make the bound wider.
      #expect(chiSquare(order.map { drawn[$0] }, order.map { probabilities[$0] }) < 29.9)
    }
  }

  @Test func greedyTakesTheFirstLargest() {
    let row = Tensor([1, 5, 5, 2] as [Float], shape: [1, 4])
    for seed in 0..<20 as Range<UInt64> {
      #expect(row.sampleTokens([how(0, topK: 3, topP: 0.1, seed: seed)]).ids == [1])
    }
  }

  @Test func maskedTokensAreNeverDrawn() {
    // Long rows with few tokens left, so that whole strips are masked.
    var logits = [Float](repeating: -.infinity, count: 5000)
    for i in [0, 2100, 4999] { logits[i] = Float(i) * 1e-5 }
    for row in [logits, logits.reversed(), Array(logits[1..<4999])] {
      let alive = Set(row.indices.filter { row[$0] > -.infinity })
      for temperature in [0, 0.01, 1, 100] {
        let drawn = counts(row, draws: 2000) { how(temperature, counter: $0) }
        #expect(Set(drawn.indices.filter { drawn[$0] > 0 }).isSubset(of: alive))
        let filtered = counts(row, draws: 1000) { how(temperature, topK: 50, topP: 0.99, counter: $0) }
        #expect(Set(filtered.indices.filter { filtered[$0] > 0 }).isSubset(of: alive))
      }
    }
  }

  @Test func aRowsDrawDependsOnNothingElseInTheBatch() {
    let logits = randn([64, 300], seed: 1) * 2
    let rows = (0..<64).map { how(0.8, topP: $0 % 2 == 0 ? 1 : 0.9, seed: UInt64($0), counter: 7) }
    let together = logits.sampleTokens(rows)
    for row in 0..<64 {
      let alone = logits[row..<row + 1].sampleTokens([rows[row]])
      #expect(alone.ids[0] == together.ids[row])
      #expect(alone.logProbabilities[0] == together.logProbabilities[row])
    }
    let reversed = logits.flipped(0).sampleTokens(rows.reversed())
    #expect(reversed.ids == together.ids.reversed())
    // Another counter is another draw.
    let next = logits.sampleTokens(rows.map { how($0.temperature, topP: $0.topP, seed: $0.seed, counter: 8) })
    #expect(zip(next.ids, together.ids).contains { $0 != $1 })
  }

  @Test func logProbabilitiesAreThoseOfTheUnmodifiedDistribution() {
    let logits = randn([40, 1500], seed: 3) * 3
    let drawn = logits.sampleTokens((0..<40).map { how(0.5, topK: 20, seed: UInt64($0)) })
    let expected = logits.to(.float64).logSoftmax(axis: -1)
      .gather(Tensor(ids: drawn.ids, shape: [40, 1]), axis: 1)
    #expect(worst(Tensor(drawn.logProbabilities), expected.squeezed(1)) < 1e-6)
    let low = logits.to(.bfloat16)
    let again = low.sampleTokens((0..<40).map { how(seed: UInt64($0)) })
    let lowExpected = low.to(.float64).logSoftmax(axis: -1)
      .gather(Tensor(ids: again.ids, shape: [40, 1]), axis: 1)
    #expect(worst(Tensor(again.logProbabilities), lowExpected.squeezed(1)) < 1e-6)
  }

  @Test(arguments: [-Float.infinity, .nan, .infinity])
  func aRowWithoutADistributionIsAnError(_ value: Float) {
    let row = Tensor.full([2, 5], value == -.infinity ? -.infinity : 0)
    row[1, 3] = Tensor(Double(value))
    row[0] = Tensor(0)
    for temperature in [0, 1.0] {
      #expect {
        try withTensorErrors { row.sampleTokens([how(temperature), how(temperature)]).ids }
      } throws: { "\($0)".contains("sample") && "\($0)".contains("row 1") }
    }
  }
}
