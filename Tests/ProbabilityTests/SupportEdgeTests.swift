import Foundation
import Probability
import RealModule
import Testing

/// Choices whose draws round to the edge of their support, where a density may be infinite.
@Suite struct SupportEdgeTests {
  /// Gamma(0.001, scale 1000) with a Poisson count of 0: half its draws are below the least Double.
  static let gamma: Model<Double> = { s in
    let rate = try s.sample(Gamma(shape: 0.001, scale: 1_000))
    try s.observe(Poisson(rate: rate), 0)
    return rate
  }
  /// The posterior is Gamma(0.001, scale 1000/1001).
  static let posterior = Gamma(shape: 0.001, scale: 1_000.0 / 1_001)

  @Test func noChainOfTinyGammasFreezes() throws {
    let chains = try MetropolisHastings(samples: 500, burnIn: 100, stride: 5, chains: 200, seed: 1)
      .run(Self.gamma)
    #expect(chains.draws.allSatisfy { Set($0).count > 1 })
    for level in [1e-250, 1e-100, 1e-3] {
      let share = chains.expectation { $0 <= level ? 1 : 0 }
      #expect(abs(share - Self.posterior.cumulative(at: level)) < 0.02, "P(rate ≤ \(level)) \(share)")
    }
  }

  @Test func noChainOfBetasNearTheirEndsFreezes() throws {
    let chains = try MetropolisHastings(samples: 500, burnIn: 100, chains: 1_000, seed: 2).run { s in
      let p = try s.sample(Beta(0.1, 0.1))
      try s.observe(Bernoulli(p), true)
      return p
    }
    #expect(chains.draws.allSatisfy { Set($0).count > 1 })
    #expect(abs(chains.expectation { $0 } - 1.1 / 1.2) < 0.005)
    // Beta(1.1, 0.1): its mass above 1/2.
    let above = Beta(1.1, 0.1).survival(at: 0.5)
    #expect(abs(chains.expectation { $0 > 0.5 ? 1 : 0 } - above) < 0.01)
  }

  @Test func noChainOfSparseDirichletsFreezes() throws {
    let chains = try MetropolisHastings(samples: 400, burnIn: 100, stride: 3, chains: 500, seed: 3)
      .run { s in
        let p = try s.sample(Dirichlet([0.1, 0.1, 0.1]))
        try s.observe(Categorical([0, 1, 2], weights: p), 1)
        return p
      }
    #expect(chains.draws.allSatisfy { Set($0).count > 1 })
    for (index, mean) in [0.1 / 1.3, 1.1 / 1.3, 0.1 / 1.3].enumerated() {
      #expect(abs(chains.expectation { $0[index] } - mean) < 0.01)
    }
  }

  @Test func noLadderFreezes() throws {
    let chains = try ParallelTempering(
      samples: 300, burnIn: 50, temperatures: 4, ladders: 100, seed: 4
    ).run(Self.gamma)
    #expect(chains.draws.allSatisfy { Set($0).count > 1 })
    let share = chains.expectation { $0 <= 1e-100 ? 1 : 0 }
    #expect(abs(share - Self.posterior.cumulative(at: 1e-100)) < 0.04)
    // The evidence is E exp(−rate) under the prior, (1 + 1000)^−0.001.
    let evidence = try #require(chains.diagnostics.logEvidence)
    #expect(abs(evidence + 0.001 * log(1_001)) < 0.002)
  }

  /// Particles that rejuvenation moves, against the same closed forms.
  @Test func rejuvenatedParticlesMove() throws {
    let result = try SequentialMonteCarlo(
      particles: 3_000, rejuvenationSteps: 10, resamplingThreshold: 1, seed: 5
    ).infer(Self.gamma)
    #expect(abs(result.probability { $0 <= 1e-100 } - Self.posterior.cumulative(at: 1e-100)) < 0.04)
    #expect(abs((result.diagnostics.logEvidence ?? 0) + 0.001 * log(1_001)) < 0.002)
  }

