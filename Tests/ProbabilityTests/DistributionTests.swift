import Foundation
import Probability
import TestSupport
import Testing

/// Densities, distribution functions, moments and draws against SciPy's values.
@Suite struct DistributionTests {
  struct Golden: Decodable {
    struct Scalar: Decodable {
      var distribution: String
      var parameters: [Double]
      var x: [Double]
      var logDensity: [Double]
      var cumulative: [Double]
      var mean: Double
      var variance: Double
      var survival: [Double]?
      var quantiles: [[Double]]?
    }
    struct Vector: Decodable {
      var distribution: String
      var trials: Int?
      var alpha: [Double]
      var covariance: [[Double]]?
      var x: [Double]
      var logDensity: Double
      var mean: [Double]?
      var moments: [[Double]]?
    }
    var scalar: [Scalar]
    var vector: [Vector]
  }
  struct Special: Decodable {
    struct Row: Decodable {
      var function: String
      var arguments: [Double]
      var value: Double
    }
    var rows: [Row]
  }

  static func load<T: Decodable>(_ type: T.Type, _ name: String) throws -> T {
    let folder = try Bundle.module.fixtures
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try decoder.decode(T.self, from: Data(contentsOf: folder.appending(path: name)))
  }

  static func continuous(_ name: String, _ p: [Double]) -> (any ContinuousDistribution)? {
    switch name {
    case "Gaussian": Gaussian(mean: p[0], standardDeviation: p[1])
    case "LogNormal": LogNormal(location: p[0], scale: p[1])
    case "LogitNormal": LogitNormal(location: p[0], scale: p[1], lower: p[2], upper: p[3])
    case "Beta": Beta(p[0], p[1])
    case "Gamma": Gamma(shape: p[0], scale: p[1])
    case "Exponential": Exponential(rate: p[0])
    case "Uniform": Uniform(p[0], p[1])
    case "Cauchy": Cauchy(location: p[0], scale: p[1])
    case "Laplace": Laplace(location: p[0], scale: p[1])
    case "StudentT": StudentT(degreesOfFreedom: p[0], location: p[1], scale: p[2])
    case "TruncatedGaussian":
      Truncated(Gaussian(mean: p[0], standardDeviation: p[1]), to: p[2]...p[3])
    case "TruncatedGamma": Truncated(Gamma(shape: p[0], scale: p[1]), to: p[2]...p[3])
    case "KernelDensity": KernelDensity(p)
    default: nil
    }
  }

  static func integer(
    _ name: String, _ p: [Double]
  ) -> (any DiscreteDistribution<Int>, mean: Double, variance: Double)? {
    switch name {
    case "Binomial":
      let d = Binomial(trials: Int(p[0]), p: p[1])
      return (d, d.mean, d.variance)
    case "Poisson":
      let d = Poisson(rate: p[0])
      return (d, d.mean, d.variance)
    case "Geometric":
      let d = Geometric(p[0])
      return (d, d.mean, d.variance)
    case "UniformInteger":
      let d = UniformInteger(Int(p[0])..<Int(p[1]))
      return (d, d.mean, d.variance)
    default: return nil
    }
  }

  /// Equal, or both NaN, or within an absolute and a relative tolerance.
  static func close(_ a: Double, _ b: Double, _ relative: Double, _ absolute: Double = 1e-12)
    -> Bool
  {
    if a == b || (a.isNaN && b.isNaN) { return true }
    return abs(a - b) <= absolute + relative * abs(b)
  }

