import Foundation
import Probability
import Testing

/// Summaries, leave-one-out estimates and documents against ArviZ's.
@Suite struct SummaryTests {
  struct Golden: Decodable {
    struct Case: Decodable {
      var name: String
      var chains: [[Double]]
      var figures: [Double?]
      var meanSize: Double
      var splitRHat: Double?
      var quantiles: [Double]
    }
    struct Loo: Decodable {
      var name: String
      var logLikelihood: PosteriorTrace.Draws
      var relativeEfficiency: Double
      var elpd: Double
      var standardError: Double
      var effectiveParameters: Double
      var pointwise: [Double]
      var shapes: [Double]
      var good: Double
      var warns: Bool
    }
    var summaries: [Case]
    var leaveOneOut: [Loo]
  }

  private static func isClose(_ a: Double, _ b: Double, _ relative: Double = 1e-9) -> Bool {
    abs(a - b) <= relative * max(abs(b), 1e-3)
  }

  @Test func summariesAreArviZs() throws {
    let cases = try DistributionTests.load(Golden.self, "summaries.json").summaries
    #expect(cases.count == 10)
    for row in cases {
      let summary = Summary(name: row.name, chains: row.chains)
      for (column, (mine, theirs)) in zip(Summary.columns, zip(summary.figures, row.figures)) {
        // ArviZ gives no R-hat of one chain; here it is the halves'.
        guard let theirs else {
          #expect(column == "r_hat" && row.chains.count == 1)
          continue
        }
        #expect(Self.isClose(mine, theirs), "\(row.name): \(column) \(mine) \(theirs)")
      }
      for (level, quantile) in zip([0.05, 0.25, 0.5, 0.95], row.quantiles) {
        #expect(Self.isClose(summary.quantile(level), quantile), "\(row.name): quantile \(level)")
      }
      let chains = Chains(draws: row.chains, diagnostics: Diagnostics(method: "test"))
      #expect(Self.isClose(chains.effectiveSampleSize { $0 }, row.meanSize), "\(row.name)")
      if let split = row.splitRHat { #expect(Self.isClose(chains.splitRHat { $0 }, split)) }
    }
  }

  @Test func leavingOneOutIsArviZs() throws {
    for row in try DistributionTests.load(Golden.self, "summaries.json").leaveOneOut {
      let loo = try LeaveOneOut(
        logLikelihood: row.logLikelihood, relativeEfficiency: row.relativeEfficiency)
      #expect(Self.isClose(loo.elpd, row.elpd), "\(row.name) \(loo.elpd)")
      #expect(Self.isClose(loo.standardError, row.standardError))
      #expect(Self.isClose(loo.effectiveParameters, row.effectiveParameters, 1e-7))
      #expect(Self.isClose(loo.largestGoodShape, row.good))
      for (mine, theirs) in zip(loo.pointwise, row.pointwise) {
        #expect(Self.isClose(mine, theirs))
      }
      for (mine, theirs) in zip(loo.shapes, row.shapes) {
        #expect(Self.isClose(mine, theirs, 1e-7))
      }
      #expect(loo.warnings.contains { $0.contains("shape k") } == row.warns)
    }
    #expect(throws: InferenceError.self) { try LeaveOneOut(logLikelihood: [[[1.0]]]) }
  }

  static let data = [1.2, 0.4, 2.1, 0.9, 1.6]

  /// Leaving one out of a conjugate model has a closed form: the predictive density given the others.
  @Test func leavingOneOutOfAConjugateModel() throws {
    let trace = try HamiltonianMonteCarlo(samples: 2_000, seed: 1).trace { s in
      let mean = try s.sample(Gaussian(mean: 0, standardDeviation: 2), named: "mean")
      for x in Self.data {
        try s.observe(Gaussian(mean: mean, standardDeviation: 1), x, named: "x")
      }
    }
    let loo = try trace.leaveOneOut(of: "x")
    var exact = 0.0
    for (index, x) in Self.data.enumerated() {
      let others = Self.data.enumerated().filter { $0.offset != index }.map(\.element)
      let precision = 0.25 + Double(others.count)
      let center = others.reduce(0, +) / precision
      exact += Gaussian(mean: center, standardDeviation: (1 + 1 / precision).squareRoot())
        .logDensity(at: x)
    }
    #expect(abs(loo.elpd - exact) < 0.03)
    #expect(loo.effectiveParameters > 0 && loo.effectiveParameters < 1.2)
    #expect(throws: InferenceError.self) { try trace.leaveOneOut(of: "y") }
  }

  /// The same names from every method that keeps draws, and what they say against the closed form.
  @Test func namesOfEveryMethod() throws {
    let model: Model<Void> = { s in
      let mean = try s.sample(Gaussian(mean: 0, standardDeviation: 2), named: "mean")
      s.record([mean, mean * mean], as: "powers")
      for x in Self.data {
        try s.observe(Gaussian(mean: mean, standardDeviation: 1), x, named: "x")
      }
    }
    let differentiable: DifferentiableModel<Void> = { s in
      let mean = try s.sample(Gaussian(mean: 0, standardDeviation: 2), named: "mean")
      s.record([mean, mean * mean], as: "powers")
      for x in Self.data {
        try s.observe(Gaussian(mean: mean, standardDeviation: 1), x, named: "x")
      }
    }
    let precision = 0.25 + 5
    let center = Self.data.reduce(0, +) / precision
    for trace in [
      try MetropolisHastings(samples: 10_000, chains: 2, seed: 1).trace(model),
      try ParallelTempering(samples: 10_000, temperatures: 3, seed: 2).trace(model),
      try HamiltonianMonteCarlo(samples: 2_000, seed: 3).trace(differentiable),
      try VariationalInference(samples: 8_000, seed: 4).trace(differentiable),
    ] {
      #expect(trace.names == ["mean", "powers"])
      #expect(trace.summaries.map(\.name) == ["mean", "powers[0]", "powers[1]"])
      let mean = trace.summaries[0]
      #expect(abs(mean.mean - center) < 0.05)
      #expect(abs(mean.standardDeviation - (1 / precision).squareRoot()) < 0.03)
      #expect(abs(trace.summaries[2].mean - center * center - 1 / precision) < 0.12)
      #expect(trace.observed["x"] == Self.data)
      // Each draw's log likelihood is that of its mean.
      let draws = try #require(trace.draws(of: "mean"))
      let logs = try #require(trace.logLikelihood(of: "x"))
      for index in [0, 7, 99] {
        let normal = Gaussian(mean: draws[0][index][0], standardDeviation: 1)
        #expect(logs[0][index] == Self.data.map { normal.logDensity(at: $0) })
      }
      // Predictions: mean as the posterior's, variance 1 more.
      let predictions = try #require(trace.predictions(of: "x")).flatMap { $0.map { $0[2] } }
      let average = predictions.reduce(0, +) / Double(predictions.count)
      #expect(abs(average - center) < 0.08)
      let spread =
        predictions.reduce(0) { $0 + ($1 - average) * ($1 - average) } / Double(predictions.count)
      #expect(abs(spread - 1 - 1 / precision) < 0.12)
    }
  }

  @Test func predictiveChecksFindWhatAModelCannotMake() throws {
    // Waiting times that are all nearly alike, fitted by an exponential.
    let waits = [0.9, 1.1, 1.0, 1.05, 0.95, 1.02, 0.98, 1.08]
    let trace = try HamiltonianMonteCarlo(samples: 1_000, seed: 5).trace { s in
      let rate = try s.sample(Gamma(shape: 1, scale: 1), named: "rate")
      for wait in waits { try s.observe(Exponential(rate: rate), wait, named: "wait") }
    }
    let mean = try trace.predictiveCheck(of: "wait") { $0.reduce(0, +) / Double($0.count) }
    #expect(!mean.isSurprising)
    #expect(mean.predictedInterval.contains(mean.observed))
    let least = try trace.predictiveCheck(of: "wait") { $0.min() ?? 0 }
    // The least of eight such times is above 0.9 with probability about e^−7.
    #expect(least.isSurprising && least.tailProbability < 0.02)
    #expect(throws: InferenceError.self) { try trace.predictiveCheck(of: "rate") { $0[0] } }
  }

  @Test func documentsHaveArviZsGroups() throws {
    let trace = try MetropolisHastings(samples: 20, chains: 2, seed: 1).trace { s in
      let p = try s.sample(Beta(1, 1), named: "p")
      let flips = try s.sample(Binomial(trials: 3, p: p), named: "count")
      s.record([p, Double(flips)], as: "both")
      try s.observe(Bernoulli(p), true, named: "seen")
      if flips > 1 { _ = try s.sample(Beta(1, 1), named: "extra") }
    }
    let document = try #require(
      try JSONSerialization.jsonObject(with: trace.json) as? [String: [String: Any]])
    #expect(
      Set(document.keys) == [
        "posterior", "log_likelihood", "posterior_predictive", "observed_data",
      ])
    let p = try #require(document["posterior"]?["p"] as? [[Double]])
    #expect(p.count == 2 && p.allSatisfy { $0.count == 20 })
    let both = try #require(document["posterior"]?["both"] as? [[[Double]]])
    #expect(both[1][3][0] == p[1][3])
    #expect(document["observed_data"]?["seen"] as? [Double] == [1])
    // A variable that isn't always there has no table, and that is said.
    #expect(document["posterior"]?["extra"] == nil)
    #expect(trace.draws(of: "extra") == nil)
    #expect(trace.table.split(separator: "\n").count == 5)
  }
}