  /// Trajectories go where the choice itself has no Double left: half the mass of the first model.
  @Test func trajectoriesReachTheEdge() throws {
    let chains = try HamiltonianMonteCarlo(samples: 3_000, warmup: 1_000, seed: 6).run { s in
      let rate = try s.sample(Gamma(shape: 0.001, scale: 1_000))
      try s.observe(Poisson(rate: rate), 0)
      return rate.value
    }
    for level in [1e-300, 1e-100] {
      let share = chains.expectation { $0 <= level ? 1 : 0 }
      #expect(abs(share - Self.posterior.cumulative(at: level)) < 0.06, "P(rate ≤ \(level)) \(share)")
    }
    let probabilities = try HamiltonianMonteCarlo(samples: 4_000, warmup: 1_000, seed: 7).run { s in
      let p = try s.sample(Beta(0.1, 0.1))
      try s.observe(Bernoulli(p), true)
      return p.value
    }
    #expect(probabilities.diagnostics.divergences == 0)
    #expect(abs(probabilities.expectation { $0 } - 1.1 / 1.2) < 0.015)
    let simplex = try HamiltonianMonteCarlo(samples: 4_000, warmup: 1_000, seed: 8).run { s in
      try s.sample(Dirichlet([0.1, 0.1, 0.1])).map(\.value)
    }
    for index in 0...2 { #expect(abs(simplex.expectation { $0[index] } - 1.0 / 3) < 0.04) }
  }

  /// Cut at the edge, mixed, and by logarithm: other choices whose draws round there.
  @Test(arguments: [
    Truncated(Gamma(shape: 0.001, scale: 1_000), to: 0...10) as any ContinuousDistribution,
    Mixture([Gamma(shape: 0.001, scale: 1_000), Gamma(shape: 2, scale: 1)]),
    LogNormal(location: -800, scale: 100), LogitNormal(location: 40, scale: 5, lower: 0, upper: 1),
  ])
  func otherChoicesAtTheirEdgeMove(_ distribution: any ContinuousDistribution) throws {
    func check<D: ContinuousDistribution>(_ d: D) throws {
      let chains = try MetropolisHastings(samples: 400, burnIn: 100, stride: 2, chains: 100, seed: 9)
        .run { s in [try s.sample(d), try s.flip() ? 1 : 0] }
      #expect(chains.draws.allSatisfy { Set($0).count > 1 }, "\(d)")
      let middle = d.quantile(0.7)
      let share = chains.expectation { $0[0] <= middle ? 1 : 0 }
      #expect(abs(share - d.cumulative(at: middle)) < 0.03, "\(d): \(share)")
    }
    try check(distribution)
  }

  /// Two choices that must agree can't change one at a time: the chain stands still, and that is said.
  @Test func aChainThatNeverMovesIsReported() throws {
    let stuck: Model<Bool> = { s in
      let first = try s.flip()
      try s.condition(try s.flip() == first)
      return first
    }
    for method: any InferenceMethod in [
      MetropolisHastings(samples: 500, seed: 1), MetropolisHastings(samples: 500, chains: 4, seed: 2),
      SequentialMonteCarlo(particles: 50, rejuvenationSteps: 2, resamplingThreshold: 1, seed: 3),
    ] {
      let diagnostics = try method.infer(stuck).diagnostics
      #expect(diagnostics.acceptedMoves == 0)
      #expect(diagnostics.warnings.contains { $0.contains("never moved") })
    }
    let alone = try MetropolisHastings(samples: 500, seed: 1).infer(stuck).diagnostics
    #expect(alone.splitRHat == nil && alone.effectiveSampleSize == nil)
    #expect((alone.acceptanceRate ?? 0) > 0.3, "choices redrawn as they were are accepted")
    for method: any InferenceMethod in [
      MetropolisHastings(samples: 500, seed: 1), ParallelTempering(samples: 500, seed: 2),
      SequentialMonteCarlo(particles: 50, rejuvenationSteps: 2, resamplingThreshold: 1, seed: 3),
    ] {
      let diagnostics = try method.infer(SamplingTests.discrete).diagnostics
      #expect((diagnostics.acceptedMoves ?? 0) > 20)
      #expect(diagnostics.warnings.isEmpty)
    }
  }
}
