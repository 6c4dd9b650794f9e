/// Records from a `.json` file: one array of records, one record, or one record a line.
///
/// An array or a record that spans lines is held in memory whole; one record a line is streamed.
final class JSONFileSource: RecordSource {
  private let path: String
  private let lines: JSONLinesSource?
  private var bytes: [UInt8] = []
  private var offset = 0
  private var line = 1
  private var countedTo = 0
  private var isArray = false
  private var atEnd = false

  init(path: String) throws(DataError) {
    self.path = path
    // Read once from start to end: what comes through a pipe can't be opened again.
    let reader = try LineReader(path: path)
    while let line = try reader.next(keepingEnd: true) {
      if line.contains(where: { $0 > 0x20 }), Self.isWholeValue(line) {
        lines = JSONLinesSource(reader, after: Array(line))
        bytes = []
        return
      }
      bytes.append(contentsOf: line)
      if line.contains(where: { $0 > 0x20 }) { break }
    }
    lines = nil
    while let line = try reader.next(keepingEnd: true) { bytes.append(contentsOf: line) }
    atEnd = !bytes.contains { $0 > 0x20 }
    try openArray()
  }

  func next() throws(DataError) -> Record? {
    if let lines { return try lines.next() }
    guard !atEnd else { return nil }
    let (value, origin) = try parseElement()
    return try Record(value, origin: origin)
  }

  /// Whether a line is a complete JSON object or string, so that the file has one on each line.
  private static func isWholeValue(_ line: UnsafeRawBufferPointer) -> Bool {
    guard line.first(where: { $0 > 0x20 }) != UInt8(ascii: "[") else { return false }
    do {
      _ = try JSONParser.parse(line)
      return true
    } catch {
      // A line that ends inside its value starts a value over several lines; any other trouble is better reported line by line.
      return line[error.offset...].contains { $0 > 0x20 }
    }
  }

  private func openArray() throws(DataError) {
    isArray = bytes.withUnsafeBytes { buffer in
      var parser = JSONParser(buffer)
      guard parser.peek() == UInt8(ascii: "[") else { return false }
      parser.advance()
      offset = parser.offset
      if parser.peek() == UInt8(ascii: "]") { atEnd = true }
      return true
    }
  }

  private func parseElement() throws(DataError) -> (JSONValue, Record.Origin) {
    let result: Result<(JSONValue, Int), DataError> = bytes.withUnsafeBytes { buffer in
      do throws(JSONParser.Failure) {
        return .success(try element(in: buffer))
      } catch {
        return .failure(DataError(path: path, line: 1, failure: error, in: buffer))
      }
    }
    // Where the next record starts can't be told after a syntax error, so the file ends there.
    if case .failure = result { atEnd = true }
    let (value, start) = try result.get()
    return (value, Record.Origin(path: path, line: lineNumber(at: start)))
  }

  /// The next record and the byte where it starts.
  private func element(
    in buffer: UnsafeRawBufferPointer
  ) throws(JSONParser.Failure) -> (JSONValue, Int) {
    var parser = JSONParser(buffer, at: offset)
    parser.skipSpace()
    let start = parser.offset
    let value = try parser.value(depth: 1)
    switch (parser.peek(), isArray) {
    case (UInt8(ascii: ","), true): parser.advance()
    case (UInt8(ascii: "]"), true):
      atEnd = true
      parser.advance()
      guard parser.peek() == nil else {
        throw .init(offset: parser.offset, problem: "something follows the array")
      }
    case (nil, false): atEnd = true
    default:
      throw .init(offset: parser.offset, problem: "',' or ']' is missing after a record")
    }
    offset = parser.offset
    return (value, start)
  }

  private func lineNumber(at position: Int) -> Int {
    for index in countedTo..<position where bytes[index] == 0x0A { line += 1 }
    countedTo = max(countedTo, position)
    return line
  }
}
