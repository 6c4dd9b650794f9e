/// Records from a file with one JSON value a line: an object, or a string that stands for `text`.
///
/// Blank lines are passed over.
final class JSONLinesSource: RecordSource {
  private let lines: LineReader
  /// A line that was read to tell the file's form.
  private var first: [UInt8]?

  init(path: String) throws(DataError) { lines = try LineReader(path: path) }

  /// Goes on behind a line that was read already.
  init(_ lines: LineReader, after first: [UInt8]) {
    self.lines = lines
    self.first = first
  }

  func next() throws(DataError) -> Record? {
    if let line = first {
      first = nil
      let value = try JSONValue(parsing: line, path: lines.path, line: lines.line)
      return try Record(value, origin: .init(path: lines.path, line: lines.line))
    }
    while let bytes = try lines.next() {
      if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
      let value = try JSONValue(bytes: bytes, path: lines.path, line: lines.line)
      return try Record(value, origin: .init(path: lines.path, line: lines.line))
    }
    return nil
  }
}

extension Record {
  /// The record that a JSON value stands for.
  init(_ value: JSONValue, origin: Origin) throws(DataError) {
    switch value {
    case .object(let fields): self.init(fields: fields, origin: origin)
    case .string: self.init(fields: ["text": value], origin: origin)
    default:
      throw DataError(
        .badData, path: origin.path, line: origin.line,
        problem: "the record is \(value.kind), not an object or a string",
        advice: "Write one object a line, such as {\"text\": \"…\"}.")
    }
  }
}
