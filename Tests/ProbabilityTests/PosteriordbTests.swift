import Foundation
import Probability
import Testing

/// Ten of posteriordb's posteriors by Hamiltonian Monte Carlo, against the moments of Stan's reference draws.
@Suite struct PosteriordbTests {
  struct Posterior: Decodable {
    var name: String
    var data: [String: [Double]]
    /// Mean, deviation and number of the reference draws.
    var reference: [String: [Double]]
  }
  typealias Data = [String: [Double]]
  typealias Program = @Sendable (GradientSampler, Data) throws -> Void

  static let programs: [String: Program] = [
    "eight_schools-eight_schools_noncentered": { s, data in
      let y = data["y", default: []]
      let errors = data["sigma", default: []]
      let mu = try s.sample(Gaussian(mean: 0, standardDeviation: 5), named: "mu")
      let tau = try s.positive(named: "tau")
      s.factor(Cauchy<Dual>(location: 0, scale: 5).logDensity(at: tau))
      for index in y.indices {
        let theta = try s.sample(Gaussian(mean: 0, standardDeviation: 1)) * tau + mu
        s.record(theta, as: "theta[\(index + 1)]")
        try s.observe(Gaussian(mean: theta, standardDeviation: Dual(errors[index])), y[index])
      }
    },
    "kidiq-kidscore_momhsiq": { s, data in
      try s.regression(
        data["kid_score", default: []], on: [data["mom_hs", default: []], data["mom_iq", default: []]])
    },
    "garch-garch11": { s, data in
      let y = data["y", default: []]
      let mu = try s.flat(named: "mu")
      let alpha0 = try s.positive(named: "alpha0")
      let alpha1 = try s.sample(Uniform(0, 1), named: "alpha1")
      let beta1 = try s.sample(Uniform(0, 1 - alpha1), named: "beta1")
      s.factor(Dual.log(1 - alpha1))
      var variance = Dual(data["sigma1", default: [1]][0] * data["sigma1", default: [1]][0])
      for t in y.indices {
        if t > 0 {
          let last = Dual(y[t - 1]) - mu
          variance = alpha0 + alpha1 * last * last + beta1 * variance
        }
        try s.observe(Gaussian(mean: mu, standardDeviation: Dual.sqrt(variance)), y[t])
      }
    },
    "arK-arK": { s, data in
      let y = data["y", default: []]
      let alpha = try s.sample(Gaussian(mean: 0, standardDeviation: 10), named: "alpha")
      let beta = try (1...5).map {
        try s.sample(Gaussian(mean: 0, standardDeviation: 10), named: "beta[\($0)]")
      }
      let sigma = try s.positive(named: "sigma")
      s.factor(Cauchy<Dual>(location: 0, scale: 2.5).logDensity(at: sigma))
      for t in 5..<y.count {
        var mean = alpha
        for k in 1...5 { mean = mean + beta[k - 1] * Dual(y[t - k]) }
        try s.observe(Gaussian(mean: mean, standardDeviation: sigma), y[t])
      }
    },
    "gp_pois_regr-gp_regr": { s, data in
      let x = data["x", default: []]
      let y = data["y", default: []]
      let rho = try s.sample(Gamma(shape: 25, scale: 0.25), named: "rho")
      let alpha = try s.positive(named: "alpha")
      s.factor(Gaussian<Dual>(mean: 0, standardDeviation: 2).logDensity(at: alpha))
      let sigma = try s.positive(named: "sigma")
      s.factor(Gaussian<Dual>(mean: 0, standardDeviation: 1).logDensity(at: sigma))
      // Cholesky's factor row by row, and with it the innovations of y.
      var rows: [[Dual]] = []
      var innovations: [Dual] = []
      for i in x.indices {
        var row: [Dual] = []
        for j in 0...i {
          let distance = Dual(x[i] - x[j]) / rho
          var sum = alpha * alpha * Dual.exp(distance * distance * -0.5)
          if i == j { sum = sum + sigma }
          for k in 0..<j { sum = sum - row[k] * (i == j ? row[k] : rows[j][k]) }
          row.append(i == j ? Dual.sqrt(sum) : sum / rows[j][j])
        }
        var rest = Dual(y[i])
        for k in 0..<i { rest = rest - row[k] * innovations[k] }
        innovations.append(rest / row[i])
        s.factor(
          Gaussian<Dual>(mean: 0, standardDeviation: 1).logDensity(at: innovations[i]) - Dual.log(row[i]))
        rows.append(row)
      }
    },
    "sblrc-blr": { s, data in
      let y = data["y", default: []]
      let x = data["X", default: []]
      let beta = try (1...5).map {
        try s.sample(Gaussian(mean: 0, standardDeviation: 10), named: "beta[\($0)]")
      }
      let sigma = try s.positive(named: "sigma")
      s.factor(Gaussian<Dual>(mean: 0, standardDeviation: 10).logDensity(at: sigma))
      for n in y.indices {
        var mean: Dual = 0
        for k in 0..<5 { mean = mean + beta[k] * Dual(x[5 * n + k]) }
        try s.observe(Gaussian(mean: mean, standardDeviation: sigma), y[n])
      }
    },
    "mesquite-logmesquite_logvash": { s, data in
      func column(_ name: String) -> [Double] { data[name, default: []] }
      let area = zip(column("diam1"), column("diam2")).map { log($0 * $1) }
      try s.regression(
        column("weight").map { log($0) },
        on: [
          zip(area, column("canopy_height")).map { $0 + log($1) }, area,
          zip(column("diam1"), column("diam2")).map { log($0 / $1) },
          column("total_height").map { log($0) }, column("group"),
        ], hasCauchyScale: false)
    },
    "arma-arma11": { s, data in
      let y = data["y", default: []]
      let mu = try s.sample(Gaussian(mean: 0, standardDeviation: 10), named: "mu")
      let phi = try s.sample(Gaussian(mean: 0, standardDeviation: 2), named: "phi")
      let theta = try s.sample(Gaussian(mean: 0, standardDeviation: 2), named: "theta")
      let sigma = try s.positive(named: "sigma")
      s.factor(Cauchy<Dual>(location: 0, scale: 2.5).logDensity(at: sigma))
      var error: Dual = 0
      for t in y.indices {
        let expected = t == 0 ? mu + phi * mu : mu + phi * Dual(y[t - 1]) + theta * error
        error = Dual(y[t]) - expected
        s.factor(Gaussian(mean: Dual(0), standardDeviation: sigma).logDensity(at: error))
      }
    },
    "kilpisjarvi_mod-kilpisjarvi": { s, data in
      let x = data["x", default: []]
      let y = data["y", default: []]
      func constant(_ name: String) -> Dual { Dual(data[name, default: [0]][0]) }
      // The level in the middle of the years instead of in year 0, which the slope would decide.
      let middle = x.reduce(0, +) / Double(x.count)
      let slope = try s.sample(Gaussian(mean: 0, standardDeviation: 1)) * constant("psbeta") + constant("pmubeta")
      let level = try s.flat()
      let alpha = level - slope * Dual(middle)
      s.factor(
        Gaussian(mean: constant("pmualpha"), standardDeviation: constant("psalpha")).logDensity(at: alpha))
      s.record(alpha, as: "alpha")
      s.record(slope, as: "beta")
      let sigma = try s.positive(named: "sigma")
      for (x, y) in zip(x, y) {
        try s.observe(Gaussian(mean: level + slope * Dual(x - middle), standardDeviation: sigma), y)
      }
    },
    "low_dim_gauss_mix-low_dim_gauss_mix": { s, data in
      let prior = Gaussian<Dual>(mean: 0, standardDeviation: 2)
      let first = try s.sample(prior, named: "mu[1]")
      let second = first + (try s.positive())
      s.factor(prior.logDensity(at: second))
      s.record(second, as: "mu[2]")
      let scales = try (1...2).map { index in
        let scale = try s.positive(named: "sigma[\(index)]")
        s.factor(prior.logDensity(at: scale))
        return scale
      }
      let theta = try s.sample(Beta(5, 5), named: "theta")
      let (logFirst, logSecond) = (Dual.log(theta), Dual.log(1 - theta))
      for y in data["y", default: []] {
        let a = logFirst + Gaussian(mean: first, standardDeviation: scales[0]).logDensity(at: Dual(y))
        let b = logSecond + Gaussian(mean: second, standardDeviation: scales[1]).logDensity(at: Dual(y))
        s.factor(a > b ? a + Dual.log(onePlus: Dual.exp(b - a)) : b + Dual.log(onePlus: Dual.exp(a - b)))
      }
    },
  ]

