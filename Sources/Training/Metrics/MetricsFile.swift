import Documents
import Foundation

/// The numbers that a run wrote step by step, read back from its `metrics.jsonl`.
///
/// ```swift
/// let losses = MetricsFile(ofRun: "runs/sft").lines.compactMap { $0["eval_loss"] }
/// ```
public struct MetricsFile: Sendable {
  /// The numbers of one step.
  public struct Line: Sendable, Equatable {
    /// The step.
    public var step: Int
    /// Its numbers; those that weren't finite are left out.
    public var metrics: Metrics

    /// The number of a name; `step` is the step.
    public subscript(name: String) -> Double? { name == "step" ? Double(step) : metrics[name] }
  }

  /// The lines in the file's order.
  public let lines: [Line]

  /// Reads the metrics of a run's folder; none where there are none yet.
  ///
  /// A run that is being written, or was killed, may end in half a line, which is left out.
  public init(ofRun folder: String) {
    let text = (try? String(contentsOfFile: folder + "/metrics.jsonl", encoding: .utf8)) ?? ""
    lines = text.split(separator: "\n").compactMap { line in
      guard let object = try? JSONValue(parsing: Array(line.utf8)).object, let step = object["step"]?.int else {
        return nil
      }
      var metrics = Metrics()
      for (name, value) in object.members where name != "step" { metrics[name] = value.double }
      return Line(step: step, metrics: metrics)
    }
  }
}
