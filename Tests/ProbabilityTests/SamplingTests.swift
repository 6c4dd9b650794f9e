import Foundation
import Probability
import Testing

/// Sampling methods against exact answers. Tolerances are at least four standard errors.
@Suite struct SamplingTests {
  /// Two discrete causes of one effect, and its exact posterior.
  static let discrete: Model<Int> = { s in
    let a = try s.sample(Categorical([0, 1, 2], weights: [0.5, 0.3, 0.2]))
    let b = try s.flip(0.4)
    try s.observe(Bernoulli([0.1, 0.6, 0.9][a]), b)
    try s.factor(b ? 0.3 : -0.2)
    return a * 2 + (b ? 1 : 0)
  }

  /// A conjugate normal model: posterior N(μ, σ²) with precision 1/4 + 3, mean Σx/(1/4 + 3).
  static let data = [1.2, 0.4, 2.1]
  static let conjugate: Model<Double> = { s in
    let mean = try s.sample(Gaussian(mean: 0, standardDeviation: 2))
    for x in data { try s.observe(Gaussian(mean: mean, standardDeviation: 1), x) }
    return mean
  }
  static let precision = 0.25 + 3
  static var exactMean: Double { 3.7 / precision }
  /// log N(x; 0, I + 4·11ᵀ)
  static var exactEvidence: Double {
    let squares = data.reduce(0) { $0 + $1 * $1 }
    return -1.5 * log(2 * .pi) - 0.5 * log(13) - 0.5 * (squares - 3.7 * 3.7 * 4 / 13)
  }

  static let methods: [any InferenceMethod] = [
    ImportanceSampling(samples: 40_000, seed: 3),
    SequentialMonteCarlo(particles: 16_000, seed: 4),
    SequentialMonteCarlo(particles: 6_000, rejuvenationSteps: 3, resamplingThreshold: 1, seed: 5),
    MetropolisHastings(samples: 60_000, burnIn: 500, chains: 2, seed: 6),
  ]

  @Test(arguments: methods.indices)
  func discretePosterior(method: Int) throws {
    let exact = try enumerate(Self.discrete)
    let estimate = try Self.methods[method].infer(Self.discrete)
    #expect(estimate.totalVariation(from: exact) < 0.015)
    if let evidence = estimate.diagnostics.logEvidence, let truth = exact.diagnostics.logEvidence {
      #expect(abs(evidence - truth) < 0.03)
    }
  }

  @Test(arguments: methods.indices)
  func conjugateNormal(method: Int) throws {
    let estimate = try Self.methods[method].infer(Self.conjugate)
    #expect(abs(estimate.mean - Self.exactMean) < 0.03)
    #expect(abs(estimate.variance - 1 / Self.precision) < 0.03)
    if let evidence = estimate.diagnostics.logEvidence {
      #expect(abs(evidence - Self.exactEvidence) < 0.04)
    }
  }

  /// The number of choices depends on a choice: reuse must be by location and occurrence.
  @Test func changingStructure() throws {
    let model: Model<Int> = { s in
      let count = try s.sample(UniformInteger(1...4))
      var sum = 0
      for _ in 0..<count { sum += try s.sample(UniformInteger(0...2)) }
      if try s.flip() { sum += try s.sample(UniformInteger(0...1)) }
      try s.factor(-abs(Double(sum) - 4))
      return sum * 10 + count
    }
    let exact = try enumerate(model)
    for method: any InferenceMethod in [
      MetropolisHastings(samples: 200_000, chains: 2, seed: 1),
      SequentialMonteCarlo(
        particles: 50_000, rejuvenationSteps: 4, resamplingThreshold: 1, seed: 2),
    ] {
      #expect(try method.infer(model).totalVariation(from: exact) < 0.02)
    }
  }

  @Test func sequentialModelsAgreeWithTheForwardPass() throws {
    let model = HiddenMarkov.model((0..<15).map { $0 % 3 != 1 })
    let exact = try infer(.enumeration(), model)
    let bySteps = try infer(.sequentialMonteCarlo(particles: 40_000, seed: 1), model)
    let byReplay = try infer(.sequentialMonteCarlo(particles: 4_000, seed: 1), model.model)
    for estimate in [bySteps, byReplay] {
      #expect(abs(estimate.probability(of: true) - exact.probability(of: true)) < 0.03)
      let evidence = try #require(estimate.diagnostics.logEvidence)
      #expect(abs(evidence - (exact.diagnostics.logEvidence ?? 0)) < 0.25)
    }
  }

  @Test func sameSeedSameResult() throws {
    for method in Self.methods {
      let first = try method.infer(Self.conjugate)
      let second = try method.infer(Self.conjugate)
      #expect(first.values == second.values)
      #expect(first.probabilities == second.probabilities)
    }
    let other = try ImportanceSampling(samples: 40_000, seed: 99).infer(Self.conjugate)
    #expect(try other.values != Self.methods[0].infer(Self.conjugate).values)
  }

  @Test(arguments: methods.indices)
  func impossibleEvidenceIsAnError(method: Int) {
    let error = #expect(throws: InferenceError.self) {
      try Self.methods[method].infer { s -> Bool in
        let x = try s.flip()
        try s.factor(-.infinity)
        return x
      }
    }
    #expect(error?.kind == .impossible)
  }

  @Test(arguments: methods.indices)
  func notANumberIsAnError(method: Int) {
    let error = #expect(throws: InferenceError.self) {
      try Self.methods[method].infer { s -> Bool in
        let x = try s.flip()
        try s.factor(0 / (x ? 0.0 : 0.0))
        return x
      }
    }
    #expect(error?.kind == .badScore)
  }
}
