import Evaluation
import Foundation
import ScalingLaws
import Statistics
import Testing

/// Noise around a loss, as a share of it.
func noisy(_ loss: Double, _ share: Double, _ random: inout SeededGenerator) -> Double {
  loss * exp(share * StandardNormal.quantile(max(random.uniform(), 1e-12)))
}

/// `count` sizes at equal ratios.
func sizes(_ low: Double, _ high: Double, _ count: Int) -> [Double] {
  (0..<count).map { low * pow(high / low, Double($0) / Double(count - 1)) }
}

@Suite("Constants come back")
struct RecoveryTests {
  @Test("the published constants of every domain, within 95% intervals about that often")
  func publishedConstants() throws {
    var (inside, all) = (0, 0)
    for published in PublishedLaw.all {
      let laws: [(SizeName, PowerLaw?, [Double])] = [
        (.parameters, published.parameters, sizes(1e5, 1e9, 15)), (.flops, published.flops, sizes(1e14, 1e20, 15)),
      ]
      for case (let size, let law?, let x) in laws {
        var random = SeededGenerator(
          seed: DerivedSeed(run: 3, for: published.domain, index: size == .flops ? 1 : 0).value)
        let points = x.map {
          TrainingPoint(
            parameters: size == .parameters ? $0 : nil, flops: size == .flops ? $0 : nil,
            loss: noisy(law.value(at: [$0]), 0.002, &random))
        }
        let fitted = try FittedLaw(LawForm([size], hasConstant: law.irreducible > 0), to: points)
        let truth = (law.irreducible > 0 ? [law.irreducible] : []) + [law.terms[0].scale, law.terms[0].exponent]
        #expect(fitted.constants.count == truth.count)
        for (constant, value) in zip(fitted.constants, truth) {
          all += 1
          if !constant.estimate.excludes(value) { inside += 1 }
          // An interval that holds everything would prove nothing.
          if constant.name == "alpha" {
            #expect(constant.estimate.high - constant.estimate.low < value, "\(published.domain): \(constant)")
          }
        }
      }
    }
    #expect(all == 62)
    #expect(inside >= 54, "\(inside) of \(all)")
  }

  @Test("a law of size and data, and the best size that follows from it")
  func parametersAndTokens() throws {
    let truth = PowerLaw(
      irreducible: 1.8172,
      terms: [.init(coefficient: 482.01, exponent: 0.3478), .init(coefficient: 2_085.43, exponent: 0.3658)])
    var random = SeededGenerator(seed: 11)
    let points = sizes(1e7, 1e10, 7).flatMap { n in
      sizes(1e9, 1e12, 7).map { d in
        TrainingPoint(parameters: n, tokens: d, loss: noisy(truth.value(at: [n, d]), 0.003, &random))
      }
    }
    let law = try FittedLaw(LawForm([.parameters, .tokens]), to: points)
    for (constant, value) in zip(law.constants, [1.8172, 482.01, 2_085.43, 0.3478, 0.3658]) {
      #expect(!constant.estimate.excludes(value), "\(constant.name): \(constant.estimate)")
    }
    // By brute force: the size with the least loss at one budget.
    let optimum = try ComputeOptimum(law)
    let best = sizes(1e9, 1e11, 2_001).min {
      law.law.value(at: [$0, 1e22 / (6 * $0)]) < law.law.value(at: [$1, 1e22 / (6 * $1)])
    }
    #expect(isClose(optimum.parameters(at: 1e22).value, try #require(best), relative: 3e-3))
    #expect(law.prediction(at: [1e10, 1e12]).low < law.value(at: [1e10, 1e12]).low)
  }

  /// Learning curves of a known law L(N, D), each run's loss along its tokens.
  private func curves(_ truth: PowerLaw) -> [TrainingPoint] {
    sizes(1e6, 1e10, 17).enumerated().flatMap { run, n in
      sizes(1e7, 1e12, 60).enumerated().map { step, d in
        TrainingPoint(run: "\(run)", step: step, parameters: n, tokens: d, loss: truth.value(at: [n, d]))
      }
    }
  }

