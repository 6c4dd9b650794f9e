import Documents
import Foundation
import ScalingLaws
import Statistics
import TestSupport
import Testing

@Suite("Predictions and plans")
struct PredictionTests {
  private static let truth = PowerLaw(
    irreducible: 1.8, terms: [.init(coefficient: 400, exponent: 0.34), .init(coefficient: 1_000, exponent: 0.34)])

  /// The best run at each budget, a little off the law.
  private static func series(_ low: Double, _ high: Double, _ count: Int, seed: UInt64 = 2) -> [TrainingPoint] {
    var random = SeededGenerator(seed: seed)
    return sizes(low, high, count).map { flops in
      let n = pow(0.4, 1 / 0.68) * (flops / 6).squareRoot()
      return TrainingPoint(
        parameters: n, flops: flops, loss: noisy(truth.value(at: [n, flops / (6 * n)]), 0.002, &random))
    }
  }

  @Test("a run's loss from runs of at most a thousandth of its compute, larger ones unseen")
  func loss() throws {
    let large = try #require(Self.series(1e22, 2e22, 2, seed: 9).first)
    let flops = try #require(large.flops)
    // A run above the share says something else altogether: it must not be looked at.
    let points = Self.series(1e16, 1e19, 12) + [TrainingPoint(parameters: 1e10, flops: 1e21, loss: 9)]
    let found = try Prediction.loss(
      of: TrainingPoint(flops: flops, loss: .nan), from: points, share: 1e-3)
    let prediction = try #require(found.first)
    #expect(found.count == 1 && prediction.largestFitted <= 1e-3 * flops * 1.001)
    #expect(abs(prediction.estimate.value / large.loss - 1) < 0.02, "\(prediction.estimate) \(large.loss)")
    #expect(!prediction.estimate.excludes(large.loss))
    #expect(throws: ScalingError.self) {
      try Prediction.loss(of: TrainingPoint(flops: 1e15, loss: .nan), from: points, share: 1e-3)
    }
  }

  @Test("the interval of a run covers the runs that come, about as often as it says")
  func coverage() throws {
    var inside = 0
    for seed in 0..<40 {
      let points = Self.series(1e16, 1e19, 10, seed: UInt64(seed) + 100)
      let run = Self.series(1e20, 1e20 * 1.01, 2, seed: UInt64(seed) + 900)[0]
      var options = FitOptions()
      options.bootstraps = 60
      let law = try FittedLaw(LawForm([.flops]), to: points, options: options)
      if !law.prediction(at: [run.flops ?? 0]).excludes(run.loss) { inside += 1 }
    }
    #expect(inside >= 33, "\(inside) of 40")
  }

  @Test("what is registered can be scored and not changed, and an ended run isn't foretold")
  func registration() throws {
    let folder = try TemporaryFolder()
    let points = try folder.write("points.csv", "parameters,flops,loss\n1e6,1e15,3\n")
    try folder.write("run/run.json", "{\"command\": \"train pretrain\", \"created\": \"2026-01-01T00:00:00Z\"}")
    let prediction = Prediction(
      quantity: "loss", formula: "L", flops: 1e18, estimate: Estimate(value: 2.5, low: 2.4, high: 2.6, n: 5),
      largestFitted: 1e15)
    let record = try PredictionRecord([prediction], sources: ["points": points], run: folder.path("run"))
    let path = folder.path("prediction.json")
    try record.write(to: path)
    let read = try PredictionRecord(path: path)
    #expect(read.predictions == [prediction] && read.digest == record.digest)
    #expect(read.sources["points"] == (try SHA256Digest(ofFile: points).hexadecimal))
    #expect(read.sources["run manifest"] != nil)
    // It is not written over.
    #expect(throws: ScalingError.self) { try record.write(to: path) }

    let scores = try read.scores(from: [TrainingPoint(flops: 1.01e18, loss: 2.45), TrainingPoint(flops: 1e19, loss: 2)])
    #expect(scores.count == 1 && scores[0].isWithin)
    #expect(isClose(scores[0].error, (2.5 - 2.45) / 2.45, relative: 1e-12))
    #expect(try !read.scores(from: [TrainingPoint(flops: 1e18, loss: 2.7)])[0].isWithin)
    #expect(throws: ScalingError.self) { try read.scores(from: [TrainingPoint(flops: 2e18, loss: 2.45)]) }

    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.contains("2.4"))
    try folder.write("changed.json", text.replacingOccurrences(of: "2.4", with: "2.3"))
    let changed = #expect(throws: DataError.self) { try PredictionRecord(path: folder.path("changed.json")) }
    #expect(changed?.description.contains("changed after it was written") == true)
    try folder.write("other.json", "{}")
    #expect(throws: DataError.self) { try PredictionRecord(path: folder.path("other.json")) }

    try folder.write("run/run.json", "{\"finished\": \"2026-01-02T00:00:00Z\"}")
    let late = #expect(throws: ScalingError.self) {
      try PredictionRecord([prediction], sources: ["points": points], run: folder.path("run"))
    }
    #expect(late?.description.contains("the run ended at 2026-01-02") == true)
  }

  @Test("pass rates of a bucket follow alpha C^-k, and the foretold model doesn't choose the problems")
  func passRates() throws {
    // Problem i is solved with probability exp(-difficulty·C^-0.2): the mean of logs follows the law exactly.
    var rows: [PassRates.Row] = []
    for (place, flops) in [1e12, 1e13, 1e14, 1e15, 1e18].enumerated() {
      for problem in 0..<40 {
        let difficulty = 20 + 20 * Double(problem)
        let rate = exp(-difficulty * pow(flops, -0.2))
        rows.append(.init(problem: "p\(problem)", flops: flops, samples: 100_000, passes: Int(100_000 * rate)))
        // What the largest model does must not matter to the buckets.
        if place == 4 { rows[rows.count - 1].passes = 100_000 - 10 * (40 - problem) }
      }
    }
    let rates = PassRates(rows)
    let buckets = rates.buckets(6, droppingHardest: 10, upTo: 1e15)
    #expect(buckets.map(\.count) == [5, 5, 5, 5, 5, 5])
    #expect(buckets[0] == (0..<5).map { "p\($0)" } && buckets[2] == (10..<15).map { "p\($0)" })
    let prediction = try Prediction.passRate(
      at: 1e18, from: rates, share: 1e-3, bucket: 3, of: 6, droppingHardest: 10)
    #expect(prediction.problems == buckets[2] && prediction.largestFitted == 1e15)
    let expected = (10..<15).reduce(0.0) { $0 + (20 + 20 * Double($1)) * pow(1e18, -0.2) } / 5
    #expect(isClose(prediction.estimate.value, expected, relative: 0.01), "\(prediction.estimate), \(expected)")
    // A problem that one model never solves is left out for all.
    rows[12].passes = 0
    #expect(PassRates(rows).points(on: buckets[2])[0].loss != rates.points(on: buckets[2])[0].loss)
    #expect(throws: ScalingError.self) {
      try PassRates(rows.map { .init(problem: $0.problem, flops: $0.flops, samples: 5, passes: 0) }).law(on: buckets[2])
    }
    let folder = try TemporaryFolder()
    let file = try folder.write("rates.csv", "problem,flops,samples,passes\na,1e12,10,3\na,1e13,10,11\n")
    let error = #expect(throws: DataError.self) { try PassRates(path: file) }
    #expect(error?.description.contains("rates.csv:3: passes must be") == true)
  }

  @Test("a plan is the best of what fits, and says what keeps it from the best size")
  func plan() throws {
    var random = SeededGenerator(seed: 5)
    let points = sizes(1e6, 1e9, 6).flatMap { n in
      sizes(1e8, 1e11, 6).map {
        TrainingPoint(parameters: n, tokens: $0, loss: noisy(Self.truth.value(at: [n, $0]), 0.002, &random))
      }
    }
    var options = FitOptions()
    options.bootstraps = 40
    let law = try FittedLaw(LawForm([.parameters, .tokens]), to: points, options: options)
    func plan(_ limits: TrainingPlan.Limits) throws -> TrainingPlan {
      try TrainingPlan(law, limits: limits, largestFitted: 6e20)
    }
    /// By brute force over every size that fits.
    func best(_ most: Double, _ tokens: Double) -> Double? {
      sizes(1e6, 1e12, 6_001).filter { $0 <= most }.min {
        law.law.value(at: [$0, min(1e20 / (6 * $0), tokens)]) < law.law.value(at: [$1, min(1e20 / (6 * $1), tokens)])
      }
    }
    let free = try plan(.init(flops: 1e20))
    #expect(free.bound == .compute && isClose(free.choice.flops, 1e20, relative: 1e-9))
    #expect(isClose(free.choice.parameters, try #require(best(.infinity, .infinity)), relative: 0.01))
    #expect(!free.optimum.excludes(pow(0.4, 1 / 0.68) * (1e20 / 6).squareRoot()))
    let small = try plan(.init(flops: 1e20, memory: 1.6e9))
    #expect(small.bound == .memory && small.choice.parameters == 1e8)
    #expect(isClose(try #require(best(1e8, .infinity)), 1e8, relative: 0.01))
    #expect(small.choice.loss.value > free.choice.loss.value)
    let scarce = try plan(.init(flops: 1e20, tokens: 1e9, epochs: 2))
    #expect(scarce.bound == .data && isClose(scarce.choice.tokens, 2e9, relative: 1e-9))
    #expect(isClose(scarce.choice.parameters, try #require(best(.infinity, 2e9)), relative: 0.01))
    let both = try plan(.init(flops: 1e20, memory: 1.6e9, tokens: 1e9))
    #expect(both.bound == .both && both.choice.flops < 1e20 && both.sentence.contains("buys nothing"))
    #expect(free.table.count == 5 && free.table[2] == free.choice)
    #expect(free.table.allSatisfy { $0.loss.value >= free.choice.loss.value })
    #expect(throws: ScalingError.self) { try plan(.init(flops: 1e20, tokens: -1)) }
    #expect(throws: ScalingError.self) {
      try TrainingPlan(points: [TrainingPoint(flops: 1e9, loss: 3)], limits: .init(flops: 1e20))
    }
  }
}
