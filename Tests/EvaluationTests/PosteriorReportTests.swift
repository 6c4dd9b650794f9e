import Evaluation
import Foundation
import Probability
import Testing

/// Posteriors as pictures.
@Suite struct PosteriorReportTests {
  private func trace() throws -> PosteriorTrace {
    try HamiltonianMonteCarlo(samples: 900, warmup: 300, chains: 2, seed: 3).trace { s in
      let mean = try s.sample(Gaussian<Dual>(mean: 0, standardDeviation: 2), named: "mean")
      _ = try s.sample(Gaussian<Dual>(mean: mean, standardDeviation: 1), named: "spread")
    }
  }

  @Test func theDensityIsThatOfTheDraws() throws {
    let draws = try #require(try trace().draws(of: "mean")).map { $0.map { $0[0] } }
    let plot = Plot.density(of: draws, title: "mean")
    #expect(plot.series.count == 2)
    for series in plot.series {
      // N(0, 2): a density of 0.199 at 0, and nearly all of the mass between the extremes.
      let nearest = try #require(series.points.min { abs($0.x) < abs($1.x) })
      #expect(abs(nearest.y - 0.1995) < 0.05, "\(nearest.y)")
      let step = series.points[1].x - series.points[0].x
      #expect(abs(series.points.reduce(0) { $0 + $1.y } * step - 1) < 0.05)
    }
  }

  @Test func theTraceHasTheDrawsThemselves() throws {
    let draws = try #require(try trace().draws(of: "spread")).map { $0.map { $0[0] } }
    let plot = Plot.trace(of: draws, title: "spread")
    #expect(plot.series.map(\.points.count) == [300, 300])
    for (series, chain) in zip(plot.series, draws) {
      for point in series.points { #expect(point.y == chain[Int(point.x)]) }
    }
    #expect(Plot.density(of: [[1, 1, 1]], title: "still").series.isEmpty)
  }

  @Test func aReportShowsEachVariableTwice() throws {
    var report = Report(title: "Two levels")
    report.posterior(try trace())
    let page = report.html()
    #expect(page.components(separatedBy: "<svg").count == 5)
    #expect(page.contains("R-hat"))
    #expect(page.contains("spread"))
  }
}
