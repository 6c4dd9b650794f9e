import Foundation
import Probability
import Testing

/// Ten of posteriordb's posteriors by Hamiltonian Monte Carlo, against the moments of Stan's reference draws.
@Suite struct PosteriordbTests {
  struct Posterior: Decodable {
    var name: String
    var data: [String: [Double]]
    /// The mean and deviation of the reference draws, their number, and the deviation's standard error.
    var reference: [String: [Double]]
  }

  @Test(arguments: ReferenceProgram.allCases)
  func momentsAreStans(program: ReferenceProgram) throws {
    let posterior = try #require(
      try DistributionTests.load([Posterior].self, "posteriordb.json").first { $0.name == program.rawValue })
    let data = posterior.data
    let trace = try HamiltonianMonteCarlo(
      samples: 1_000, warmup: 600, chains: 4, targetAcceptance: 0.9, seed: 1
    ).trace { s in try program.run(s, data) }
    let summaries = trace.summaries
    for (parameter, figures) in posterior.reference {
      let summary = try #require(summaries.first { $0.name == parameter }, "\(parameter)")
      // Four standard errors, ours and the reference draws' together.
      let meanError = (summary.meanError * summary.meanError + figures[1] * figures[1] / figures[2]).squareRoot()
      #expect(abs(summary.mean - figures[0]) < 4 * meanError, "\(parameter): mean \(summary.mean) \(figures[0])")
      let deviationError = (summary.deviationError * summary.deviationError + figures[3] * figures[3]).squareRoot()
      #expect(
        abs(summary.standardDeviation - figures[1]) < 4 * deviationError,
        "\(parameter): sd \(summary.standardDeviation) \(figures[1])")
      #expect(summary.rHat < 1.02, "\(parameter): R-hat \(summary.rHat)")
      #expect(summary.bulkEffectiveSampleSize > 400, "\(parameter)")
    }
    #expect(trace.diagnostics.divergences < 40)
  }
}

/// The Stan programs of these posteriors, written anew.
enum ReferenceProgram: String, CaseIterable, Sendable {
  case eightSchools = "eight_schools-eight_schools_noncentered"
  case childrensScores = "kidiq-kidscore_momhsiq"
  case garch = "garch-garch11"
  case autoregression = "arK-arK"
  case gaussianProcess = "gp_pois_regr-gp_regr"
  case linearRegression = "sblrc-blr"
  case mesquite = "mesquite-logmesquite_logvash"
  case movingAverage = "arma-arma11"
  case kilpisjarvi = "kilpisjarvi_mod-kilpisjarvi"
  case mixture = "low_dim_gauss_mix-low_dim_gauss_mix"

  func run(_ s: GradientSampler, _ data: [String: [Double]]) throws {
    let y: [Double] = data["y", default: []]
    let x: [Double] = data["x", default: []]
    switch self {
    case .eightSchools: try Self.eightSchools(s, y, data["sigma", default: []])
    case .childrensScores:
      try s.regression(
        data["kid_score", default: []], on: [data["mom_hs", default: []], data["mom_iq", default: []]],
        hasCauchyScale: true)
    case .garch: try Self.garch(s, y, data["sigma1", default: [1]][0])
    case .autoregression: try Self.autoregression(s, y)
    case .gaussianProcess: try Self.gaussianProcess(s, x, y)
    case .linearRegression: try Self.linearRegression(s, data["X", default: []], y)
    case .mesquite: try Self.mesquite(s, data)
    case .movingAverage: try Self.movingAverage(s, y)
    case .kilpisjarvi: try Self.kilpisjarvi(s, x, y, data)
    case .mixture: try Self.mixture(s, y)
    }
  }

  private static func eightSchools(_ s: GradientSampler, _ y: [Double], _ errors: [Double]) throws {
    let mu: Dual = try s.sample(normal(5), named: "mu")
    let tau: Dual = try s.positive(named: "tau")
    s.factor(cauchy(5).logDensity(at: tau))
    for index in y.indices {
      let z: Dual = try s.sample(normal(1))
      let theta: Dual = z * tau + mu
      s.record(theta, as: "theta[\(index + 1)]")
      try s.observe(Gaussian<Dual>(mean: theta, standardDeviation: Dual(errors[index])), y[index])
    }
  }

