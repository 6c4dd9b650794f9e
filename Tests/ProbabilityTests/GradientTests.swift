import Foundation
import Probability
import Testing

/// Derivatives, Hamiltonian Monte Carlo and variational inference.
@Suite struct GradientTests {
  /// Every differentiable density's slope against a central difference.
  @Test func dualDerivativesAgreeWithDifferences() {
    func check(
      _ name: String, _ x: Double, _ dual: (Dual) -> Dual, _ plain: (Double) -> Double
    ) {
      var argument = Dual(x)
      argument.derivatives[3] = 1
      let result = dual(argument)
      let h = 1e-5 * max(1, abs(x))
      let difference = (plain(x + h) - plain(x - h)) / (2 * h)
      #expect(result.value == plain(x), "\(name)")
      #expect(
        abs(result.derivatives[3] - difference) < 1e-6 * max(1, abs(difference)),
        "\(name) at \(x): \(result.derivatives[3]) against \(difference)")
      #expect(result.derivatives[0] == 0)
    }
    for x in [0.2, 0.7] {
      // In the value.
      check(
        "normal", x, { Gaussian(mean: 1, standardDeviation: 2).logDensity(at: $0) },
        { Gaussian(mean: 1, standardDeviation: 2).logDensity(at: $0) })
      check(
        "log-normal", x, { LogNormal(location: 1, scale: 2).logDensity(at: $0) },
        { LogNormal(location: 1, scale: 2).logDensity(at: $0) })
      check("beta", x, { Beta(2, 3.5).logDensity(at: $0) }, { Beta(2, 3.5).logDensity(at: $0) })
      check(
        "Cauchy", x, { Cauchy(location: 1, scale: 2).logDensity(at: $0) },
        { Cauchy(location: 1, scale: 2).logDensity(at: $0) })
      check(
        "Laplace", x, { Laplace(location: 1, scale: 2).logDensity(at: $0) },
        { Laplace(location: 1, scale: 2).logDensity(at: $0) })
      check(
        "logit-normal", x,
        { LogitNormal(location: 1, scale: 2, lower: -1, upper: 2).logDensity(at: $0) },
        { LogitNormal(location: 1, scale: 2, lower: -1, upper: 2).logDensity(at: $0) })
      // In a parameter: log-gamma's slope is the digamma function.
      check(
        "gamma's shape", x, { Gamma(shape: $0, scale: 2).logDensity(at: 0.4) },
        { Gamma(shape: $0, scale: 2).logDensity(at: 0.4) })
      check(
        "t's freedom", x,
        {
          StudentT(degreesOfFreedom: $0, location: 0, scale: 1)
            .logDensity(at: 0.4)
        },
        { StudentT(degreesOfFreedom: $0, location: 0, scale: 1).logDensity(at: 0.4) })
      check(
        "binomial's p", x, { Binomial(trials: 7, p: $0).logDensity(at: 3) },
        { Binomial(trials: 7, p: $0).logDensity(at: 3) })
      check(
        "Poisson's rate", x, { Poisson(rate: $0).logDensity(at: 3) },
        { Poisson(rate: $0).logDensity(at: 3) })
      check(
        "functions", x, { Dual.sin($0) * Dual.tanh($0) / Dual.sqrt(1 + $0) - Dual.cos($0) },
        { sin($0) * tanh($0) / (1 + $0).squareRoot() - cos($0) })
    }
  }

  static let xs = [0.0, 1, 2, 3, 4]
  static let ys = [0.9, 3.2, 4.8, 7.1, 9.2]

  /// Linear regression with known noise, whose posterior is a closed form.
  static let regression: DifferentiableModel<[Double]> = { s in
    let a = try s.sample(Gaussian(mean: 0, standardDeviation: 10))
    let b = try s.sample(Gaussian(mean: 0, standardDeviation: 10))
    for (x, y) in zip(xs, ys) { try s.observe(Gaussian(mean: a + b * x, standardDeviation: 1), y) }
    return [a.value, b.value]
  }

  /// (XᵀX + I/100)⁻¹ and its product with Xᵀy.
  static var exact: (mean: [Double], covariance: [[Double]]) {
    let n = 5.01
    let sx = 10.0
    let sxx = 30.01
    let determinant = n * sxx - sx * sx
    let sy = ys.reduce(0, +)
    let sxy = zip(xs, ys).reduce(0) { $0 + $1.0 * $1.1 }
    return (
      [(sxx * sy - sx * sxy) / determinant, (n * sxy - sx * sy) / determinant],
      [[sxx / determinant, -sx / determinant], [-sx / determinant, n / determinant]]
    )
  }

  @Test func hamiltonianRegression() throws {
    let chains = try HamiltonianMonteCarlo(samples: 2_000, seed: 1).run(Self.regression)
    for k in 0...1 {
      #expect(abs(chains.expectation { $0[k] } - Self.exact.mean[k]) < 0.05)
      let mean = chains.expectation { $0[k] }
      let variance = chains.expectation { ($0[k] - mean) * ($0[k] - mean) }
      #expect(abs(variance / Self.exact.covariance[k][k] - 1) < 0.12)
      #expect(chains.splitRHat { $0[k] } < 1.01)
      #expect(chains.effectiveSampleSize { $0[k] } > 1_000)
    }
    #expect(chains.diagnostics.divergences == 0)
  }

  /// Scales that differ ten-thousandfold mix alike, at the acceptance that was asked for.
  @Test func warmupFitsTheScalesAndTheAcceptance() throws {
    let model: DifferentiableModel<[Double]> = { s in
      let small = try s.sample(Gaussian(mean: 0, standardDeviation: 1))
      let large = try s.sample(Gaussian(mean: 0, standardDeviation: 1_000))
      try s.observe(Gaussian(mean: small, standardDeviation: 0.1), 1)
      return [small.value, large.value]
    }
    var work: [Int] = []
    for target in [0.6, 0.95] {
      let chains = try HamiltonianMonteCarlo(
        samples: 1_000, warmup: 600, chains: 4, targetAcceptance: target, seed: 5
      ).run(model)
      let rate = try #require(chains.diagnostics.acceptanceRate)
      // With two coordinates there is more acceptance than asked for, as in Stan: the average of the
      // steps tried while warming up is shorter than the step that would just do.
      #expect(rate > target - 0.03 && rate < target + 0.2, "\(rate) for \(target)")
      for k in 0...1 { #expect(chains.effectiveSampleSize { $0[k] } > 800) }
      let spread = chains.expectation { $0[1] * $0[1] }.squareRoot()
      #expect(abs(spread / 1_000 - 1) < 0.1)
      work.append(chains.diagnostics.executions)
    }
    // More acceptance costs smaller and so more steps.
    #expect(work[1] > work[0])
    let cold = try HamiltonianMonteCarlo(samples: 1_000, warmup: 0, chains: 4, seed: 5).run(model)
    #expect(cold.diagnostics.executions > 3 * work[0], "without warm-up trajectories are long")
  }

  /// Trajectories end where they turn around, long before the tree's greatest depth.
  @Test func trajectoriesStopAtTheirTurn() throws {
    func steps(_ depth: Int) throws -> Double {
      let chains = try HamiltonianMonteCarlo(
        samples: 500, warmup: 300, chains: 2, maximumTreeDepth: depth, seed: 6
      ).run { s in try s.sample(Gaussian(mean: 0, standardDeviation: 1)).value }
      return Double(chains.diagnostics.executions) / 1_600
    }
    let (shallow, deep) = (try steps(6), try steps(12))
    #expect(deep < 20, "\(deep)")
    #expect(abs(deep / shallow - 1) < 0.5)
  }

  @Test func boundedChoicesKeepTheirDistribution() throws {
    // No evidence: draws must follow the prior through the changes of variables.
    let chains = try HamiltonianMonteCarlo(samples: 4_000, seed: 2).run { s in
      let a = try s.sample(Beta(2, 5))
      let b = try s.sample(Gamma(shape: 3, scale: 0.5))
      let c = try s.sample(Uniform(-1, 4))
      return [a.value, b.value, c.value]
    }
    #expect(abs(chains.expectation { $0[0] } - 2.0 / 7) < 0.01)
    #expect(abs(chains.expectation { $0[1] } - 1.5) < 0.06)
    #expect(abs(chains.expectation { $0[2] } - 1.5) < 0.1)
    #expect(abs(chains.expectation { ($0[2] - 1.5) * ($0[2] - 1.5) } - 25.0 / 12) < 0.15)
  }

  /// Eight coordinates fill one pass; ten take two.
  @Test func moreCoordinatesThanOnePassCarries() throws {
    let chains = try HamiltonianMonteCarlo(samples: 2_000, seed: 3).run { s in
      var values: [Double] = []
      for index in 0..<10 {
        let x = try s.sample(Gaussian(mean: 0, standardDeviation: 1))
        try s.observe(Gaussian(mean: x, standardDeviation: 1), Double(index))
        values.append(x.value)
      }
      return values
    }
    for index in 0..<10 {
      #expect(abs(chains.expectation { $0[index] } - Double(index) / 2) < 0.06)
    }
  }

  @Test func variationalInferenceFitsWhatIsIndependent() throws {
    // Independent conjugate normals: mean-field is exact, and the bound is the evidence.
    let model: DifferentiableModel<[Double]> = { s in
      let a = try s.sample(Gaussian(mean: 0, standardDeviation: 2))
      let b = try s.sample(Gaussian(mean: 1, standardDeviation: 1))
      try s.observe(Gaussian(mean: a, standardDeviation: 1), 3)
      try s.observe(Gaussian(mean: b, standardDeviation: 0.5), -1)
      return [a.value, b.value]
    }
    let draws = try VariationalInference(seed: 4).run(model)
    #expect(abs(draws.expectation { $0[0] } - 2.4) < 0.06)
    #expect(abs(draws.expectation { $0[1] } + 0.6) < 0.06)
    let spread = draws.expectation { ($0[0] - 2.4) * ($0[0] - 2.4) }
    #expect(abs(spread - 0.8) < 0.1)
    let evidence =
      Gaussian(mean: 0, standardDeviation: 5.0.squareRoot()).logDensity(at: 3)
      + Gaussian(mean: 1, standardDeviation: 1.25.squareRoot()).logDensity(at: -1)
    let bound = try #require(draws.diagnostics.logEvidence)
    #expect(bound < evidence + 0.02)
    #expect(bound > evidence - 0.05)
  }

  @Test func modelsThatCannotBeDifferentiatedAreErrors() {
    let changing = #expect(throws: InferenceError.self) {
      try HamiltonianMonteCarlo(samples: 200, chains: 1).run { s in
        let a = try s.sample(Gaussian(mean: 0, standardDeviation: 1))
        if a > 0 { _ = try s.sample(Gaussian(mean: 0, standardDeviation: 1)) }
        return a.value
      }
    }
    #expect(changing?.kind == .unsupportedChoice)
    let undefined = #expect(throws: InferenceError.self) {
      try HamiltonianMonteCarlo(samples: 10, chains: 1).run { s in
        let a = try s.sample(Gaussian(mean: 0, standardDeviation: 1))
        s.factor(Dual.log(a - 1_000))
        return a.value
      }
    }
    #expect(undefined?.kind == .badScore)
  }
}
