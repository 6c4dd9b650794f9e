import Experiments
import Foundation
import Probability
import Testing

/// Estimators of information gain against a closed form: y = θx + noise, gain ½ log(1 + x²).
@Suite struct EstimationTests {
  static let linear = LikelihoodProblem<Double, Double, Double>(
    prior: { $0.normal() },
    simulate: { slope, x, random in slope * x + random.normal() },
    logLikelihood: { y, slope, x in
      Gaussian(mean: slope * x, standardDeviation: 1).logDensity(at: y)
    })

  static func exact(_ x: Double) -> Double { 0.5 * log(1 + x * x) }

  @Test(arguments: [0.3, 1.0, 3.0])
  func nestedMonteCarloComesDownOnTheTruth(x: Double) throws {
    let estimate = try Self.linear.nestedMonteCarlo(at: x, outer: 4_000, inner: 400, seed: 1)
    let truth = Self.exact(x)
    #expect(estimate.kind == .upperBound)
    #expect(estimate.value > truth - 4 * estimate.standardError)
    #expect(abs(estimate.value - truth) < 4 * estimate.standardError + 0.05)
    #expect(estimate.interval.contains(estimate.value))
  }

  /// Few inner draws overshoot, and the reported bias says by about how much.
  @Test func nestedBiasIsSeen() throws {
    let truth = Self.exact(3)
    let coarse = try Self.linear.nestedMonteCarlo(at: 3, outer: 20_000, inner: 16, seed: 2)
    let excess = coarse.value - truth
    #expect(excess > 5 * coarse.standardError)
    let bias = try #require(coarse.bias)
    #expect(bias > 0.3 * excess && bias < 3 * excess)
    let fine = try Self.linear.nestedMonteCarlo(at: 3, outer: 4_000, inner: 1_000, seed: 2)
    #expect(try #require(fine.bias) < bias / 4)
  }

  @Test func contrastiveBoundIsBelowAndTightens() throws {
    let truth = Self.exact(3)
    let loose = try Self.linear.priorContrastive(at: 3, outer: 4_000, contrasts: 4, seed: 3)
    let tight = try Self.linear.priorContrastive(at: 3, outer: 4_000, contrasts: 500, seed: 3)
    #expect(loose.value < truth - 4 * loose.standardError)
    #expect(tight.value < truth + 4 * tight.standardError)
    #expect(tight.value > truth - 0.06)
    #expect(loose.value <= log(5))
    #expect(loose.kind == .lowerBound)
  }

  @Test(arguments: [0.3, 1.0, 3.0])
  func barberAgakovIsExactForLinearModels(x: Double) throws {
    let bound = BarberAgakov(
      Self.linear, coordinates: { [$0] },
      logPrior: { Gaussian(mean: 0, standardDeviation: 1).logDensity(at: $0[0]) },
      features: { [$0] })
    let estimate = try bound.bound(at: x, draws: 40_000, seed: 4)
    #expect(abs(estimate.value - Self.exact(x)) < 4 * estimate.standardError + 0.005)
    // A guess that may look at nothing learns nothing.
    let blind = BarberAgakov(
      Self.linear, coordinates: { [$0] },
      logPrior: { Gaussian(mean: 0, standardDeviation: 1).logDensity(at: $0[0]) },
      features: { _ in [] })
    #expect(abs(try blind.bound(at: x, draws: 20_000, seed: 4).value) < 0.02)
  }

  @Test func estimatesDontDependOnCores() throws {
    let estimates = try [1, 3].map { cores in
      try Parallelism.$maximumCores.withValue(cores) {
        try Self.linear.nestedMonteCarlo(at: 1, outer: 1_000, inner: 10, seed: 9)
      }
    }
    #expect(estimates[0] == estimates[1])
  }