  private static func garch(_ s: GradientSampler, _ y: [Double], _ first: Double) throws {
    let mu: Dual = try s.flat(named: "mu")
    let alpha0: Dual = try s.positive(named: "alpha0")
    let alpha1: Dual = try s.sample(Uniform<Dual>(0, 1), named: "alpha1")
    let rest: Dual = 1 - alpha1
    let beta1: Dual = try s.sample(Uniform<Dual>(0, rest), named: "beta1")
    // Flat over the triangle: the density of beta1 given alpha1 is taken back.
    s.factor(Dual.log(rest))
    var variance = Dual(first * first)
    for t in y.indices {
      if t > 0 {
        let last: Dual = Dual(y[t - 1]) - mu
        let shock: Dual = alpha1 * last * last
        variance = alpha0 + shock + beta1 * variance
      }
      try s.observe(Gaussian<Dual>(mean: mu, standardDeviation: Dual.sqrt(variance)), y[t])
    }
  }

  private static func autoregression(_ s: GradientSampler, _ y: [Double]) throws {
    let alpha: Dual = try s.sample(normal(10), named: "alpha")
    var beta: [Dual] = []
    for k in 1...5 { beta.append(try s.sample(normal(10), named: "beta[\(k)]")) }
    let sigma: Dual = try s.positive(named: "sigma")
    s.factor(cauchy(2.5).logDensity(at: sigma))
    for t in 5..<y.count {
      var mean: Dual = alpha
      for k in 1...5 { mean = mean + beta[k - 1] * Dual(y[t - k]) }
      try s.observe(Gaussian<Dual>(mean: mean, standardDeviation: sigma), y[t])
    }
  }

  private static func gaussianProcess(_ s: GradientSampler, _ x: [Double], _ y: [Double]) throws {
    let rho: Dual = try s.sample(Gamma<Dual>(shape: 25, scale: 0.25), named: "rho")
    let alpha: Dual = try s.positive(named: "alpha")
    s.factor(normal(2).logDensity(at: alpha))
    let sigma: Dual = try s.positive(named: "sigma")
    s.factor(normal(1).logDensity(at: sigma))
    // Cholesky's factor row by row, and with it the innovations of y.
    var rows: [[Dual]] = []
    var innovations: [Dual] = []
    for i in x.indices {
      var row: [Dual] = []
      for j in 0...i {
        let distance: Dual = Dual(x[i] - x[j]) / rho
        let exponent: Dual = distance * distance * Dual(-0.5)
        var sum: Dual = alpha * alpha * Dual.exp(exponent)
        if i == j { sum = sum + sigma }
        for k in 0..<j { sum = sum - row[k] * (i == j ? row[k] : rows[j][k]) }
        row.append(i == j ? Dual.sqrt(sum) : sum / rows[j][j])
      }
      var rest = Dual(y[i])
      for k in 0..<i { rest = rest - row[k] * innovations[k] }
      let innovation: Dual = rest / row[i]
      innovations.append(innovation)
      s.factor(normal(1).logDensity(at: innovation))
      s.factor(-Dual.log(row[i]))
      rows.append(row)
    }
  }

  private static func linearRegression(_ s: GradientSampler, _ x: [Double], _ y: [Double]) throws {
    var beta: [Dual] = []
    for k in 1...5 { beta.append(try s.sample(normal(10), named: "beta[\(k)]")) }
    let sigma: Dual = try s.positive(named: "sigma")
    s.factor(normal(10).logDensity(at: sigma))
    for n in y.indices {
      var mean: Dual = 0
      for k in 0..<5 { mean = mean + beta[k] * Dual(x[5 * n + k]) }
      try s.observe(Gaussian<Dual>(mean: mean, standardDeviation: sigma), y[n])
    }
  }

  private static func mesquite(_ s: GradientSampler, _ data: [String: [Double]]) throws {
    func logs(_ name: String) -> [Double] { data[name, default: []].map { log($0) } }
    let (first, second) = (logs("diam1"), logs("diam2"))
    let area: [Double] = zip(first, second).map { $0 + $1 }
    let volume: [Double] = zip(area, logs("canopy_height")).map { $0 + $1 }
    let shape: [Double] = zip(first, second).map { $0 - $1 }
    try s.regression(
      logs("weight"), on: [volume, area, shape, logs("total_height"), data["group", default: []]], hasCauchyScale: false
    )
  }

