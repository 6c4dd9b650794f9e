import Foundation
import Statistics
import TestSupport
import Testing

/// Values from SciPy, scikit-learn and brute force; see `Fixtures/make_fixtures.py`.
struct Golden: Decodable {
  struct Normal: Decodable { let p: Double, x: Double }
  struct Wilson: Decodable { let k: Double, n: Int, confidence: Double, low: Double, high: Double }
  struct Sign: Decodable { let wins: Int, losses: Int, p: Double }
  struct Permutation: Decodable { let a: [Double], b: [Double], p: Double }
  struct Correlated: Decodable {
    let x: [Double], y: [Double], pearson: Double, low: Double, high: Double, spearman: Double
  }
  struct Resampled: Decodable {
    let name: String, sample: [Double], mean: Double, percentile: [Double], bca: [Double]
  }
  struct Calibrated: Decodable {
    let predictions: [Double], outcomes: [Double], ece: Double, brier: Double, log_loss: Double
  }
  struct Best: Decodable { let proxy: [Double], gold: [Double], n: Int, value: Double }
  struct Pass: Decodable { let samples: Int, correct: Int, k: Int, value: Double }

  let normal: [Normal]
  let cumulative: [Normal]
  let wilson: [Wilson]
  let sign: [Sign]
  let permutation: [Permutation]
  let largePermutation: Permutation
  let correlation: [Correlated]
  let bootstrap: [Resampled]
  let calibration: Calibrated
  let bestOfN: [Best]
  let passAtK: [Pass]

  static func load() throws -> Golden {
    let folder = try Bundle.module.fixtures
    let data = try Data(contentsOf: folder.appendingPathComponent("statistics.json"))
    return try JSONDecoder().decode(Golden.self, from: data)
  }
}

func isClose(_ a: Double, _ b: Double, relative: Double = 1e-10, absolute: Double = 1e-12) -> Bool {
  (a - b).magnitude <= absolute + relative * b.magnitude
}

@Suite struct GoldenStatisticsTests {
  let golden: Golden

  init() throws { golden = try Golden.load() }

  @Test func normalQuantilesEqualSciPys() {
    for case let value in golden.normal {
      let x = StandardNormal.quantile(value.p)
      #expect(isClose(x, value.x, relative: 1e-12), "ndtri(\(value.p)) = \(value.x), got \(x)")
    }
    for value in golden.cumulative {
      #expect(isClose(StandardNormal.cumulative(value.x), value.p, relative: 1e-12, absolute: 0))
    }
    #expect(StandardNormal.quantile(0) == -.infinity)
    #expect(StandardNormal.quantile(1) == .infinity)
    #expect(StandardNormal.quantile(1.5).isNaN)
  }

  @Test func wilsonIntervalsEqualSciPys() {
    for value in golden.wilson {
      let estimate = Estimate.wilson(
        successes: value.k, n: value.n, confidence: value.confidence)
      #expect(isClose(estimate.low, value.low), "\(value)")
      #expect(isClose(estimate.high, value.high), "\(value)")
      #expect(estimate.value == value.k / Double(value.n))
    }
  }

  @Test func signTestsEqualSciPysBinomialTest() {
    for value in golden.sign {
      let p = PairedTest.sign(wins: value.wins, losses: value.losses)
      #expect(isClose(p, value.p, relative: 1e-8), "\(value): \(p)")
      #expect(PairedTest.mcNemar(onlyFirst: value.losses, onlySecond: value.wins) == p)
    }
  }

  @Test func smallPermutationTestsEqualFullEnumeration() {
    for value in golden.permutation {
      #expect(isClose(PairedTest.permutation(value.a, value.b), value.p), "\(value)")
    }
  }

  @Test func largePermutationTestsAgreeWithSciPys() {
    let value = golden.largePermutation
    let p = PairedTest.permutation(value.a, value.b, resamples: 200_000, seed: 7)
    // Both are sampled: allow five standard errors of the smaller sample.
    let tolerance = 5 * (value.p * (1 - value.p) / 200_000).squareRoot() + 1e-5
    #expect((p - value.p).magnitude < tolerance, "\(p) against \(value.p)")
  }

  @Test func correlationsEqualSciPys() {
    for value in golden.correlation {
      let pearson = Correlation.pearson(value.x, value.y)
      #expect(isClose(pearson.value, value.pearson))
      #expect(isClose(pearson.low, value.low) && isClose(pearson.high, value.high))
      #expect(isClose(Correlation.spearman(value.x, value.y).value, value.spearman))
    }
  }

  @Test(arguments: [Bootstrap.Method.percentile, .bca])
  func bootstrapIntervalsAgreeWithSciPys(method: Bootstrap.Method) {
    for value in golden.bootstrap {
      let estimate = Bootstrap(resamples: 50_000, method: method, seed: 3).mean(value.sample)
      let expected = method == .bca ? value.bca : value.percentile
      let width = expected[1] - expected[0]
      #expect(isClose(estimate.value, value.mean))
      #expect((estimate.low - expected[0]).magnitude < 0.03 * width, "\(value.name) \(estimate)")
      #expect((estimate.high - expected[1]).magnitude < 0.03 * width, "\(value.name) \(estimate)")
    }
  }

  @Test func calibrationEqualsScikitLearns() {
    let value = golden.calibration
    let result = Calibration(predictions: value.predictions, outcomes: value.outcomes)
    #expect(isClose(result.expectedError, value.ece))
    #expect(isClose(result.brierScore, value.brier))
    #expect(isClose(result.logLoss, value.log_loss, relative: 1e-9))
    #expect(result.n == 300)
    #expect(result.bins.map(\.frequency.n).reduce(0, +) == 300)
    #expect(result.maximumError >= result.expectedError)
  }

  @Test func bestOfNEqualsTheMeanOverAllSubsets() {
    for value in golden.bestOfN {
      let result = RepeatedSampling.expectedScore(proxy: value.proxy, gold: value.gold, n: value.n)
      #expect(isClose(result, value.value), "n = \(value.n): \(result) against \(value.value)")
    }
  }

  @Test func passRatesEqualTheCombinatorialFormula() {
    for value in golden.passAtK {
      let result = RepeatedSampling.passRate(samples: value.samples, correct: value.correct, k: value.k)
      #expect(isClose(result, value.value, relative: 1e-11), "\(value): \(result)")
    }
  }
}
