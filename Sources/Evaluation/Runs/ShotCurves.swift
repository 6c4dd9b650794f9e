public import Documents
import Foundation

/// Evaluations of the same tasks with several numbers of examples, side by side.
///
/// ```swift
/// let all = try [0, 1, 4].map { shots in
///   let evaluation = try TaskEvaluation(nodes, options: EvaluationOptions(shots: shots), dataFolder: "data")
///   guard case .finished(let results) = try evaluation.run(model) else { throw CancellationError() }
///   return results
/// }
/// print(ShotCurves(all).table())
/// ```
public struct ShotCurves: Sendable {
  /// A metric of a task under one filter, by the number of examples.
  struct Curve: Sendable {
    var task: String
    var metric: String
    var filter: String
    var points: [(shots: Int, value: Double, standardError: Double?)]
  }

  let results: [EvaluationResults]
  let curves: [Curve]

  /// The evaluations of one model, one a number of examples; where a task keeps a number of its own it is shown once.
  public init(_ results: [EvaluationResults]) {
    self.results = results
    var curves: [Curve] = []
    for task in results.flatMap(\.tasks) {
      for score in task.scores {
        let name = task.task.configuration.alias
        let place =
          curves.firstIndex { $0.task == name && $0.metric == score.metric && $0.filter == score.filter }
          ?? curves.endIndex
        if place == curves.endIndex {
          curves.append(Curve(task: name, metric: score.metric, filter: score.filter, points: []))
        }
        guard !curves[place].points.contains(where: { $0.shots == task.shots }) else { continue }
        curves[place].points.append((task.shots, score.value, score.standardError))
      }
    }
    self.curves = curves
  }

  private var shots: [Int] { Set(curves.flatMap { $0.points.map(\.shots) }).sorted() }

  /// A Markdown table with a column for each number of examples.
  public func table() -> String {
    let shots = shots
    let rows = curves.map { curve in
      [curve.task, curve.filter, curve.metric]
        + shots.map { count in
          curve.points.first { $0.shots == count }.map { point in
            fixed(point.value, 4) + (point.standardError.map { " ± \(fixed($0, 4))" } ?? "")
          } ?? ""
        }
    }
    let header = ["Tasks", "Filter", "Metric"] + shots.map { "\($0)-shot" }
    return ([header, header.map { _ in "---" }] + rows).map { "|\($0.joined(separator: "|"))|" }.joined(separator: "\n")
      + "\n"
  }

  /// Each evaluation's document, and the curves.
  public func document() -> JSONObject {
    [
      "runs": .array(results.map { .object($0.document()) }),
      "curves": .array(
        curves.map { curve in
          [
            "task": .string(curve.task), "metric": .string(curve.metric), "filter": .string(curve.filter),
            "points": .array(
              curve.points.map { point in
                [
                  "shots": .int(point.shots), "value": point.value.isFinite ? .double(point.value) : .null,
                  "stderr": point.standardError.map { .double($0) } ?? .null,
                ]
              }),
          ]
        }),
    ]
  }

  /// A page with the table, and for each metric the tasks' curves with 95% intervals from their standard errors.
  public func report() -> Report {
    var page = Report(title: "Examples in the prompt", subtitle: results.first?.model.name ?? "")
    let shots = shots
    page.table(
      header: ["task", "filter", "metric"] + shots.map { "\($0) examples" },
      rows: curves.map { curve in
        [.text(curve.task), .text(curve.filter), .text(curve.metric)]
          + shots.map { count in
            curve.points.first { $0.shots == count }.map { .number($0.value, decimals: 4) } ?? .text("")
          }
      })
    for metric in Set(curves.map(\.metric)).sorted() {
      var plot = Plot(title: metric, x: "examples", y: Plot.Axis(metric))
      for curve in curves where curve.metric == metric {
        let name = curve.filter == "none" ? curve.task : "\(curve.task), \(curve.filter)"
        plot.add(
          name,
          points: curve.points.sorted { $0.shots < $1.shots }.map { point in
            let half = point.standardError.map { 1.96 * $0 }
            return Plot.Point(
              x: Double(point.shots), y: point.value, low: half.map { point.value - $0 },
              high: half.map { point.value + $0 })
          }, style: .linePoints)
      }
      page.figure([plot])
    }
    return page
  }

  /// Writes `shots_DATE.html` into the model's folder below another.
  ///
  /// - Returns: the file.
  public func write(below folder: String) throws -> String {
    guard let first = results.first else { return "" }
    let place = "\(folder)/\(EvaluationResults.fileName(of: first.model.name))"
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    let file = "\(place)/shots_\(EvaluationResults.fileDate(first.finished)).html"
    try report().write(to: URL(fileURLWithPath: file))
    return file
  }
}