  private static func movingAverage(_ s: GradientSampler, _ y: [Double]) throws {
    let mu: Dual = try s.sample(normal(10), named: "mu")
    // Halved, they begin within ±1. Beyond it errors grow like theta's powers over 200 steps, and one chain of four that
    // began there stayed at a deviation that explains them, which is another mode.
    let phi: Dual = Dual(0.5) * (try s.flat())
    let theta: Dual = Dual(0.5) * (try s.flat())
    s.record(phi, as: "phi")
    s.record(theta, as: "theta")
    s.factor(normal(2).logDensity(at: phi))
    s.factor(normal(2).logDensity(at: theta))
    let sigma: Dual = try s.positive(named: "sigma")
    s.factor(cauchy(2.5).logDensity(at: sigma))
    var error: Dual = 0
    for t in y.indices {
      var expected: Dual = mu + phi * (t == 0 ? mu : Dual(y[max(t - 1, 0)]))
      if t > 0 { expected = expected + theta * error }
      error = Dual(y[t]) - expected
      s.factor(Gaussian<Dual>(mean: 0, standardDeviation: sigma).logDensity(at: error))
    }
  }

  private static func kilpisjarvi(
    _ s: GradientSampler, _ x: [Double], _ y: [Double], _ data: [String: [Double]]
  ) throws {
    func constant(_ name: String) -> Dual { Dual(data[name, default: [0]][0]) }
    // The level in the middle of the years instead of in year 0, which the slope would decide.
    let middle: Double = x.reduce(0, +) / Double(x.count)
    let z: Dual = try s.sample(normal(1))
    let slope: Dual = z * constant("psbeta") + constant("pmubeta")
    let level: Dual = try s.flat()
    let alpha: Dual = level - slope * Dual(middle)
    s.factor(
      Gaussian<Dual>(mean: constant("pmualpha"), standardDeviation: constant("psalpha")).logDensity(at: alpha))
    s.record(alpha, as: "alpha")
    s.record(slope, as: "beta")
    let sigma: Dual = try s.positive(named: "sigma")
    for (x, y) in zip(x, y) {
      let mean: Dual = level + slope * Dual(x - middle)
      try s.observe(Gaussian<Dual>(mean: mean, standardDeviation: sigma), y)
    }
  }

  private static func mixture(_ s: GradientSampler, _ y: [Double]) throws {
    let first: Dual = try s.sample(normal(2), named: "mu[1]")
    let gap: Dual = try s.positive()
    let second: Dual = first + gap
    s.factor(normal(2).logDensity(at: second))
    s.record(second, as: "mu[2]")
    var scales: [Dual] = []
    for index in 1...2 {
      let scale: Dual = try s.positive(named: "sigma[\(index)]")
      s.factor(normal(2).logDensity(at: scale))
      scales.append(scale)
    }
    let theta: Dual = try s.sample(Beta<Dual>(5, 5), named: "theta")
    let logFirst: Dual = Dual.log(theta)
    let logSecond: Dual = Dual.log(1 - theta)
    for y in y {
      let a: Dual = logFirst + Gaussian<Dual>(mean: first, standardDeviation: scales[0]).logDensity(at: Dual(y))
      let b: Dual = logSecond + Gaussian<Dual>(mean: second, standardDeviation: scales[1]).logDensity(at: Dual(y))
      // log(eᵃ + eᵇ).
      s.factor(a + Dual.softplus(b - a))
    }
  }

  fileprivate static func normal(_ scale: Double) -> Gaussian<Dual> {
    Gaussian<Dual>(mean: 0, standardDeviation: Dual(scale))
  }

  fileprivate static func cauchy(_ scale: Double) -> Cauchy<Dual> { Cauchy<Dual>(location: 0, scale: Dual(scale)) }
}

/// Stan's parameters without a prior: a choice whose own density is taken back.
extension GradientSampler {
  fileprivate func flat(named name: String? = nil) throws -> Dual {
    let normal = ReferenceProgram.normal(1)
    let x: Dual = try sample(normal)
    factor(-normal.logDensity(at: x))
    if let name { record(x, as: name) }
    return x
  }

  /// Flat on the positive numbers.
  fileprivate func positive(named name: String? = nil) throws -> Dual {
    let u: Dual = try flat()
    factor(u)
    let x: Dual = Dual.exp(u)
    if let name { record(x, as: name) }
    return x
  }

  /// A linear regression with flat coefficients, the first of them the constant.
  fileprivate func regression(_ y: [Double], on columns: [[Double]], hasCauchyScale: Bool) throws {
    var beta: [Dual] = []
    for k in 0...columns.count { beta.append(try flat(named: "beta[\(k + 1)]")) }
    let sigma: Dual = try positive(named: "sigma")
    if hasCauchyScale { factor(ReferenceProgram.cauchy(2.5).logDensity(at: sigma)) }
    for n in y.indices {
      var mean: Dual = beta[0]
      for (k, column) in columns.enumerated() { mean = mean + beta[k + 1] * Dual(column[n]) }
      try observe(Gaussian<Dual>(mean: mean, standardDeviation: sigma), y[n])
    }
  }
}
