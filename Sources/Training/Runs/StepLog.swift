public import Documents
import Foundation

/// A file of JSON lines, each with a `step`, that a run appends to and that survives its death.
///
/// Each line is one write, so only the last one can be torn. When a run goes on after step _n_,
/// a torn last line and all lines of later steps are cut off, because the run is about to write them
/// again.
public final class StepLog {
  /// The file.
  public let path: String
  /// The last step in the file when it was opened, after cutting; nil where there is none.
  let lastStep: Int?
  private let file: Int32

  /// Opens the file for appending.
  ///
  /// - Parameter step: the step after which the run goes on; nil starts the file anew.
  public init(path: String, resumingAfter step: Int?) throws(DataError) {
    self.path = path
    file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw DataError(errno: errno, path: path, action: "open the file") }
    let kept = try step.map { step throws(DataError) in
      try Self.valid(in: path, through: step)
    }
    lastStep = kept?.lastStep
    let length = kept?.length
    // Nothing to cut is no reason to cut: not every kind of file can be.
    let size = lseek(file, 0, SEEK_END)
    guard size <= length ?? 0 || ftruncate(file, off_t(length ?? 0)) == 0 else {
      throw DataError(errno: errno, path: path, action: "cut the file")
    }
  }

  deinit {
    if file >= 0 { close(file) }
  }

  /// Appends one line: the step, then the members in the order given.
  public func append(step: Int, _ members: [(key: String, value: JSONValue)]) throws(DataError) {
    let line = JSONValue.object(JSONObject([(key: "step", value: .int(step))] + members))
    try DurableFile.append(Data((line.serialized() + "\n").utf8), to: file, path: path)
  }

  /// Waits until all lines are on the disk.
  public func synchronize() throws(DataError) {
    try DurableFile.synchronize(file, path: path)
  }

  /// The number of bytes at the start that are whole lines of steps up to `last`, and the last of those steps.
  private static func valid(
    in path: String, through last: Int
  ) throws(DataError) -> (length: Int, lastStep: Int?) {
    let reader = try LineReader(path: path)
    var (length, lastStep): (Int, Int?) = (0, nil)
    while let line = try reader.next(keepingEnd: true) {
      guard line.last == 0x0A,
        let value = try? JSONParser.parse(line), let step = value["step"]?.int, step <= last
      else { break }
      length += line.count
      lastStep = step
    }
    return (length, lastStep)
  }
}
