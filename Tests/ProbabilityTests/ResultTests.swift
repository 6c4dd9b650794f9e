import Foundation
import Probability
import Testing

@Suite struct ResultTests {
  @Test func statisticsOfADistribution() throws {
    let d = try Distribution([("a", 1.0), ("b", 2), ("a", 1), ("c", 0)])
    #expect(d.probability(of: "a") == 0.5)
    #expect(d.probability(of: "z") == 0)
    #expect(d.mode == "a")
    #expect(abs(d.entropy - log(2)) < 1e-12)
    let uniform = try Distribution([("a", 1.0), ("b", 1), ("c", 2)])
    #expect(abs(d.divergence(from: uniform) - log(2)) < 1e-12)
    #expect(uniform.divergence(from: d) == .infinity)
    #expect(d.totalVariation(from: uniform) == 0.5)
    #expect(d.map { $0 == "a" }.probability(of: true) == 0.5)
    #expect(d.conditioned { $0 != "a" }?.probability(of: "b") == 1)
    #expect(d.conditioned { $0 == "z" } == nil)
    #expect(throws: ParameterError.self) { try Distribution([("a", -1.0)]) }
    #expect(throws: ParameterError.self) { try Distribution([("a", 0.0)]) }
    #expect(throws: ParameterError.self) { try Distribution([("a", Double.nan)]) }
  }

  @Test func marginalsAndQuantiles() throws {
    let joint = try enumerate { s in
      Pair(a: try s.sample(UniformInteger(0...2)), b: try s.flip(0.25))
    }
    #expect(abs(joint.marginal(\.b).probability(of: true) - 0.25) < 1e-12)
    #expect(abs(joint.marginal(\.a).mean - 1) < 1e-12)
    let numbers = try Distribution([(3.0, 1.0), (1, 1), (2, 2)])
    #expect(numbers.quantile(0.25) == 1)
    #expect(numbers.quantile(0.5) == 2)
    #expect(numbers.quantile(1) == 3)
    #expect(numbers.mean == 2)
    #expect(numbers.variance == 0.5)
  }

  struct Pair: Hashable, Sendable {
    var a: Int
    var b: Bool
  }

  @Test func terminalHistogram() throws {
    let d = try Distribution([("true", 3.0), ("no", 1)])
    #expect(d.histogram(width: 6) == "true  ██████ 0.750\nno    ██     0.250\n")
    let numbers = try Distribution((0..<100).map { (Double($0), 1.0) })
    #expect(numbers.histogram(bins: 4).split(separator: "\n").count == 4)
    #expect(abs(numbers.binned(4).reduce(0) { $0 + $1.probability } - 1) < 1e-12)
  }

  @Test func svgIsWellFormedAndEscaped() throws {
    let svg = try Distribution([("a<b", 3.0), ("c&d", 1)]).svg(title: "p > q")
    #expect(svg.contains("a&lt;b") && svg.contains("c&amp;d") && svg.contains("p &gt; q"))
    #expect(svg.contains("width=\"360.0\"") && svg.contains("width=\"120.0\""))
    let parser = XMLCheck()
    #expect(parser.isBalanced(svg))
  }

  /// Opening and closing tags match.
  struct XMLCheck {
    func isBalanced(_ text: String) -> Bool {
      var open: [String] = []
      for piece in text.split(separator: "<") {
        let tag = piece.prefix { $0 != ">" }
        if piece.isEmpty || tag.hasSuffix("/") { continue }
        let name = String(tag.prefix { $0 != " " })
        if name.hasPrefix("/") {
          guard open.popLast() == String(name.dropFirst()) else { return false }
        } else {
          open.append(name)
        }
      }
      return open.isEmpty
    }
  }

