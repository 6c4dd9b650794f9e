/// Documents from a plain-text file, cut as asked, in the field `text`.
///
/// A document's text stands as in the file, except that blank lines at its two ends are dropped;
/// documents with nothing but white space are passed over.
final class TextSource: RecordSource {
  private let lines: LineReader
  private let division: TextDivision
  private var rest: (text: String, line: Int)?
  private var atEnd = false

  init(path: String, division: TextDivision) throws(DataError) {
    lines = try LineReader(path: path)
    self.division = division
  }

  func next() throws(DataError) -> Record? {
    while let (text, line) = try nextPiece() {
      guard let text = Self.trimmed(text) else { continue }
      return Record(
        fields: ["text": .string(text)], origin: .init(path: lines.path, line: line))
    }
    return nil
  }

  private func nextPiece() throws(DataError) -> (text: String, line: Int)? {
    switch division {
    case .lines: return try nextLine(keepingEnd: false)
    case .file: return try collect { _ in nil }
    case .paragraphs:
      return try collect { line in line.allSatisfy(\.isWhitespace) ? (line, "") : nil }
    case .separator(let mark):
      return try collect { line in
        guard let found = line.firstRange(ofText: mark) else { return nil }
        return (String(line[..<found.lowerBound]), String(line[found.upperBound...]))
      }
    }
  }

  /// Gathers lines until `divide` cuts one in two; its second half starts the next piece.
  private func collect(
    _ divide: (String) -> (before: String, after: String)?
  ) throws(DataError) -> (text: String, line: Int)? {
    guard !atEnd else { return nil }
    var piece = ""
    var first: Int?
    while let (text, line) = try nextHalfOrLine() {
      first = first ?? line
      if let (before, after) = divide(text) {
        if !after.isEmpty { rest = (after, line) }
        return (piece + before, first ?? line)
      }
      piece += text
    }
    atEnd = true
    return first.map { (piece, $0) }
  }

  private func nextHalfOrLine() throws(DataError) -> (text: String, line: Int)? {
    if let half = rest {
      rest = nil
      return half
    }
    return try nextLine(keepingEnd: true)
  }

  private func nextLine(keepingEnd: Bool) throws(DataError) -> (text: String, line: Int)? {
    guard let bytes = try lines.next(keepingEnd: keepingEnd) else { return nil }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw DataError(
        .badData, path: lines.path, line: lines.line, problem: "the text is not valid UTF-8",
        advice: "Convert the file, for example with 'iconv -f latin1 -t utf-8'.")
    }
    return (text, lines.line)
  }

  /// The text without blank lines at its ends, or nil where nothing is left.
  private static func trimmed(_ text: String) -> String? {
    let bytes = text.utf8
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    guard let firstInk = bytes.firstIndex(where: { !isSpace($0) }),
      let lastInk = bytes.lastIndex(where: { !isSpace($0) })
    else { return nil }
    // The indentation of the first line and the spaces after the last word are part of the text.
    let start = bytes[..<firstInk].lastIndex(of: 0x0A).map(bytes.index(after:)) ?? bytes.startIndex
    let afterInk = bytes.index(after: lastInk)
    let end = bytes[afterInk...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? bytes.endIndex
    return String(text[start..<end])
  }
}

extension String {
  /// The first occurrence of `pattern`, compared byte by byte.
  fileprivate func firstRange(ofText pattern: String) -> Range<Index>? {
    guard let head = pattern.utf8.first else { return nil }
    var from = utf8.startIndex
    while let start = utf8[from...].firstIndex(of: head) {
      if utf8[start...].starts(with: pattern.utf8) {
        return start..<utf8.index(start, offsetBy: pattern.utf8.count)
      }
      from = utf8.index(after: start)
    }
    return nil
  }
}
