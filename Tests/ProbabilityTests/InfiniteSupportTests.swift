import Foundation
import Probability
import Testing

/// Enumeration of choices with infinitely many values, and of ones with too many for an `Int`.
@Suite struct InfiniteSupportTests {
  @Test(arguments: [80.0, 200, 500, 3_000])
  func largeCountsClose(rate: Double) throws {
    for order in [Enumeration.Order.depthFirst, .automatic, .likelyFirst, .breadthFirst] {
      let result = try infer(.enumeration(order: order)) { s in try s.sample(Poisson(rate: rate)) }
      #expect(result.diagnostics.executions < Int(2 * rate) + 200, "\(order)")
      #expect(abs(result.mean / rate - 1) < 1e-9)
      #expect(abs(result.variance / rate - 1) < 1e-7)
      #expect(result.diagnostics.missedPriorMass < 1e-10)
    }
  }

  @Test func longWaitsClose() throws {
    let result = try infer(.enumeration(order: .depthFirst)) { s in try s.sample(Geometric(0.001)) }
    #expect(result.diagnostics.executions < 60_000)
    #expect(abs(result.mean / 999 - 1) < 1e-9)
    #expect(abs(result.variance / (0.999e6) - 1) < 1e-7)
  }

  @Test func sumsOfTwoLargeCounts() throws {
    let sum = try enumerate { s in
      try s.sample(Poisson(rate: 80)) + s.sample(Poisson(rate: 80))
    }
    #expect(abs(sum.mean - 160) < 1e-7)
    #expect(abs(sum.variance - 160) < 1e-5)
    #expect(abs((sum.diagnostics.logEvidence ?? 1)) < 1e-10)
    #expect(sum.diagnostics.executions < 200_000)
    #expect(sum.diagnostics.warnings.isEmpty)
  }

  /// The evidence may lie where the prior has next to no mass: the end is relative to what was found.
  @Test func evidenceInTheTailIsFound() throws {
    let truth = try StructureTests.truth("evidence_in_the_tail")
    let model: Model<Int> = { s in
      let count = try s.sample(Poisson(rate: 3))
      try s.factor(-0.5 * Double((count - 40) * (count - 40)))
      return count
    }
    let result = try enumerate(model)
    #expect(abs(result.mean - (truth.probabilities["mean"] ?? 0)) < 1e-8)
    #expect(abs((result.diagnostics.logEvidence ?? 0) - truth.logEvidence) < 1e-8)
    let exactly = try enumerate { s in
      let count = try s.sample(Poisson(rate: 3))
      try s.condition(count == 120)
      return count
    }
    #expect(exactly.mode == 120)
    let byStep = try infer(
      .enumeration(),
      SequentialModel<Int>(
        steps: 1, initial: { _ in 0 }, step: { s, _, _ in try model(s) }))
    #expect(abs(byStep.mean - (truth.probabilities["mean"] ?? 0)) < 1e-8)
  }

  /// A distribution of one's own, with even values only, whose masses fall off slowly.
  struct EvenPower: DiscreteDistribution {
    func validate() {}
    var supportCount: Int { .max }
    func supportValue(at index: Int) -> Int { index }
    func logMass(at index: Int) -> Double { logDensity(at: index) }
    func logDensity(at value: Int) -> Double {
      value % 2 == 0 ? log(0.5) + Double(value / 2) * log(0.5) : -.infinity
    }
    func drawIndex(using random: inout RandomSource) -> Int {
      2 * Geometric(0.5).drawIndex(using: &random)
    }
  }

  @Test func aSupportWithGapsIsNotClosedAtTheFirst() throws {
    for order in [Enumeration.Order.depthFirst, .likelyFirst, .breadthFirst] {
      let result = try infer(.enumeration(order: order)) { s in try s.sample(EvenPower()) }
      #expect(abs(result.mean - 2) < 1e-4, "\(order): \(result.mean)")
      #expect(result.diagnostics.executions < 200)
    }
  }

  @Test func everyIntegerIsADistributionToo() throws {
    for range in [0...Int.max, Int.min...Int.max, Int.min...0] {
      let d = UniformInteger(range)
      try d.validate()
      var random = RandomSource(seed: 1)
      let draws = (0..<4_000).map { _ in d.draw(using: &random) }
      #expect(draws.allSatisfy(range.contains))
      let middle = d.mean
      let share = Double(draws.count { Double($0) < middle }) / 4_000
      #expect(abs(share - 0.5) < 0.04)
      let count = Double(range.upperBound) - Double(range.lowerBound)
      #expect(abs(d.logDensity(at: 0) + log(count)) < 1e-12)
      #expect(abs(d.variance / (count * count / 12) - 1) < 1e-12)
      let posterior = try infer(.metropolisHastings(samples: 2_000)) { s in
        let x = try s.sample(d)
        try s.factor(x % 2 == 0 ? 0 : -1)
        return x % 2 == 0
      }
      #expect(abs(posterior.probability(of: true) - 1 / (1 + exp(-1))) < 0.06)
      let bounded = try infer(.enumeration(maximumExecutions: 100)) { s in try s.sample(d) }
      #expect(bounded.diagnostics.missedPriorMass > 0.99)
    }
    #expect(UniformInteger(5..<9).mean == 6.5)
    #expect(throws: ParameterError.self) { try UniformInteger(Int.min..<Int.min).validate() }
  }

  @Test func certainTrialsAreDrawnAtOnce() {
    var random = RandomSource(seed: 2)
    for trials in [0, 5, 1_000_000_000, Int.max - 1, Int.max] {
      #expect(Binomial(trials: trials, p: 1).draw(using: &random) == trials)
      #expect(Binomial(trials: trials, p: 0).draw(using: &random) == 0)
      let half = Binomial(trials: trials, p: 0.5).draw(using: &random)
      #expect(abs(Double(half) - Double(trials) / 2) <= 5 * Double(trials).squareRoot())
      #expect(Binomial(trials: trials, p: 0.5).supportCount > 0)
    }
  }

  /// Remainders by subtraction lose small concentrations beside large ones.
  @Test func smallConcentrationsBesideLargeOnes() throws {
    for concentrations in [[1e6, 1e-11], [1e-11, 1e6], [1e6, 1e-11, 1e-11], [1e17, 3, 2]] {
      let total = concentrations.reduce(0, +)
      let draws = try MetropolisHastings(samples: 500, seed: 1).run { s in
        try s.sample(Dirichlet(concentrations))
      }
      for (index, a) in concentrations.enumerated() {
        #expect(abs(draws.expectation { $0[index] } - a / total) < 1e-3)
      }
      #expect(draws.draws[0].allSatisfy { abs($0.reduce(0, +) - 1) < 1e-12 })
    }
    // Given the first's share, the last two split as Beta(3, 2).
    let split = try infer(.importanceSampling(samples: 20_000, seed: 2)) { s in
      let x = try s.sample(Dirichlet([1e17, 3, 2]))
      return x[1] / (x[1] + x[2])
    }
    #expect(abs(split.mean - 0.6) < 0.01)
    _ = try HamiltonianMonteCarlo(samples: 20, warmup: 20, chains: 1).run { s in
      try s.sample(Dirichlet([1e6, 1e-11])).map(\.value)
    }
    // The same of counts: three outcomes, two of them rare and alike.
    let counts = try enumerate { s in
      try s.sample(Multinomial(trials: 2, weights: [1e10, 1e-5, 1e-5]))
    }
    #expect(counts.probability(of: [1, 1, 0]) == counts.probability(of: [1, 0, 1]))
    #expect(counts.probability(of: [1, 1, 0]) > 0)
  }
}