  @Test("the best size by envelope, parabolas, law and hull agrees with the closed form")
  func fourMethods() throws {
    let truth = PowerLaw(
      irreducible: 1.8, terms: [.init(coefficient: 400, exponent: 0.34), .init(coefficient: 1_000, exponent: 0.34)])
    var options = FitOptions()
    options.bootstraps = 20
    let points = curves(truth)
    for method in [ComputeOptimum.Method.envelope, .hull] {
      let optimum = try ComputeOptimum(method, points: points, options: options)
      // α = β: parameters and tokens grow alike.
      #expect(abs(optimum.parameters.exponent - 0.5) < 0.03, "\(method): \(optimum.parameters)")
    }
    let profiles = sizes(1e18, 1e21, 7).flatMap { flops in
      let best = pow(0.4, 1 / 0.68) * pow(flops / 6, 0.5)
      return [0.25, 0.5, 1, 2, 4].map { factor in
        let n = best * factor
        return TrainingPoint(parameters: n, flops: flops, loss: truth.value(at: [n, flops / (6 * n)]))
      }
    }
    let isoflop = try ComputeOptimum(.isoflop, points: profiles, options: options)
    #expect(isoflop.optima.count == 7)
    #expect(abs(isoflop.parameters.exponent - 0.5) < 0.01)
    #expect(isClose(isoflop.parameters.value(at: 1e20), pow(0.4, 1 / 0.68) * pow(1e20 / 6, 0.5), relative: 0.02))
  }

  @Test("the law of compute lies below every point of the learning curves, and near their hull")
  func lawBelowFrontier() throws {
    let truth = PowerLaw(
      irreducible: 1.8, terms: [.init(coefficient: 400, exponent: 0.34), .init(coefficient: 1_000, exponent: 0.34)])
    let points = curves(truth)
    var options = FitOptions()
    options.bootstraps = 0
    let study = try ScalingStudy(points: points, options: options)
    #expect(study.isBelowFrontier)
    let law = try #require(study.law(.flops)).law
    #expect(points.allSatisfy { law.value(at: [$0.flops ?? 0]) <= $0.loss * (1 + 1e-12) })
    let hull = ComputeFrontier.hull(points)
    #expect(hull.contains { law.value(at: [$0.flops ?? 0]) > $0.loss * 0.995 })
    // N and D at their best both go as C^½, so that the frontier falls with 0.34/2.
    #expect(abs(law.terms[0].exponent - 0.17) < 0.02, "\(law)")
    #expect(abs(law.irreducible - 1.8) < 0.06, "\(law)")
  }

  @Test("plots show every point, the law beyond the last one, and each method's best sizes")
  func plots() throws {
    let truth = PowerLaw(
      irreducible: 1.8, terms: [.init(coefficient: 400, exponent: 0.34), .init(coefficient: 1_000, exponent: 0.34)])
    let points = curves(truth)
    let study = try ScalingStudy(points: points, options: pointFit)
    let plots = study.plots(of: points)
    // All curves end at the same number of tokens, of which there is no law.
    try #require(plots.count == 3)
    for plot in plots.dropLast() {
      #expect(plot.series.map(\.name) == ["all", "fitted", "law"])
      #expect(plot.series[0].points.count == points.count)
      let last = try #require(plot.series[2].points.last), end = try #require(plot.series[1].points.last)
      #expect(last.x > end.x && last.y < end.y)
    }
    #expect(plots[2].series.map(\.name) == study.optima.map(\.method.rawValue) && plots[2].series.count == 2)
    // Compute is far beyond the letters for thousands.
    #expect(plots[1].svg().contains(">1e18<"))
    let page = study.report(of: points, source: "x.csv").html()
    #expect(page.contains("<svg") && page.contains("L_inf") && page.contains("1020 points of x.csv"))
  }

  @Test("larger runs tell whether there is a constant")
  func formChoice() throws {
    for (truth, expected) in [
      (PowerLaw(irreducible: 3.12, scale: 8.0e1, exponent: 0.24), true),
      (PowerLaw(scale: 1.47e14, exponent: 0.07), false),
    ] {
      var random = SeededGenerator(seed: 4)
      let points = sizes(1e4, 1e9, 16).map {
        TrainingPoint(parameters: $0, loss: noisy(truth.value(at: [$0]), 0.002, &random))
      }
      let choice = try FormChoice([.parameters], points: points)
      #expect(choice.heldOut == 4)
      #expect(choice.prefersConstant == expected, "\(choice)")
    }
  }

  @Test("the same seed gives the same intervals, another one others")
  func determinism() throws {
    var random = SeededGenerator(seed: 4)
    let law = PowerLaw(irreducible: 3, scale: 100, exponent: 0.2)
    let points = sizes(1e4, 1e8, 10).map {
      TrainingPoint(parameters: $0, loss: noisy(law.value(at: [$0]), 0.01, &random))
    }
    var options = FitOptions()
    options.bootstraps = 30
    let first = try FittedLaw(LawForm([.parameters]), to: points, options: options).constants
    #expect(try FittedLaw(LawForm([.parameters]), to: points, options: options).constants == first)
    options.seed = 1
    #expect(try FittedLaw(LawForm([.parameters]), to: points, options: options).constants != first)
  }
}
