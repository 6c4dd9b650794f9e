import Foundation
import Probability
import Testing

/// Simulation-based calibration (Talts and others 2018) of every method.
///
/// Parameter from the prior, data from the parameter, draws from the posterior: the rank of the
/// parameter among its draws must be uniform. A wrong acceptance ratio, a lost Jacobian or a biased
/// resampling shows as a slope or a hump in the ranks.
@Suite struct CalibrationTests {
  static let rounds = 400
  static let bins = 8

  /// Pearson's statistic of ranks over equal bins; seven degrees of freedom, 30 is 1e-4.
  private func statistic(_ ranks: [Double]) -> Double {
    var counts = Array(repeating: 0.0, count: Self.bins)
    for rank in ranks { counts[min(Int(rank * Double(Self.bins)), Self.bins - 1)] += 1 }
    let expected = Double(ranks.count) / Double(Self.bins)
    return counts.reduce(0) { $0 + ($1 - expected) * ($1 - expected) / expected }
  }

  /// The rank, in [0, 1], of the truth in a weighted posterior, ties broken at random.
  private func rank(
    _ truth: Double, in posterior: Distribution<Double>, _ random: inout RandomSource
  ) -> Double {
    let below = posterior.probability(where: { $0 < truth })
    return below + random.uniform() * posterior.probability(of: truth)
  }

  /// θ ~ N(1, 2), scale σ ~ Gamma, three observations: the rank of θ.
  private func ranks(
    _ posterior: @Sendable ([Double], UInt64) throws -> Distribution<Double>
  ) throws -> [Double] {
    var random = RandomSource(seed: 77)
    return try (0..<Self.rounds).map { round in
      let theta = Gaussian(mean: 1, standardDeviation: 2).draw(using: &random)
      let sigma = Gamma(shape: 3, scale: 0.5).draw(using: &random)
      let data = (0..<3).map { _ in
        Gaussian(mean: theta, standardDeviation: sigma).draw(using: &random)
      }
      return rank(theta, in: try posterior(data, UInt64(round)), &random)
    }
  }

  private static func model(_ data: [Double]) -> Model<Double> {
    { s in
      let theta = try s.sample(Gaussian(mean: 1, standardDeviation: 2))
      let sigma = try s.sample(Gamma(shape: 3, scale: 0.5))
      for x in data { try s.observe(Gaussian(mean: theta, standardDeviation: sigma), x) }
      return theta
    }
  }

  private static func differentiable(_ data: [Double]) -> DifferentiableModel<Double> {
    { s in
      let theta = try s.sample(Gaussian(mean: 1, standardDeviation: 2))
      let sigma = try s.sample(Gamma(shape: 3, scale: 0.5))
      for x in data { try s.observe(Gaussian(mean: theta, standardDeviation: sigma), x) }
      return theta.value
    }
  }

  @Test func importanceSampling() throws {
    let ranks = try ranks { data, seed in
      try ImportanceSampling(samples: 4_000, seed: seed).infer(Self.model(data))
    }
    #expect(statistic(ranks) < 30)
  }

  @Test func metropolisHastings() throws {
    let ranks = try ranks { data, seed in
      try MetropolisHastings(samples: 300, burnIn: 600, stride: 20, seed: seed)
        .infer(Self.model(data))
    }
    #expect(statistic(ranks) < 30)
  }

  @Test func sequentialMonteCarlo() throws {
    let ranks = try ranks { data, seed in
      try SequentialMonteCarlo(particles: 300, rejuvenationSteps: 3, seed: seed)
        .infer(Self.model(data))
    }
    #expect(statistic(ranks) < 30)
  }

  @Test func parallelTempering() throws {
    let ranks = try ranks { data, seed in
      try ParallelTempering(
        samples: 300, burnIn: 50, stepsPerRound: 8, temperatures: 4, ladders: 1, seed: seed
      ).infer(Self.model(data))
    }
    #expect(statistic(ranks) < 30)
  }

  @Test func hamiltonianMonteCarlo() throws {
    let ranks = try ranks { data, seed in
      try HamiltonianMonteCarlo(
        samples: 150, warmup: 150, chains: 1, targetAcceptance: 0.9, seed: seed
      ).infer(Self.differentiable(data))
    }
    #expect(statistic(ranks) < 30)
  }

  /// Mean-field normals are exact for one normal mean, so there calibration must hold.
  @Test func variationalInference() throws {
    var random = RandomSource(seed: 9)
    let ranks = try (0..<200).map { round -> Double in
      let theta = Gaussian(mean: 1, standardDeviation: 2).draw(using: &random)
      let x = Gaussian(mean: theta, standardDeviation: 1).draw(using: &random)
      let posterior = try VariationalInference(
        iterations: 1_000, samples: 400, seed: UInt64(round)
      ).infer { s in
        let theta = try s.sample(Gaussian(mean: 1, standardDeviation: 2))
        try s.observe(Gaussian(mean: theta, standardDeviation: 1), x)
        return theta.value
      }
      return rank(theta, in: posterior, &random)
    }
    #expect(statistic(ranks) < 30)
  }

  /// A model that goes in steps, its last state and the particles that only know states.
  @Test func sequentialMonteCarloBySteps() throws {
    var random = RandomSource(seed: 10)
    let ranks = try (0..<Self.rounds).map { round -> Double in
      var state = Gaussian(mean: 0, standardDeviation: 1).draw(using: &random)
      var seen: [Double] = []
      for _ in 0..<4 {
        state = Gaussian(mean: 0.8 * state, standardDeviation: 0.6).draw(using: &random)
        seen.append(Gaussian(mean: state, standardDeviation: 1).draw(using: &random))
      }
      let data = seen
      let posterior = try SequentialMonteCarlo(particles: 400, seed: UInt64(round)).infer(
        SequentialModel<Double>(
          steps: 4, initial: { try $0.sample(Gaussian(mean: 0, standardDeviation: 1)) },
          step: { s, state, index in
            let next = try s.sample(Gaussian(mean: 0.8 * state, standardDeviation: 0.6))
            try s.observe(Gaussian(mean: next, standardDeviation: 1), data[index])
            return next
          }))
      return rank(state, in: posterior, &random)
    }
    #expect(statistic(ranks) < 30)
  }

  /// A discrete model by enumeration: the exact posterior's ranks.
  @Test func enumeration() throws {
    var random = RandomSource(seed: 5)
    let ranks = try (0..<2_000).map { _ -> Double in
      let bias = UniformInteger(0...10).draw(using: &random)
      let heads = Binomial(trials: 6, p: Double(bias) / 10).draw(using: &random)
      let posterior = try enumerate { s in
        let bias = try s.sample(UniformInteger(0...10))
        try s.observe(Binomial(trials: 6, p: Double(bias) / 10), heads)
        return Double(bias)
      }
      return rank(Double(bias), in: posterior, &random)
    }
    #expect(statistic(ranks) < 30)
  }

  /// The check itself: a posterior that ignores its data must fail it.
  @Test func aWrongPosteriorIsFound() throws {
    let ranks = try ranks { data, seed in
      try ImportanceSampling(samples: 2_000, seed: seed).infer(Self.model(data.map { $0 + 0.7 }))
    }
    #expect(statistic(ranks) > 30)
  }
}