  @Test func unusableLikelihoodsAreErrors() {
    var problem = Self.linear
    problem.logLikelihood = { _, _, _ in .nan }
    #expect(throws: ExperimentError.self) { try problem.nestedMonteCarlo(at: 1) }
    problem.logLikelihood = { _, _, _ in -.infinity }
    #expect(throws: ExperimentError.self) { try problem.priorContrastive(at: 1) }
    #expect(throws: ExperimentError.self) {
      try Self.linear.nestedMonteCarlo(at: 1, outer: 1, inner: 1)
    }
  }

  /// A million experiments, one of them best: found within the budget, and no more is spent.
  @Test func successiveHalvingInALargeSpace() throws {
    let search = SuccessiveHalving(budget: 400_000, firstDraws: 20, seed: 5)
    let result = try search.search(
      count: 1_000_000, candidate: { Double($0) / 1_000_000 * 4 - 2 }
    ) { x, draws, seed in
      // A noisy score with its peak at 1: the noise falls as draws grow.
      var random = RandomSource(seed: seed)
      return -(x - 1) * (x - 1) + random.normal() / Double(draws).squareRoot()
    }
    #expect(result.draws <= 400_000)
    #expect(result.tried < 1_000_000 && !result.isExhaustive)
    #expect(abs((result.survivors.first?.candidate ?? -9) - 1) < 0.35)
    #expect(throws: ExperimentError.self) {
      try search.search(count: 0, candidate: { $0 }, score: { _, _, _ in 0 })
    }
    #expect(throws: ExperimentError.self) {
      try search.search(count: 10, candidate: { $0 }, score: { _, _, _ in .nan })
    }
  }

  @Test func bayesianOptimizationFindsAMaximum() throws {
    // Two hills, the higher at (0.7, 2).
    let search = BayesianOptimization(evaluations: 35, seed: 6)
    var calls = 0
    let result = try search.maximize(over: [0...1, 0...4]) { p in
      calls += 1
      func hill(_ x: Double, _ y: Double, _ height: Double) -> Double {
        height * exp(-8 * (p[0] - x) * (p[0] - x) - 0.5 * (p[1] - y) * (p[1] - y))
      }
      return hill(0.7, 2, 1) + hill(0.1, 3.6, 0.6)
    }
    #expect(calls == 35)
    #expect(abs(result.best[0] - 0.7) < 0.1)
    #expect(abs(result.best[1] - 2) < 0.4)
    #expect(throws: ExperimentError.self) { try search.maximize(over: []) { _ in 0 } }
    #expect(throws: ExperimentError.self) { try search.maximize(over: [0...1]) { _ in .nan } }
  }

  /// Inner draws that all rule a response out leave an infinite bound, never one that isn't a number.
  @Test func ruledOutResponsesLeaveNothingUndefined() throws {
    // A uniform window of width 0.2: most of few inner draws miss the response.
    let narrow = LikelihoodProblem<Double, Double, Double>(
      prior: { $0.uniform() }, simulate: { window, _, random in window + 0.2 * random.uniform() },
      logLikelihood: { y, window, _ in Uniform(window, window + 0.2).logDensity(at: y) })
    for inner in [2, 3, 8] {
      let estimate = try narrow.nestedMonteCarlo(at: 0, outer: 500, inner: inner, seed: 1)
      #expect(estimate.value == .infinity)
      #expect(estimate.bias == nil)
      #expect(estimate.standardError == .infinity)
      #expect(estimate.interval == -.infinity ... .infinity)
    }
    // With many, no mean is infinite, though half of them may be: then the bias isn't known.
    for (inner, seed) in [(40, 1), (40, 2), (60, 3), (400, 4)] as [(Int, UInt64)] {
      let estimate = try narrow.nestedMonteCarlo(at: 0, outer: 300, inner: inner, seed: seed)
      if let bias = estimate.bias { #expect(bias.isFinite) }
      #expect(!estimate.value.isNaN && !estimate.standardError.isNaN)
    }
    let contrastive = try narrow.priorContrastive(at: 0, outer: 500, contrasts: 2, seed: 1)
    #expect(contrastive.value.isFinite && contrastive.value <= log(3))
  }
}
