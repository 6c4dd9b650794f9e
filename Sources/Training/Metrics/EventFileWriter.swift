public import Documents
public import Foundation

/// Appends scalars to a TensorBoard event file.
///
/// The file is a sequence of TFRecords, each an `Event` message in protocol-buffer encoding
/// (tensorboard/compat/proto/event.proto). Only what scalars need is written: `wall_time` (1),
/// `step` (2), `file_version` (3), `summary` (5) with `value` (1) of `tag` (1) and `simple_value`
/// (2), and `session_log` (7) with `status` (1), which tells TensorBoard where a resumed run goes
/// on. Values are stored as 32-bit floats, as TensorBoard does.
public final class EventFileWriter {
  /// The file.
  public let path: String
  private let file: Int32

  /// Starts a new event file in a folder, under a name that TensorBoard recognises and orders.
  ///
  /// - Parameters:
  ///   - folder: the folder.
  ///   - step: the step after which a resumed run goes on; TensorBoard drops later points.
  ///   - time: the time for the name and the first events, in seconds since 1970.
  public init(
    folder: String, resumingAfter step: Int? = nil, at time: Double = Date().timeIntervalSince1970
  ) throws(DataError) {
    var path: String
    var number = 0
    repeat {
      path =
        "\(folder)/events.out.tfevents.\(Int(time)).\(ProcessInfo.processInfo.hostName)"
        + ".\(getpid()).\(number)"
      number += 1
    } while FileManager.default.fileExists(atPath: path)
    self.path = path
    file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw DataError(errno: errno, path: path, action: "write the file") }
    try append(Self.event(time: time) { $0.string(3, "brain.Event:2") })
    if let step {
      // SessionLog.START; TensorBoard purges what it has at or after an event's step.
      try append(
        Self.event(time: time, step: step + 1) { event in
          event.message(7) { $0.integer(1, 1) }
        })
    }
  }

  deinit {
    if file >= 0 { close(file) }
  }

  /// Writes one event with all metrics of a step.
  public func write(step: Int, _ metrics: Metrics, at time: Double) throws(DataError) {
    try append(
      Self.event(time: time, step: step) { event in
        event.message(5) { summary in
          for (name, value) in metrics.pairs {
            summary.message(1) { entry in
              entry.string(1, name)
              entry.float(2, Float(value))
            }
          }
        }
      })
  }

  /// Waits until everything is on the disk.
  public func synchronize() throws(DataError) {
    try DurableFile.synchronize(file, path: path)
  }

  /// Removes the event files of an earlier run from a folder.
  static func removeAll(in folder: String) throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: folder)
    where name.hasPrefix("events.out.tfevents.") {
      try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
    }
  }

  private static func event(
    time: Double, step: Int = 0, _ content: (inout ProtocolBuffer) -> Void
  ) -> ProtocolBuffer {
    var event = ProtocolBuffer()
    event.double(1, time)
    if step != 0 { event.integer(2, step) }
    content(&event)
    return event
  }

  private func append(_ event: ProtocolBuffer) throws(DataError) {
    try DurableFile.append(Data(TFRecord.frame(event.bytes)), to: file, path: path)
  }
}
