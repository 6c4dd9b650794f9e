import Foundation
import Probability
import Testing

/// Distributions cut where it is hard, against mpmath's 50 digits.
@Suite struct TruncatedTests {
  struct Row: Decodable {
    var distribution: String
    var parameters: [Double]
    var lower: String
    var upper: String
    var logMass: Double
    var mean: Double
    var variance: Double
    var x: [Double]
    var cumulative: [Double]
  }
  struct Golden: Decodable { var rows: [Row] }

  @Test func cutsAgreeWithQuadratureOfManyDigits() throws {
    let rows = try DistributionTests.load(Golden.self, "truncated.json").rows
    #expect(rows.count > 25)
    for row in rows {
      let base = try #require(DistributionTests.continuous(row.distribution, row.parameters))
      try check(base, row)
    }
  }

  private func check<Base: ContinuousDistribution>(_ base: Base, _ row: Row) throws {
    let lower = try #require(Double(row.lower))
    let upper = try #require(Double(row.upper))
    let cut = Truncated(base, to: lower...upper)
    let name = "\(row.distribution)\(row.parameters) on \(row.lower)...\(row.upper)"
    try cut.validate()
    // Distances are measured in the cut distribution's own width.
    let width = row.variance.squareRoot()
    #expect(abs(cut.mean - row.mean) < 1e-8 * width + 4e-16 * abs(row.mean), "\(name): mean \(cut.mean)")
    #expect(abs(cut.variance / row.variance - 1) < 1e-7, "\(name): variance \(cut.variance)")
    let typical = (cut.quantile(0.84) - cut.quantile(0.16)) / 2
    #expect(cut.spread > 0.2 * typical && cut.spread < 5 * typical, "\(name): spread \(cut.spread)")
    for (x, below) in zip(row.x, row.cumulative) {
      let density = base.logDensity(at: x) - row.logMass
      #expect(
        abs(cut.logDensity(at: x) - density) < 1e-8 + 1e-13 * abs(row.logMass), "\(name): log p(\(x))")
      #expect(abs(cut.cumulative(at: x) - below) < 1e-8, "\(name): F(\(x)) \(cut.cumulative(at: x))")
      #expect(abs(cut.survival(at: x) - (1 - below)) < 1e-8, "\(name): S(\(x)) \(cut.survival(at: x))")
      if below > 1e-6, below < 1 - 1e-6 {
        let back = cut.cumulative(at: cut.quantile(below))
        #expect(abs(back - below) < 1e-6, "\(name): Q(\(below)) \(cut.quantile(below))")
      }
    }
    var random = RandomSource(seed: 3)
    let draws = (0..<2_000).map { _ in cut.draw(using: &random) }
    #expect(draws.allSatisfy { $0 >= lower && $0 <= upper })
    let ranks = draws.map { cut.cumulative(at: $0) }.sorted()
    let distance = ranks.enumerated().map { abs($1 - Double($0) / 2_000) }.max() ?? 1
    #expect(distance * 2_000.0.squareRoot() < 2.7, "\(name): draws")
  }

  /// A chain over a cut far from the origin steps as wide as the cut distribution is.
  @Test func chainsStepAsWideAsTheCutIs() throws {
    let result = try infer(.metropolisHastings(samples: 40_000, seed: 1)) { s in
      let x = try s.sample(Truncated(Gaussian(mean: 50_000, standardDeviation: 1), to: 0 ... .infinity))
      try s.observe(Gaussian(mean: x, standardDeviation: 0.1), 50_001)
      return x
    }
    // Conjugate: precision 1 + 100, mean 50,000 + 100/101.
    #expect(abs(result.mean - 50_000 - 100.0 / 101) < 0.01)
    #expect(abs(result.standardDeviation - (1.0 / 101).squareRoot()) < 0.01)
    #expect((result.diagnostics.effectiveSampleSize ?? 0) > 2_000)
  }
}