  @Test func scalarDistributionsAgreeWithSciPy() throws {
    let golden = try Self.load(Golden.self, "distributions.json")
    var checked = 0
    for row in golden.scalar {
      let where_ = "\(row.distribution)(\(row.parameters))"
      if let d = Self.continuous(row.distribution, row.parameters) {
        for (x, (density, cumulative)) in zip(row.x, zip(row.logDensity, row.cumulative)) {
          let mine = d.logDensity(at: x)
          #expect(Self.close(mine, density, 1e-9, 1e-9), "\(where_) log p(\(x)): \(mine) \(density)")
          let f = d.cumulative(at: x)
          #expect(Self.close(f, cumulative, 1e-7, 1e-13), "\(where_) F(\(x)): \(f) \(cumulative)")
          checked += 1
        }
        // The upper tail is as exact as the lower one, not the rounding of 1 − F.
        for (x, survival) in zip(row.x, row.survival ?? []) {
          let f = d.survival(at: x)
          // Truncation subtracts masses, which leaves an absolute error.
          let absolute = row.distribution == "TruncatedGaussian" ? 1e-13 : 1e-300
          #expect(Self.close(f, survival, 2e-7, absolute), "\(where_) S(\(x)): \(f) \(survival)")
        }
        for pair in row.quantiles ?? [] {
          let x = d.quantile(pair[0])
          // Near a bound neighbouring numbers may be far apart in probability.
          let below = d.cumulative(at: x.nextDown) * (1 - 1e-6) - 1e-14
          let above = d.cumulative(at: x.nextUp) * (1 + 1e-6) + 1e-14
          #expect(below <= pair[0] && pair[0] <= above, "\(where_) Q(\(pair[0])) = \(x)")
        }
        #expect(Self.close(d.mean, row.mean, 1e-8), "\(where_) mean \(d.mean) \(row.mean)")
        #expect(
          Self.close(d.variance, row.variance, 1e-6),
          "\(where_) variance \(d.variance) \(row.variance)")
      } else if let (d, mean, variance) = Self.integer(row.distribution, row.parameters) {
        for (x, density) in zip(row.x, row.logDensity) {
          let mine = d.logDensity(at: Int(x))
          #expect(Self.close(mine, density, 1e-8, 1e-9), "\(where_) log p(\(x)): \(mine) \(density)")
          checked += 1
        }
        #expect(Self.close(mean, row.mean, 1e-10))
        #expect(Self.close(variance, row.variance, 1e-10))
      } else {
        let d = Bernoulli(row.parameters[0])
        #expect(row.distribution == "Bernoulli")
        #expect(Self.close(d.logDensity(at: false), row.logDensity[0], 1e-12))
        #expect(Self.close(d.logDensity(at: true), row.logDensity[1], 1e-12))
        checked += 2
      }
    }
    #expect(checked > 350)
  }

  @Test func vectorDistributionsAgreeWithSciPy() throws {
    let golden = try Self.load(Golden.self, "distributions.json")
    for row in golden.vector {
      let density: Double
      switch row.distribution {
      case "Dirichlet":
        let d = Dirichlet(row.alpha)
        density = d.logDensity(at: row.x)
        expectMoments(d.mean, d.covariance, row)
      case "Multinomial":
        let d = Multinomial(trials: row.trials ?? 0, weights: row.alpha)
        density = d.logDensity(at: row.x.map { Int($0) })
        expectMoments(d.mean, d.covariance, row)
      case "MultivariateBernoulli":
        density = MultivariateBernoulli(row.alpha).logDensity(at: row.x.map { $0 == 1 })
      case "LogisticNormal":
        density = LogisticNormal(
          means: row.alpha, standardDeviations: row.covariance?.first ?? []
        ).logDensity(at: row.x)
      default:
        density = MultivariateGaussian(mean: row.alpha, covariance: row.covariance ?? [])
          .logDensity(at: row.x)
      }
      #expect(Self.close(density, row.logDensity, 1e-9, 1e-8), "\(row.distribution) \(density)")
    }
  }

  private func expectMoments(_ mean: [Double], _ covariance: [[Double]], _ row: Golden.Vector) {
    for (mine, golden) in zip(mean, row.mean ?? []) { #expect(Self.close(mine, golden, 1e-10)) }
    #expect(covariance.count == row.moments?.count)
    for (mine, golden) in zip(covariance.joined(), (row.moments ?? []).joined()) {
      #expect(Self.close(mine, golden, 1e-10), "\(row.distribution) covariance")
    }
  }

  @Test func specialFunctionsAgreeWithSciPy() throws {
    for row in try Self.load(Special.self, "special.json").rows {
      let a = row.arguments
      let mine: Double
      switch row.function {
      case "digamma": mine = SpecialFunctions.digamma(a[0])
      case "trigamma": mine = SpecialFunctions.trigamma(a[0])
      case "gammaLower": mine = SpecialFunctions.incompleteGamma(shape: a[0], a[1]).lower
      case "gammaUpper": mine = SpecialFunctions.incompleteGamma(shape: a[0], a[1]).upper
      default: mine = SpecialFunctions.incompleteBeta(a[0], a[1], a[2])
      }
      #expect(
        Self.close(mine, row.value, 1e-9, 1e-13), "\(row.function)(\(a)): \(mine) \(row.value)")
    }
  }

  /// Draws against the distribution function: Kolmogorov's statistic, at a level of about 1e-6.
  @Test func continuousDrawsFollowTheirDistribution() throws {
    let golden = try Self.load(Golden.self, "distributions.json")
    for row in golden.scalar {
      guard let d = Self.continuous(row.distribution, row.parameters) else { continue }
      // A beta this sharp at the ends rounds to 0 and 1, where the statistic means nothing.
      if row.distribution == "Beta", row.parameters[1] < 1 { continue }
      var random = RandomSource(seed: 17)
      let count = 20_000
      let draws = (0..<count).map { _ in d.draw(using: &random) }.sorted()
      var statistic = 0.0
      for (index, x) in draws.enumerated() {
        let f = d.cumulative(at: x)
        statistic = max(
          statistic, abs(f - Double(index) / Double(count)),
          abs(f - Double(index + 1) / Double(count)))
      }
      #expect(
        statistic * Double(count).squareRoot() < 2.7, "\(row.distribution)(\(row.parameters))")
    }
  }

  /// Counts of draws against masses: Pearson's statistic.
  @Test func discreteDrawsFollowTheirDistribution() throws {
    let cases: [any DiscreteDistribution<Int>] = [
      Binomial(trials: 10, p: 0.3), Binomial(trials: 200, p: 0.4), Poisson(rate: 2),
      Poisson(rate: 60), Geometric(0.2), UniformInteger(-2...3),
      Categorical([5, 6, 7], weights: [0, 2, 1]),
    ]
    for d in cases {
      var random = RandomSource(seed: 5)
      let count = 40_000
      var counts: [Int: Int] = [:]
      for _ in 0..<count { counts[d.draw(using: &random), default: 0] += 1 }
      var statistic = 0.0
      var cells = 0
      for (value, seen) in counts {
        let expected = exp(d.logDensity(at: value)) * Double(count)
        #expect(expected > 0)
        if expected < 10 { continue }
        statistic += (Double(seen) - expected) * (Double(seen) - expected) / expected
        cells += 1
      }
      let freedom = Double(cells)
      #expect(statistic < freedom + 5 * (2 * freedom).squareRoot(), "\(d): \(statistic)")
    }
  }

  @Test func vectorChoicesFollowTheirDistribution() throws {
    // Mean and covariance of what a model draws, which goes by another path than `draw`.
    let gaussian = try infer(.importanceSampling(samples: 40_000, seed: 2)) { s in
      try s.sample(MultivariateGaussian(mean: [1, -2], covariance: [[2, 0.8], [0.8, 1]]))
    }
    #expect(abs(gaussian.expectation { $0[0] } - 1) < 0.04)
    #expect(abs(gaussian.expectation { ($0[0] - 1) * ($0[1] + 2) } - 0.8) < 0.05)
    let simplex = try infer(.importanceSampling(samples: 40_000, seed: 3)) { s in
      try s.sample(Dirichlet([1, 2, 5]))
    }
    #expect(abs(simplex.expectation { $0[1] } - 0.25) < 0.005)
    #expect(abs(simplex.variance { $0[2] } - 5.0 / 8 * 3 / 8 / 9) < 0.002)
    let ratios = try infer(.importanceSampling(samples: 40_000, seed: 4)) { s in
      try s.sample(LogisticNormal(means: [0.5, -1], standardDeviations: [0.3, 0.8]))
    }
    #expect(abs(ratios.expectation { log($0[0] / $0[2]) } - 0.5) < 0.01)
    #expect(abs(ratios.variance { log($0[1] / $0[2]) } - 0.64) < 0.03)
    let truths = try enumerate { s in try s.sample(MultivariateBernoulli([0.2, 0.7])) }
    #expect(abs(truths.probability(of: [false, true]) - 0.56) < 1e-12)
    let diagonal = MultivariateGaussian(mean: [1, 2], standardDeviations: [2, 3])
    #expect(diagonal.covariance == [[4, 0], [0, 9]])
    let counts = try enumerate { s in
      try s.sample(Multinomial(trials: 4, weights: [0.2, 0.3, 0.5]))
    }
    for (value, probability) in zip(counts.values, counts.probabilities) {
      let exact = Multinomial(trials: 4, weights: [0.2, 0.3, 0.5]).logDensity(at: value)
      #expect(abs(log(probability) - exact) < 1e-9)
    }
    #expect(counts.values.count == 15)
  }

  @Test func mixturesAddUp() {
    let mixture = Mixture(
      [Gaussian(mean: -2, standardDeviation: 1), Gaussian(mean: 3, standardDeviation: 0.5)],
      weights: [1, 3])
    let x = 2.2
    let expected =
      0.25 * exp(Gaussian(mean: -2, standardDeviation: 1).logDensity(at: x))
      + 0.75 * exp(Gaussian(mean: 3, standardDeviation: 0.5).logDensity(at: x))
    #expect(abs(exp(mixture.logDensity(at: x)) - expected) < 1e-12)
    #expect(abs(mixture.mean - 1.75) < 1e-12)
    #expect(abs(mixture.variance - (0.25 + 0.1875 + 0.25 * 14.0625 + 0.75 * 1.5625)) < 1e-12)
  }

  @Test func parametersOutOfRangeAreErrors() {
    let bad: [any ProbabilityDistribution] = [
      Bernoulli(-0.1), Bernoulli(.nan), Gaussian(mean: 0, standardDeviation: 0),
      Gaussian(mean: .infinity, standardDeviation: 1), Beta(0, 1), Gamma(shape: 1, scale: -1),
      Uniform(1, 1), Poisson(rate: -1), Binomial(trials: 3, p: 2), Geometric(0),
      UniformInteger(3..<3), Categorical<Int>([]), Categorical([1, 2], weights: [1]),
      Categorical([1, 2], weights: [1, -1]), Categorical([1, 2], weights: [0, 0]),
      Dirichlet([]), Dirichlet([1, 0]), Multinomial(trials: -1, weights: [1]),
      MultivariateGaussian(mean: [0, 0], covariance: [[1, 2], [2, 1]]),
      MultivariateGaussian(mean: [0], covariance: [[1, 2], [2, 1]]),
      Exponential(rate: 0), Cauchy(location: 0, scale: 0), Laplace(location: 0, scale: .nan),
      StudentT(degreesOfFreedom: 0, location: 0, scale: 1),
      LogNormal(location: .nan, scale: 1),
      LogitNormal(location: 0, scale: 1, lower: 1, upper: 0),
      Truncated(Uniform(0, 1), to: 2...3), Truncated(Exponential(rate: 1), to: -3 ... -1),
      Mixture<Gaussian<Double>>([]), MultivariateBernoulli([]), MultivariateBernoulli([0.5, 2]),
      LogisticNormal(means: [0], standardDeviations: []), KernelDensity([]), KernelDensity([1, 1]),
      LogisticNormal(means: [0], standardDeviations: [0]), KernelDensity([1, .nan]),
    ]
    for distribution in bad {
      let error = #expect(throws: ParameterError.self) { try distribution.validate() }
      #expect(error?.description.contains("must be") == true)
    }
  }

  @Test func seedsAndStreamsSeparate() {
    var a = RandomSource(seed: 1)
    var b = RandomSource(seed: 1)
    var c = RandomSource(seed: 1, stream: 1)
    var d = RandomSource(seed: 2)
    let first = (0..<4).map { _ in a.next() }
    #expect(first == (0..<4).map { _ in b.next() })
    #expect(first != (0..<4).map { _ in c.next() })
    #expect(first != (0..<4).map { _ in d.next() })
  }
}