  @Test(arguments: programs.keys.sorted())
  func momentsAreStans(name: String) throws {
    let posterior = try #require(
      try DistributionTests.load([Posterior].self, "posteriordb.json").first { $0.name == name })
    let program = try #require(Self.programs[name])
    let data = posterior.data
    let trace = try HamiltonianMonteCarlo(
      samples: 1_000, warmup: 600, chains: 4, targetAcceptance: 0.9, seed: 1
    ).trace { s in try program(s, data) }
    let summaries = trace.summaries
    for (parameter, figures) in posterior.reference {
      let summary = try #require(summaries.first { $0.name == parameter }, "\(parameter)")
      let (mean, deviation, count) = (figures[0], figures[1], figures[2])
      // Four standard errors, ours and the reference draws' together.
      let meanError = (summary.meanError * summary.meanError + deviation * deviation / count).squareRoot()
      #expect(abs(summary.mean - mean) < 4 * meanError, "\(parameter): mean \(summary.mean) \(mean)")
      let reference = 0.02 * deviation
      let deviationError = (summary.deviationError * summary.deviationError + reference * reference)
        .squareRoot()
      #expect(
        abs(summary.standardDeviation - deviation) < 4 * deviationError,
        "\(parameter): sd \(summary.standardDeviation) \(deviation)")
      #expect(summary.rHat < 1.02, "\(parameter): R-hat \(summary.rHat)")
      #expect(summary.bulkEffectiveSampleSize > 400, "\(parameter)")
    }
    #expect(trace.diagnostics.divergences < 40)
  }
}

