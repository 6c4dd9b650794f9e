import Foundation
import Probability
import Testing

/// Sampling methods against exact answers.
///
/// Tolerances are at least four standard errors.
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
  /// log N(x; 0, I + 4·11ᵀ).
  static var exactEvidence: Double {
    let squares = data.reduce(0) { $0 + $1 * $1 }
    return -1.5 * log(2 * .pi) - 0.5 * log(13) - 0.5 * (squares - 3.7 * 3.7 * 4 / 13)
  }

  static let methods: [any InferenceMethod] = [
    ImportanceSampling(samples: 40_000, seed: 3),
    SequentialMonteCarlo(particles: 16_000, seed: 4),
    SequentialMonteCarlo(particles: 6_000, rejuvenationSteps: 3, resamplingThreshold: 1, seed: 5),
    MetropolisHastings(samples: 60_000, burnIn: 500, chains: 2, seed: 6),
    ParallelTempering(samples: 30_000, stepsPerRound: 2, temperatures: 4, ladders: 2, seed: 7),
  ]

  /// A state in the middle of a hidden Markov model, given what was seen before *and* after it,
  /// against the product of forward and backward messages.
  @Test(arguments: methods.indices)
  func smoothingAgreesWithForwardBackward(method: Int) throws {
    let seen = [true, true, false, true, false, false]
    func emission(_ state: Bool, _ step: Int) -> Double { state == seen[step] ? 0.9 : 0.1 }
    func transition(_ from: Bool, _ to: Bool) -> Double { from == to ? 0.7 : 0.3 }
    var forward = [false: 0.5, true: 0.5]
    for step in 0...2 {
      let before = forward
      for state in [false, true] {
        forward[state] =
          emission(state, step)
          * [false, true].reduce(0) { $0 + before[$1, default: 0] * transition($1, state) }
      }
    }
    var backward = [false: 1.0, true: 1.0]
    for step in (3...5).reversed() {
      let after = backward
      for state in [false, true] {
        backward[state] = [false, true].reduce(0) {
          $0 + transition(state, $1) * emission($1, step) * after[$1, default: 0]
        }
      }
    }
    let both = [false, true].map { forward[$0, default: 0] * backward[$0, default: 0] }
    let model: Model<Bool> = { s in
      var state = try s.flip()
      var middle = false
      for step in seen.indices {
        state = try s.flip(state ? 0.7 : 0.3)
        try s.observe(Bernoulli(state ? 0.9 : 0.1), seen[step])
        if step == 2 { middle = state }
      }
      return middle
    }
    let exact = both[1] / (both[0] + both[1])
    #expect(abs(try enumerate(model).probability(of: true) - exact) < 1e-12)
    let estimate = try Self.methods[method].infer(model)
    #expect(abs(estimate.probability(of: true) - exact) < 0.03)
    if let evidence = estimate.diagnostics.logEvidence {
      #expect(abs(evidence - log(both[0] + both[1])) < 0.05)
    }
  }

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

  /// The same where executions are long, which is matched in another way.
  @Test func changingStructureOfLongExecutions() throws {
    let posterior = try MetropolisHastings(samples: 40_000, burnIn: 2_000, seed: 3).infer { s in
      let count = try s.flip() ? 140 : 100
      var heads = 0
      for _ in 0..<count { if try s.flip(0.3) { heads += 1 } }
      let before = heads
      for _ in 0..<20 { if try s.flip(0.9) { heads += 1 } }
      return [count, before, heads]
    }
    // Nothing was observed, so the prior must come back, after whatever was reused.
    let long = posterior.map { $0[0] == 140 }
    #expect(abs(long.probability(of: true) - 0.5) < 0.08)
    for (count, holds) in [(140, true), (100, false)] {
      let part = try #require(posterior.conditioned { ($0[0] == 140) == holds })
      #expect(abs(part.expectation { Double($0[1]) } - 0.3 * Double(count)) < 1.5)
      #expect(abs(part.expectation { Double($0[2] - $0[1]) } - 18) < 0.6)
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

  @Test func sameSeedSameResultOnAnyNumberOfCores() throws {
    for method in Self.methods {
      let first = try method.infer(Self.conjugate)
      let second = try method.infer(Self.conjugate)
      #expect(first.values == second.values)
      #expect(first.probabilities == second.probabilities)
    }
    // The same on one core, on three, and on more than there are.
    let methods: [any InferenceMethod] = [
      ImportanceSampling(samples: 5_000, seed: 3),
      SequentialMonteCarlo(particles: 500, rejuvenationSteps: 2, resamplingThreshold: 1, seed: 5),
      MetropolisHastings(samples: 500, chains: 5, seed: 6),
      ParallelTempering(samples: 200, temperatures: 3, ladders: 5, seed: 7),
    ]
    for method in methods {
      let results = try [1, 3, 64].map { cores in
        try Parallelism.$maximumCores.withValue(cores) { try method.infer(Self.conjugate) }
      }
      for result in results {
        #expect(result.values == results[0].values)
        #expect(result.probabilities == results[0].probabilities)
        #expect(result.diagnostics == results[0].diagnostics)
      }
    }
    let trajectories = try [1, 4].map { cores in
      try Parallelism.$maximumCores.withValue(cores) {
        try HamiltonianMonteCarlo(samples: 50, warmup: 50, chains: 4, seed: 8).run { s in
          let x = try s.sample(Gaussian(mean: 0, standardDeviation: 1))
          try s.observe(Gaussian(mean: x, standardDeviation: 1), 2)
          return x.value
        }.draws
      }
    }
    #expect(trajectories[0] == trajectories[1])
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
