/// Records from a table with a header row, separated by commas or tabs (RFC 4180), or by semicolons where the header has no comma.
///
/// Quoted fields may hold the separator, doubled quotes and line breaks; every value is a string. A
/// column without a name, as pandas writes its index, is called `Unnamed: 0` after its position, as
/// pandas reads it.
final class CSVSource: RecordSource {
  private let lines: LineReader
  private var separator: UInt8
  /// Whether the separator is yet to be told by the header: spreadsheets of half the world write semicolons.
  private var tellsSeparator: Bool
  private var header: [String]?
  private var row: [String] = []
  private var field: [UInt8] = []

  init(path: String, separator: UInt8 = UInt8(ascii: ","), columns: [String]? = nil) throws(DataError) {
    lines = try LineReader(path: path)
    self.separator = separator
    tellsSeparator = separator == UInt8(ascii: ",") && columns == nil
    header = columns
  }

  func next() throws(DataError) -> Record? {
    if header == nil { try readHeader() }
    guard let header, let start = try readRow() else { return nil }
    guard row.count == header.count else {
      throw DataError(
        .badData, path: lines.path, line: start,
        problem: "fields in this row: \(row.count), in the header: \(header.count)",
        advice: "Quote fields that hold the separator, a quote or a line break.")
    }
    let members = zip(header, row).map { (key: $0, value: JSONValue.string($1)) }
    return Record(fields: JSONObject(members), origin: .init(path: lines.path, line: start))
  }

  private func readHeader() throws(DataError) {
    guard let line = try readRow() else {
      header = []
      return
    }
    let names = row.enumerated().map { $1.isEmpty ? "Unnamed: \($0)" : $1 }
    var seen: Set<String> = []
    if let twin = names.first(where: { !seen.insert($0).inserted }) {
      // Without a line, because no row after a broken header can be read.
      throw DataError(
        .badData, path: lines.path,
        problem: "line \(line): two columns are called '\(twin)'",
        advice: "Give each column its own name.")
    }
    header = names
  }

  /// Reads one row into `row` and returns the line where it starts; nil at the end of the file.
  private func readRow() throws(DataError) -> Int? {
    row.removeAll(keepingCapacity: true)
    field.removeAll(keepingCapacity: true)
    guard var bytes = try lines.next(keepingEnd: true) else { return nil }
    // A blank line between rows is no row, except where one empty field is all the header asks for.
    while bytes.allSatisfy({ $0 == 0x0A || $0 == 0x0D }), header?.count != 1 {
      guard let more = try lines.next(keepingEnd: true) else { return nil }
      bytes = more
    }
    if tellsSeparator {
      tellsSeparator = false
      separator = Self.separator(of: bytes)
    }
    let start = lines.line
    var index = 0
    while true {
      if index < bytes.count, bytes[index] == UInt8(ascii: "\"") {
        (bytes, index) = try readQuoted(bytes, from: index + 1, rowStart: start)
      } else {
        let end = endOfPlain(bytes, from: index)
        field.append(contentsOf: bytes[index..<end])
        index = end
      }
      try finishField()
      guard index < bytes.count, bytes[index] == separator else { return start }
      index += 1
    }
  }

  /// A comma, unless a header has none outside of quotes and has semicolons or tabs there.
  private static func separator(of header: UnsafeRawBufferPointer) -> UInt8 {
    var counts: [UInt8: Int] = [:]
    var isQuoted = false
    for byte in header {
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() } else if !isQuoted { counts[byte, default: 0] += 1 }
    }
    let comma = UInt8(ascii: ",")
    guard counts[comma] == nil else { return comma }
    return [UInt8(ascii: ";"), UInt8(ascii: "\t")].max { counts[$0] ?? 0 < counts[$1] ?? 0 }
      .flatMap { counts[$0] == nil ? nil : $0 } ?? comma
  }

  private func endOfPlain(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
    var index = start
    while index < bytes.count {
      let byte = bytes[index]
      if byte == separator || byte == 0x0A { break }
      if byte == 0x0D, index + 1 == bytes.count || bytes[index + 1] == 0x0A { break }
      index += 1
    }
    return index
  }

  /// Reads a quoted field, over several lines if it has them; returns where it stopped.
  private func readQuoted(
    _ first: UnsafeRawBufferPointer, from start: Int, rowStart: Int
  ) throws(DataError) -> (UnsafeRawBufferPointer, Int) {
    var bytes = first
    var runStart = start
    let opened = lines.line
    while true {
      guard let quote = bytes[runStart...].firstIndex(of: UInt8(ascii: "\"")) else {
        field.append(contentsOf: bytes[runStart...])
        guard let more = try lines.next(keepingEnd: true) else {
          throw DataError(
            .badData, path: lines.path, line: opened, problem: "a quoted field is never closed",
            advice: "Add the closing quote; a quote inside a field is written twice.")
        }
        (bytes, runStart) = (more, 0)
        continue
      }
      field.append(contentsOf: bytes[runStart..<quote])
      let after = quote + 1
      guard after < bytes.count else { return (bytes, after) }
      switch bytes[after] {
      case UInt8(ascii: "\""):
        field.append(UInt8(ascii: "\""))
        runStart = after + 1
      case separator, 0x0A, 0x0D: return (bytes, after)
      default:
        throw DataError(
          .badData, path: lines.path, line: lines.line,
          problem: "something follows the closing quote of a field",
          advice: "A quote inside a quoted field is written twice.")
      }
    }
  }

  private func finishField() throws(DataError) {
    guard let text = field.withUnsafeBytes({ String(validating: $0, as: UTF8.self) }) else {
      throw DataError(
        .badData, path: lines.path, line: lines.line, problem: "the text is not valid UTF-8",
        advice: "Convert the file, for example with 'iconv -f latin1 -t utf-8'.")
    }
    row.append(text)
    field.removeAll(keepingCapacity: true)
  }
}
