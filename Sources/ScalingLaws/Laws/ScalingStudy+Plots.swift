public import Evaluation
import Foundation
import Statistics

extension ScalingStudy {
  /// The study's plots: learning curves or runs under each law of one size, with its band, and the best sizes by each method.
  ///
  /// - Parameter points: what the study was made of.
  public func plots(of points: [TrainingPoint]) -> [Plot] {
    laws.filter { $0.form.sizes.count == 1 }.map { plot($0, points) } + (optima.isEmpty ? [] : [optimumPlot(points)])
  }

  private func plot(_ law: FittedLaw, _ points: [TrainingPoint]) -> Plot {
    let size = law.form.sizes[0]
    let unit = ["parameters": "parameters N", "tokens": "tokens D", "flops": "compute C (FLOP)"][size.rawValue] ?? ""
    var plot = Plot(
      title: law.form.formula, x: Plot.Axis(unit, isLogarithmic: true), y: Plot.Axis("loss", isLogarithmic: true))
    let all = points.filter { $0[size] != nil }.sorted { ($0[size] ?? 0) < ($1[size] ?? 0) }
    let used = isBelowFrontier && size == .flops ? ComputeFrontier.hull(all) : Self.points(for: [size], of: points)
    plot.add("all", points: all.map { Plot.Point(x: $0[size] ?? 0, y: $0.loss) }, style: .points)
    plot.add("fitted", points: used.map { Plot.Point(x: $0[size] ?? 0, y: $0.loss) }, style: .points)
    let places = used.compactMap { $0[size] }
    guard let low = places.min(), let high = places.max() else { return plot }
    // Half as far again as the points go, in the logarithm, which is where one reads a prediction off.
    let end = high * (high / low).squareRoot()
    plot.add(
      "law",
      points: (0...60).map { step in
        let x = low * pow(end / low, Double(step) / 60)
        return Plot.Point(x: x, estimate: law.value(at: [x]))
      })
    return plot
  }

  private func optimumPlot(_ points: [TrainingPoint]) -> Plot {
    var plot = Plot(
      title: "Best size for a budget", x: Plot.Axis("compute C (FLOP)", isLogarithmic: true),
      y: Plot.Axis("parameters N", isLogarithmic: true))
    let budgets = points.compactMap(\.flops)
    guard let low = budgets.min(), let high = budgets.max(), low < high else { return plot }
    for optimum in optima {
      plot.add(
        optimum.method.rawValue,
        points: (0...20).map { step in
          let flops = low * pow(high / low, Double(step) / 20)
          return Plot.Point(x: flops, estimate: optimum.parameters(at: flops))
        })
    }
    return plot
  }

  /// The study as one page.
  ///
  /// - Parameters:
  ///   - points: what the study was made of.
  ///   - source: the file of the points, for the line under the title.
  public func report(of points: [TrainingPoint], source: String) -> Report {
    var report = Report(title: "Scaling laws", subtitle: "\(points.count) points of \(source)")
    let plots = plots(of: points)
    for start in stride(from: 0, to: plots.count, by: 2) {
      report.figure(Array(plots[start..<min(start + 2, plots.count)]))
    }
    for law in laws {
      report.heading(law.form.formula)
      report.table(
        header: ["constant", "value", "interval"],
        rows: law.constants.map {
          [.text($0.name), .text(short($0.estimate.value)), .text(Self.interval($0.estimate))]
        },
        caption: "\(law.residuals.count) points, \(short(100 * law.scatter, digits: 2))% from the law")
    }
    if !optima.isEmpty {
      report.heading("Best size for a budget")
      report.table(
        header: ["method", "exponent of N", "interval"],
        rows: optima.map { optimum in
          let exponent = optimum.estimate(\.exponent)
          return [
            .text(optimum.method.rawValue), .text(short(exponent.value, digits: 3)),
            .text(Self.interval(exponent, digits: 3)),
          ]
        })
    }
    if !gaps.isEmpty {
      report.heading("Not in these points")
      for gap in gaps { report.paragraph("\(gap.name): \(gap.reason)") }
    }
    return report
  }
}
