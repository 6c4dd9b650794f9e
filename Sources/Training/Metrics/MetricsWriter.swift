import Documents
import Foundation

/// Writes a run's metrics twice: to `metrics.jsonl` and to a TensorBoard event file.
///
/// A line of `metrics.jsonl` is `{"step": 12, "loss": 2.31, …}` in the order of the ``Metrics``; numbers
/// that aren't finite are written as `null`, as JSON has no others. TensorBoard gets the same names;
/// for a resumed run it is told to forget what was logged after the step where the run goes on.
public final class MetricsWriter {
  private let log: StepLog
  private let events: EventFileWriter
  /// The last step whose line a resumed run still has.
  var lastStep: Int? { log.lastStep }

  /// Opens both files of a run.
  ///
  /// - Parameters:
  ///   - folder: the run's folder.
  ///   - step: the step of the checkpoint from which the run goes on; nil for a new run.
  public init(folder: RunFolder, resumingAfter step: Int?) throws {
    log = try StepLog(path: folder.path(of: "metrics.jsonl"), resumingAfter: step)
    if step == nil { try EventFileWriter.removeAll(in: folder.path) }
    events = try EventFileWriter(folder: folder.path, resumingAfter: step)
  }

  /// Writes the metrics of a step.
  public func write(step: Int, _ metrics: Metrics) throws {
    try log.append(
      step: step,
      metrics.pairs.map { (key: $0.name, value: JSONValue(metric: $0.value)) })
    try events.write(step: step, metrics, at: Date().timeIntervalSince1970)
  }

  /// Waits until everything is on the disk; called before a checkpoint is saved.
  public func synchronize() throws {
    try log.synchronize()
    try events.synchronize()
  }
}

extension JSONValue {
  /// A measured number: whole ones without a fraction, those that aren't finite as `null`.
  fileprivate init(metric: Double) {
    if !metric.isFinite {
      self = .null
    } else if let whole = Int(exactly: metric), abs(whole) < 1 << 53 {
      self = .int(whole)
    } else {
      self = .double(metric)
    }
  }
}
