/// Records from a file with one JSON value a line: an object, or a string that stands for `text`.
///
/// Blank lines are passed over.
final class JSONLinesSource: RecordSource {
  private let lines: LineReader

  init(path: String) throws(DataError) { lines = try LineReader(path: path) }

  func next() throws(DataError) -> Record? {
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
