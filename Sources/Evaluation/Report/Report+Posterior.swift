import Foundation
public import Probability

extension Report {
  /// Adds a posterior: its summaries, and of each variable the density of its draws beside the draws in order, chain by chain.
  ///
  /// ```swift
  /// import Probability
  ///
  /// var report = Report(title: "Eight schools")
  /// let trace = try HamiltonianMonteCarlo().trace { s in
  ///   let mean = try s.sample(Gaussian(mean: 0, standardDeviation: 5), named: "mean")
  ///   for x in [1.2, 0.4, 2.1] { try s.observe(Gaussian(mean: mean, standardDeviation: 1), x) }
  /// }
  /// report.posterior(trace)
  /// ```
  ///
  /// Chains that agree lie on top of each other on the left and look like noise on the right.
  public mutating func posterior(_ trace: PosteriorTrace) {
    table(
      header: ["", "mean", "sd", "5%", "50%", "95%", "ESS bulk", "ESS tail", "R-hat"],
      rows: trace.summaries.map { summary in
        [
          .text(summary.name), .number(summary.mean, decimals: 3), .number(summary.standardDeviation, decimals: 3),
          .number(summary.quantile(0.05), decimals: 3), .number(summary.quantile(0.5), decimals: 3),
          .number(summary.quantile(0.95), decimals: 3), .number(summary.bulkEffectiveSampleSize, decimals: 0),
          .number(summary.tailEffectiveSampleSize, decimals: 0), .number(summary.rHat, decimals: 3),
        ]
      }, caption: trace.diagnostics.warnings.joined(separator: " "))
    for name in trace.names {
      guard let draws = trace.draws(of: name) else { continue }
      let count = draws.first?.first?.count ?? 0
      for element in 0..<count {
        let title = count == 1 ? name : "\(name)[\(element)]"
        let chains = draws.map { $0.map { $0[element] } }
        figure([Plot.density(of: chains, title: title), Plot.trace(of: chains, title: title)])
      }
    }
  }
}

extension Plot {
  /// The density of each chain's draws of a variable, smoothed by a normal kernel.
  public static func density(of chains: [[Double]], title: String) -> Plot {
    var plot = Plot(title: title, x: "value", y: "density")
    let all = chains.joined()
    guard let low = all.min(), let high = all.max(), low < high, low.isFinite, high.isFinite else { return plot }
    for (index, chain) in chains.enumerated() {
      let density = KernelDensity(chain)
      // A chain that stands still has no width.
      guard density.bandwidth > 0 else { continue }
      let points = (0...100).map { step -> Point in
        let x = low + (high - low) * Double(step) / 100
        return Point(x: x, y: exp(density.logDensity(at: x)))
      }
      plot.add("chain \(index + 1)", points: points)
    }
    return plot
  }

  /// A variable's draws in order, chain by chain; of long chains some at equal distances.
  public static func trace(of chains: [[Double]], title: String) -> Plot {
    var plot = Plot(title: title, x: "draw", y: "value")
    for (index, chain) in chains.enumerated() {
      let points = stride(from: 0, to: chain.count, by: max(1, chain.count / 300))
        .map { Point(x: Double($0), y: chain[$0]) }
      plot.add("chain \(index + 1)", points: points)
    }
    return plot
  }
}