/// Stan's parameters without a prior: a choice whose own density is taken back.
extension GradientSampler {
  fileprivate func flat(named name: String? = nil) throws -> Dual {
    let normal = Gaussian<Dual>(mean: 0, standardDeviation: 1)
    let x = try sample(normal)
    factor(-normal.logDensity(at: x))
    if let name { record(x, as: name) }
    return x
  }

  /// Flat on the positive numbers.
  fileprivate func positive(named name: String? = nil) throws -> Dual {
    let u = try flat()
    factor(u)
    let x = Dual.exp(u)
    if let name { record(x, as: name) }
    return x
  }

  /// A linear regression with flat coefficients, the first of them the constant.
  fileprivate func regression(
    _ y: [Double], on columns: [[Double]], hasCauchyScale: Bool = true
  ) throws {
    let beta = try (0...columns.count).map { try flat(named: "beta[\($0 + 1)]") }
    let sigma = try positive(named: "sigma")
    if hasCauchyScale { factor(Cauchy<Dual>(location: 0, scale: 2.5).logDensity(at: sigma)) }
    for n in y.indices {
      var mean = beta[0]
      for (k, column) in columns.enumerated() { mean = mean + beta[k + 1] * Dual(column[n]) }
      try observe(Gaussian(mean: mean, standardDeviation: sigma), y[n])
    }
  }
}
