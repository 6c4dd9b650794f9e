import Foundation
import Probability
import Testing

/// Models that no method can do anything with: each must end, with an error that says why.
@Suite struct BadModelTests {
  static let methods: [any InferenceMethod] =
    SamplingTests.methods + [
      Enumeration(), Enumeration(order: .depthFirst, maximumExecutions: 1_000),
      Enumeration(order: .breadthFirst, maximumExecutions: 1_000),
    ]

  private func expectLimit(_ method: Int, _ model: @escaping Model<Int>) {
    let error = #expect(throws: InferenceError.self) { try Self.methods[method].infer(model) }
    #expect(error?.kind == .limit, "\(error?.description ?? "")")
  }

  @Test(arguments: methods.indices)
  func choicesWithoutEnd(method: Int) {
    expectLimit(method) { s in while true { _ = try s.flip() } }
  }

  @Test(arguments: methods.indices)
  func factorsWithoutEnd(method: Int) {
    expectLimit(method) { s in while true { try s.factor(-0.1) } }
  }

  /// Recursion without end must not exhaust the stack.
  @Test(arguments: methods.indices)
  func recursionWithoutEnd(method: Int) {
    @Sendable func descend(_ s: Sampler, _ depth: Int) throws -> Int {
      let step = try s.flip(0.999_999_999) ? 1 : 2
      return try descend(s, depth + step) + depth
    }
    expectLimit(method) { s in try descend(s, 0) }
  }

  /// A loop that nearly always goes on: likely-first follows it down, and must give up in time.
  @Test func enumerationOfALongTailIsBounded() throws {
    let result = try infer(.enumeration(maximumExecutions: 20_000)) { s -> Int in
      var count = 0
      while try s.flip(0.999) { count += 1 }
      return min(count, 3)
    }
    // What was found is 1 − 0.999ⁿ of the mass for some n; the rest must be owned up to.
    #expect(result.diagnostics.missedPriorMass > 0.3)
    #expect(!result.diagnostics.warnings.isEmpty)
    let bound = try #require(result.diagnostics.missedPosteriorBound)
    #expect(bound >= result.diagnostics.missedPriorMass - 1e-12)
    #expect(abs(result.probability(of: 0) - 0.001 / (1 - result.diagnostics.missedPriorMass)) < 1e-9)
  }

  /// A factor above 0 makes the prior's missed mass say nothing about the posterior's.
  @Test func noBoundIsGivenWhereThereIsNone() throws {
    let result = try infer(.enumeration(order: .likelyFirst, maximumExecutions: 50)) { s -> Int in
      var count = 0
      while try s.flip(0.9) { count += 1 }
      try s.factor(Double(count))
      return count
    }
    #expect(result.diagnostics.missedPosteriorBound == nil)
    #expect(result.diagnostics.missedPriorMass > 0)
  }

  static let gradientMethods: [@Sendable (@escaping DifferentiableModel<Double>) throws -> Void] = [
    { _ = try HamiltonianMonteCarlo(samples: 10, warmup: 10, chains: 2).run($0) },
    { _ = try VariationalInference(iterations: 10, samples: 10).run($0) },
  ]

  @Test(arguments: gradientMethods.indices)
  func gradientMethodsEndToo(method: Int) {
    let run = Self.gradientMethods[method]
    let endless = #expect(throws: InferenceError.self) {
      try run { s in while true { _ = try s.sample(Gaussian(mean: 0, standardDeviation: 1)) } }
    }
    #expect(endless?.kind == .limit)
    for score in [-Double.infinity, .nan, .infinity] {
      let error = #expect(throws: InferenceError.self) {
        try run { s in
          let x = try s.sample(Gaussian(mean: 0, standardDeviation: 1))
          s.factor(Dual(score))
          return x.value
        }
      }
      #expect(error?.kind == .badScore, "\(score)")
    }
  }

  @Test func settingsThatMakeNoSenseAreErrors() {
    let model: Model<Bool> = { try $0.flip() }
    let methods: [any InferenceMethod] = [
      ImportanceSampling(samples: 0), SequentialMonteCarlo(particles: 0),
      SequentialMonteCarlo(rejuvenationSteps: -1), MetropolisHastings(samples: 0),
      MetropolisHastings(stride: 0), ParallelTempering(samples: 0),
      Enumeration(maximumExecutions: 0), Enumeration(maximumChoices: 0),
    ]
    for method in methods {
      let error = #expect(throws: InferenceError.self) { try method.infer(model) }
      #expect(error?.kind == .badSetting)
    }
  }
}
