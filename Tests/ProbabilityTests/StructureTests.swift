import Foundation
import Probability
import Testing

/// Models whose number of choices, of observations, or of both is random, by every method.
///
/// The truth is summed path by path in Python (`Fixtures/make_posteriors.py`).
@Suite struct StructureTests {
  struct Truth: Decodable {
    var model: String
    var probabilities: [String: Double]
    var logEvidence: Double
  }

  static func truth(_ model: String) throws -> Truth {
    try #require(
      try DistributionTests.load([Truth].self, "structures.json").first { $0.model == model })
  }

  static let models: [String: Model<Int>] = [
    "choices_change": { s in
      let count = try s.sample(UniformInteger(1...4))
      var sum = 0
      for _ in 0..<count { sum += try s.sample(UniformInteger(0...2)) }
      if try s.flip() { sum += try s.sample(UniformInteger(0...1)) }
      try s.factor(-abs(Double(sum) - 4))
      return sum * 10 + count
    },
    "observations_change": { s in
      let count = try s.sample(UniformInteger(0...3))
      try s.observe(Bernoulli(0.6), true)
      for index in 0..<count { try s.observe(Bernoulli([0.9, 0.5, 0.8][index]), true) }
      return count
    },
    "short_or_long": { s in
      let isShort = try s.flip(0.1)
      try s.factor(-0.3)
      if isShort { return 1 }
      let bias = try s.sample(Categorical([0.3, 0.6, 0.9]))
      for seen in [true, true, false, true] { try s.observe(Bernoulli(bias), seen) }
      return 0
    },
    "rounds": { s in
      var length = 0
      var ones = 0
      while length < 6, try s.flip(0.6) {
        let one = try s.flip(0.3)
        try s.factor(log(one == (length % 2 == 1) ? 0.9 : 0.35))
        ones += one ? 1 : 0
        length += 1
      }
      try s.factor(log(0.2 + 0.1 * Double(length)))
      return length * 10 + ones
    },
    "tree": { s in
      @Sendable func grow(_ s: Sampler, _ depth: Int) throws -> (total: Int, leaves: Int) {
        if depth < 3, try s.flip() {
          let left = try grow(s, depth + 1)
          let right = try grow(s, depth + 1)
          return (left.total + right.total, left.leaves + right.leaves)
        }
        let number = try s.sample(UniformInteger(0...2))
        try s.factor(-0.5 * abs(Double(number) - 1.4))
        return (number, 1)
      }
      let (total, leaves) = try grow(s, 0)
      try s.factor(-0.2 * abs(Double(total) - 5))
      return min(total, 9) * 100 + leaves
    },
    "ruled_out": { s in
      try s.factor(log(0.25))
      guard try s.flip(0.7) else { return 0 }
      let a = try s.sample(UniformInteger(0...3))
      try s.factor(log(0.5) * Double(a))
      let b = try s.sample(UniformInteger(0...3))
      try s.condition(a != b)
      return 1 + a
    },
  ]

  static let methods: [String: any InferenceMethod] = [
    "enumeration": Enumeration(), "depth-first": Enumeration(order: .depthFirst),
    "breadth-first": Enumeration(order: .breadthFirst),
    "likely-first": Enumeration(order: .likelyFirst),
    "importance": ImportanceSampling(samples: 40_000, seed: 1),
    "MH": MetropolisHastings(samples: 60_000, burnIn: 500, chains: 2, seed: 2),
    "tempering": ParallelTempering(
      samples: 15_000, stepsPerRound: 3, temperatures: 4, ladders: 2, seed: 3),
    "SMC": SequentialMonteCarlo(particles: 6_000, seed: 4),
    "SMC, resampled at every factor": SequentialMonteCarlo(
      particles: 6_000, resamplingThreshold: 1, seed: 5),
    "SMC, 1 step": SequentialMonteCarlo(
      particles: 4_000, rejuvenationSteps: 1, resamplingThreshold: 1, seed: 6),
    "SMC, 5 steps": SequentialMonteCarlo(
      particles: 3_000, rejuvenationSteps: 5, resamplingThreshold: 1, seed: 7),
    "SMC, 20 steps": SequentialMonteCarlo(
      particles: 2_000, rejuvenationSteps: 20, resamplingThreshold: 1, seed: 8),
    "SMC, 5 steps, resampled now and then": SequentialMonteCarlo(
      particles: 4_000, rejuvenationSteps: 5, resamplingThreshold: 0.9, seed: 9),
  ]

  @Test(arguments: methods.keys.sorted(), models.keys.sorted())
  func everyMethodFindsThePosterior(method: String, model: String) throws {
    let truth = try Self.truth(model)
    let program = try #require(Self.models[model])
    let estimate = try #require(Self.methods[method]).infer(program)
    let isExact = method == "enumeration" || method.hasSuffix("-first")
    var distance = 0.0
    for (value, probability) in truth.probabilities {
      distance += abs(probability - estimate.probability(of: try #require(Int(value)))) / 2
    }
    #expect(distance < (isExact ? 1e-12 : model == "tree" ? 0.07 : 0.035), "total variation \(distance)")
    #expect(estimate.values.allSatisfy { truth.probabilities["\($0)"] != nil })
    // Stepping stones give the evidence given that conditions hold, which is not the same.
    if let evidence = estimate.diagnostics.logEvidence,
      !(method == "tempering" && model == "ruled_out")
    {
      #expect(abs(evidence - truth.logEvidence) < (isExact ? 1e-12 : 0.05), "evidence \(evidence)")
    }
  }

  /// A hidden chain that is observed in one of its states only, by steps and by paths.
  @Test func stepsWhoseObservationsChange() throws {
    let truth = try Self.truth("seen_in_one_state")
    let seen = [true, false, true, true]
    let model = SequentialModel<Int>(
      steps: seen.count, initial: { try $0.flip() ? 1 : 0 },
      step: { s, state, index in
        let next = try s.flip(state == 1 ? 0.6 : 0.3) ? 1 : 0
        if next == 1 { try s.observe(Bernoulli(0.8), seen[index]) }
        return next
      })
    let exact = try infer(.enumeration(), model)
    #expect(abs(exact.probability(of: 1) - (truth.probabilities["1"] ?? 0)) < 1e-12)
    #expect(abs((exact.diagnostics.logEvidence ?? 0) - truth.logEvidence) < 1e-12)
    for estimate in [
      try SequentialMonteCarlo(particles: 20_000, resamplingThreshold: 1, seed: 1).infer(model),
      try SequentialMonteCarlo(
        particles: 3_000, rejuvenationSteps: 3, resamplingThreshold: 1, seed: 1
      ).infer(model.model),
    ] {
      #expect(abs(estimate.probability(of: 1) - (truth.probabilities["1"] ?? 0)) < 0.03)
      #expect(abs((estimate.diagnostics.logEvidence ?? 0) - truth.logEvidence) < 0.05)
    }
  }

  /// A real parameter with one observation more where it is positive: a density that jumps.
  @Test func gradientsWhereObservationsChange() throws {
    let truth = try Self.truth("real_observations_change")
    let chains = try HamiltonianMonteCarlo(samples: 4_000, seed: 1).run { s in
      let x = try s.sample(Gaussian(mean: 0, standardDeviation: 1))
      try s.observe(Gaussian(mean: x, standardDeviation: 1), 0.5)
      if x > 0 { try s.observe(Gaussian(mean: x, standardDeviation: 1), 2.0) }
      return x.value
    }
    let positive = chains.expectation { $0 > 0 ? 1 : 0 }
    #expect(abs(positive - (truth.probabilities["positive"] ?? 0)) < 0.025)
    #expect(abs(chains.expectation { $0 } - (truth.probabilities["mean"] ?? 0)) < 0.05)
    let sampled = try infer(.metropolisHastings(samples: 100_000, seed: 1)) { s in
      let x = try s.sample(Gaussian(mean: 0, standardDeviation: 1))
      try s.observe(Gaussian(mean: x, standardDeviation: 1), 0.5)
      if x > 0 { try s.observe(Gaussian(mean: x, standardDeviation: 1), 2.0) }
      return x
    }
    #expect(abs(sampled.mean - (truth.probabilities["mean"] ?? 0)) < 0.04)
  }
}
