import Foundation
import ScalingLaws
import Statistics
import TestSupport
import Testing

/// Fits by SciPy; see `Fixtures/make_fixtures.py`.
struct GoldenFits: Decodable {
  struct Fit: Decodable { let irreducible: Double, coefficients: [Double], exponents: [Double], objective: Double }
  struct Case: Decodable { let name: String, inputs: [[Double]], losses: [Double], constant: Bool, fit: Fit }
  struct Critical: Decodable { let batches: [Double], steps: [Double], fit: Fit }
  struct Frontier: Decodable { let points: [[Double]], lower: [Int] }
  struct Chinchilla: Decodable { let all: Fit, withoutFive: Fit }

  let cases: [Case]
  let critical: Critical
  let frontier: Frontier
  let chinchilla: Chinchilla

  static func load() throws -> GoldenFits {
    let data = try Data(contentsOf: try Bundle.module.fixtures.appendingPathComponent("scaling.json"))
    return try JSONDecoder().decode(GoldenFits.self, from: data)
  }
}

func isClose(_ a: Double, _ b: Double, relative: Double = 1e-5) -> Bool {
  abs(a - b) <= relative * max(abs(a), abs(b))
}

/// Without a bootstrap, for tests of the fit alone.
var pointFit: FitOptions {
  var options = FitOptions()
  options.bootstraps = 0
  return options
}

@Suite("Fits by SciPy")
struct GoldenFitTests {
  let golden: GoldenFits

  init() throws { golden = try GoldenFits.load() }

  /// The constants within `relative`, and a minimum no higher than SciPy's.
  private func compare(_ law: FittedLaw, _ fit: GoldenFits.Fit, _ name: String, relative: Double = 1e-5) {
    #expect(law.objective <= fit.objective * (1 + 1e-9), "\(name): \(law.objective), SciPy's \(fit.objective)")
    #expect(isClose(law.law.irreducible, fit.irreducible, relative: relative), "\(name): \(law.law.irreducible)")
    for (term, (a, alpha)) in zip(law.law.terms, zip(fit.coefficients, fit.exponents)) {
      #expect(isClose(term.coefficient, a, relative: relative), "\(name): \(term.coefficient), SciPy's \(a)")
      #expect(isClose(term.exponent, alpha, relative: relative), "\(name): \(term.exponent), SciPy's \(alpha)")
    }
  }

  @Test("laws of one and two sizes, with and without a constant")
  func laws() throws {
    for item in golden.cases {
      let sizes: [SizeName] = item.inputs[0].count == 2 ? [.parameters, .tokens] : [.parameters]
      let law = try FittedLaw(
        LawForm(sizes, hasConstant: item.constant), inputs: item.inputs, losses: item.losses, options: pointFit)
      compare(law, item.fit, item.name)
    }
  }

  @Test("the critical batch size")
  func criticalBatch() throws {
    let critical = try CriticalBatch(
      batches: golden.critical.batches, steps: golden.critical.steps, options: pointFit)
    let fit = golden.critical.fit
    #expect(isClose(critical.leastSteps.value, fit.irreducible))
    #expect(isClose(critical.leastExamples.value, fit.coefficients[0]))
    #expect(isClose(critical.batch.value, fit.coefficients[0] / fit.irreducible))
  }

  @Test("the hull of a cloud of points, by Qhull")
  func hull() {
    let points = golden.frontier.points.map { TrainingPoint(parameters: 1, flops: exp($0[0]), loss: exp($0[1])) }
    let hull = ComputeFrontier.hull(points)
    #expect(hull == golden.frontier.lower.map { points[$0] })
    // Every corner is on the Pareto frontier, which has points that the hull passes below.
    let pareto = ComputeFrontier.pareto(points)
    #expect(hull.allSatisfy { pareto.contains($0) } && pareto.count > hull.count)
  }

  static let chinchilla = ProcessInfo.processInfo.environment["APPRENTICE_DATA"].map {
    $0 + "/chinchilla/svg_extracted_data.csv"
  }

  /// Needs the published points: set APPRENTICE_DATA to the folder that holds `chinchilla/`.
  @Test(
    "the Chinchilla paper's points, and the estimate of its replication",
    .enabled(
      if: chinchilla.map(FileManager.default.fileExists) ?? false,
      "set APPRENTICE_DATA to the folder with chinchilla/svg_extracted_data.csv to run this"))
  func publishedPoints() throws {
    let points = try PointFile(path: try #require(Self.chinchilla)).points
    #expect(points.count == 245)
    let form = LawForm([.parameters, .tokens])
    compare(try FittedLaw(form, to: points, options: pointFit), golden.chinchilla.all, "all", relative: 1e-4)
    let rest = Array(points.sorted { $0.loss > $1.loss }.dropFirst(5))
    let law = try FittedLaw(form, to: rest)
    compare(law, golden.chinchilla.withoutFive, "without five", relative: 1e-4)
    // Besiroglu et al. (2024): E 1.8172, A 482.01, B 2085.43, α .3478, β .3658.
    for (constant, published) in zip(law.constants, [1.8172, 482.01, 2_085.43, 0.3478, 0.3658]) {
      #expect(!constant.estimate.excludes(published), "\(constant.name): \(constant.estimate)")
    }
    // The Chinchilla paper's own rounded estimate is what they could not reproduce.
    #expect(law.constants[0].estimate.excludes(1.69))
    // Parameters and tokens grow alike.
    let optimum = try ComputeOptimum(law)
    #expect(!optimum.estimate(\.exponent).excludes(0.5))
  }
}
