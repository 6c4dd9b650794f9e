import Evaluation
import Statistics

extension Plot {
  /// One plot of several seeds': the mean of each series where all have a point, with a 95% interval over the seeds.
  ///
  /// - Returns: nil where they aren't plots of the same things.
  static func overSeeds(_ plots: [Plot]) -> Plot? {
    guard var made = plots.first, plots.count > 1,
      plots.allSatisfy({ plot in
        plot.title == made.title && plot.series.map(\.name) == made.series.map(\.name)
          && plot.references.map(\.label) == made.references.map(\.label)
      })
    else { return nil }
    for place in made.series.indices {
      let courses = plots.map { $0.series[place].points }
      let others = courses.dropFirst().map { Dictionary($0.map { ($0.x, $0.y) }) { first, _ in first } }
      made.series[place].points = courses[0].compactMap { point in
        let values = [point.y] + others.compactMap { $0[point.x] }
        guard values.count == plots.count else { return nil }
        return Point(
          x: point.x, estimate: .overRepetitions(values.map { Estimate(value: $0, low: $0, high: $0, n: 1) }))
      }
    }
    for place in made.references.indices {
      made.references[place].y = plots.reduce(0) { $0 + $1.references[place].y } / Double(plots.count)
    }
    return made
  }
}
