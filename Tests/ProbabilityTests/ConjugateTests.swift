import Foundation
import Probability
import Testing

/// Every method that takes continuous choices against posteriors in closed form.
///
/// Tolerances are at least four standard errors of the estimate.
@Suite struct ConjugateTests {
  /// A model with its parameter's exact posterior mean and deviation, and its exact evidence.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let mean: Double
    let deviation: Double
    let logEvidence: Double
    let model: Model<Double>
    let differentiable: DifferentiableModel<Double>
  }

  static let cases: [Case] = [betaBinomial, gammaPoisson, normal, dirichletMultinomial]

  /// p ~ Beta(2, 3), 7 successes of 10: posterior Beta(9, 6).
  static let betaBinomial = Case(
    testDescription: "beta–binomial", mean: 0.6, deviation: (9.0 * 6 / (225 * 16)).squareRoot(),
    logEvidence: log(120) + lbeta(9, 6) - lbeta(2, 3),
    model: { s in
      let p = try s.sample(Beta(2, 3))
      try s.observe(Binomial(trials: 10, p: p), 7)
      return p
    },
    differentiable: { s in
      let p = try s.sample(Beta(2, 3))
      try s.observe(Binomial(trials: 10, p: p), 7)
      return p.value
    })

  /// λ ~ Gamma(3, scale ½), counts 2, 5, 3: posterior Gamma(13, scale 1/5).
  static let gammaPoisson = Case(
    testDescription: "gamma–Poisson", mean: 2.6, deviation: 13.0.squareRoot() / 5,
    logEvidence: gammaPoissonEvidence,
    model: { s in
      let rate = try s.sample(Gamma(shape: 3, scale: 0.5))
      for count in [2, 5, 3] { try s.observe(Poisson(rate: rate), count) }
      return rate
    },
    differentiable: { s in
      let rate = try s.sample(Gamma(shape: 3, scale: 0.5))
      for count in [2, 5, 3] { try s.observe(Poisson(rate: rate), count) }
      return rate.value
    })

  /// μ ~ N(1, 2), three observations with deviation 1: precision ¼ + 3.
  static let normal = Case(
    testDescription: "normal", mean: (0.25 + 3.7) / 3.25, deviation: (1 / 3.25).squareRoot(),
    logEvidence: normalEvidence,
    model: { s in
      let mean = try s.sample(Gaussian(mean: 1, standardDeviation: 2))
      for x in [1.2, 0.4, 2.1] { try s.observe(Gaussian(mean: mean, standardDeviation: 1), x) }
      return mean
    },
    differentiable: { s in
      let mean = try s.sample(Gaussian(mean: 1, standardDeviation: 2))
      for x in [1.2, 0.4, 2.1] { try s.observe(Gaussian(mean: mean, standardDeviation: 1), x) }
      return mean.value
    })

  /// p ~ Dirichlet(1, 2, 3), one count each of (4, 1, 1): the first component is Beta(5, 7)
  /// afterwards.
  static let dirichletMultinomial = Case(
    testDescription: "Dirichlet–multinomial", mean: 5.0 / 12,
    deviation: (35.0 / (144 * 13)).squareRoot(),
    logEvidence: dirichletEvidence,
    model: { s in
      let p = try s.sample(Dirichlet([1, 2, 3]))
      try s.factor(4 * log(p[0]) + log(p[1]) + log(p[2]))
      return p[0]
    },
    differentiable: { s in
      let p = try s.sample(Dirichlet([1, 2, 3]))
      s.factor(4 * Dual.log(p[0]) + Dual.log(p[1]) + Dual.log(p[2]))
      return p[0].value
    })

  /// log N(x; 1, I + 4·11ᵀ), with deviations 0.2, −0.6 and 1.1 from the prior mean.
  static var normalEvidence: Double {
    let squares: Double = 0.04 + 0.36 + 1.21 - 0.49 * 4 / 13
    return -1.5 * log(2 * Double.pi) - 0.5 * log(13.0) - 0.5 * squares
  }

  /// Beta functions of sums of counts.
  static var dirichletEvidence: Double {
    let total: Double = lgamma(6) - lgamma(12)
    let first: Double = lgamma(5) - lgamma(1)
    let others: Double = lgamma(3) - lgamma(2) + lgamma(4) - lgamma(3)
    return total + first + others
  }

  static var gammaPoissonEvidence: Double {
    let prior: Double = 3 * log(2.0) - lgamma(3)
    return prior + lgamma(13) - 13 * log(5.0) - log(1440.0)
  }

  static func lbeta(_ a: Double, _ b: Double) -> Double { lgamma(a) + lgamma(b) - lgamma(a + b) }

  @Test(arguments: cases, SamplingTests.methods.indices)
  func sampling(_ problem: Case, method: Int) throws {
    let estimate = try SamplingTests.methods[method].infer(problem.model)
    #expect(abs(estimate.mean - problem.mean) < 0.08 * problem.deviation)
    #expect(abs(estimate.standardDeviation / problem.deviation - 1) < 0.08)
    if let evidence = estimate.diagnostics.logEvidence {
      #expect(abs(evidence - problem.logEvidence) < 0.06)
    }
  }

  @Test(arguments: cases)
  func hamiltonian(_ problem: Case) throws {
    let chains = try HamiltonianMonteCarlo(samples: 2_000, seed: 1).run(problem.differentiable)
    let mean = chains.expectation { $0 }
    let variance = chains.expectation { ($0 - mean) * ($0 - mean) }
    #expect(abs(mean - problem.mean) < 0.1 * problem.deviation)
    #expect(abs(variance.squareRoot() / problem.deviation - 1) < 0.1)
    #expect(chains.splitRHat { $0 } < 1.01)
  }

  /// In one dimension the fit is near, and exact for the normal; its bound is below the evidence.
  @Test(arguments: cases)
  func variational(_ problem: Case) throws {
    let draws = try VariationalInference(samples: 10_000, seed: 2).run(problem.differentiable)
    #expect(abs(draws.expectation { $0 } - problem.mean) < 0.15 * problem.deviation)
    let bound = try #require(draws.diagnostics.logEvidence)
    #expect(bound < problem.logEvidence + 0.02)
    #expect(bound > problem.logEvidence - 0.1)
  }

  /// Correlated normals through `sample` of a vector: mean and covariance of the prior come back.
  @Test func vectorChoicesOfTheGradientMethods() throws {
    let chains = try HamiltonianMonteCarlo(samples: 3_000, seed: 3).run { s in
      try s.sample(MultivariateGaussian(mean: [1, -2], covariance: [[2, 0.8], [0.8, 1]]))
        .map(\.value)
    }
    #expect(abs(chains.expectation { $0[1] } + 2) < 0.08)
    #expect(abs(chains.expectation { ($0[0] - 1) * ($0[1] + 2) } - 0.8) < 0.15)
  }
}