  @Test func convergenceStatistics() {
    var random = RandomSource(seed: 1)
    func autoregressive(_ rho: Double, offset: Double) -> [Double] {
      var x = 0.0
      return (0..<4_000).map { _ in
        x = rho * x + (1 - rho * rho).squareRoot() * random.normal()
        return x + offset
      }
    }
    let mixed = Chains(
      draws: (0..<4).map { _ in autoregressive(0.9, offset: 0) },
      diagnostics: Diagnostics(method: "test"))
    // An AR(1) chain is worth n(1 − ρ)/(1 + ρ) draws.
    let expected = 16_000 * 0.1 / 1.9
    #expect(abs(mixed.effectiveSampleSize { $0 } / expected - 1) < 0.35)
    #expect(mixed.splitRHat { $0 } < 1.02)
    let apart = Chains(
      draws: [autoregressive(0, offset: 0), autoregressive(0, offset: 3)],
      diagnostics: Diagnostics(method: "test"))
    #expect(apart.splitRHat { $0 } > 1.5)
    #expect(apart.distribution.diagnostics.warnings.isEmpty == false)
    // One chain that drifts disagrees with itself only because it is split: halves of a line
    // from 0 to 1 have means 1/4 and 3/4 and variances 1/48, so R-hat is √(1 + (1/8)/(1/48)) = √7.
    let drifting = Chains(
      draws: [(0..<4_000).map { Double($0) / 4_000 }], diagnostics: Diagnostics(method: "test"))
    #expect(abs(drifting.splitRHat { $0 } - 7.0.squareRoot()) < 0.01)
  }

  /// An Ising ring of eight spins: every method against brute force over 256 states.
  @Test func isingByBruteForce() throws {
    let size = 8
    let coupling = 0.4
    func energy(_ spins: [Bool]) -> Double {
      (0..<size).reduce(0) { $0 + (spins[$1] == spins[($1 + 1) % size] ? coupling : -coupling) }
    }
    var weights: [Int: Double] = [:]
    var total = 0.0
    for state in 0..<(1 << size) {
      let spins = (0..<size).map { state >> $0 & 1 == 1 }
      let weight = exp(energy(spins) + 0.3 * (spins[0] ? 1 : -1))
      weights[spins.count { $0 }, default: 0] += weight
      total += weight
    }
    let model: Model<Int> = { s in
      var spins: [Bool] = []
      for _ in 0..<size { spins.append(try s.flip()) }
      try s.factor(0.3 * (spins[0] ? 1 : -1))
      for i in 0..<size { try s.factor(spins[i] == spins[(i + 1) % size] ? coupling : -coupling) }
      return spins.count { $0 }
    }
    let exact = try enumerate(model)
    for (count, weight) in weights {
      #expect(abs(exact.probability(of: count) - weight / total) < 1e-12)
    }
    let logZ = log(total) - Double(size) * log(2)
    #expect(abs((exact.diagnostics.logEvidence ?? 0) - logZ) < 1e-10)
    for method: any InferenceMethod in [
      ImportanceSampling(samples: 50_000, seed: 1),
      MetropolisHastings(samples: 150_000, chains: 2, seed: 2),
      SequentialMonteCarlo(particles: 5_000, rejuvenationSteps: 4, seed: 3),
      ParallelTempering(samples: 20_000, temperatures: 4, seed: 4),
    ] {
      let estimate = try method.infer(model)
      #expect(estimate.totalVariation(from: exact) < 0.03, "\(estimate.diagnostics.method)")
      if let evidence = estimate.diagnostics.logEvidence {
        #expect(abs(evidence - logZ) < 0.08, "\(estimate.diagnostics.method)")
      }
    }
  }

  /// Two narrow modes far apart: one chain stays in one; tempering finds both.
  @Test func temperingCrossesBetweenModes() throws {
    let model: Model<Double> = { s in
      let x = try s.sample(Uniform(-20, 20))
      try s.observe(
        Mixture(
          [
            Gaussian(mean: -10, standardDeviation: 0.1), Gaussian(mean: 10, standardDeviation: 0.1),
          ], weights: [1, 3]), x)
      return x
    }
    let result = try infer(.parallelTempering(samples: 20_000, temperatures: 10, seed: 1), model)
    #expect(abs(result.probability(where: { $0 > 0 }) - 0.75) < 0.06)
    #expect(abs((result.diagnostics.logEvidence ?? 0) + log(40)) < 0.3)
  }
}
