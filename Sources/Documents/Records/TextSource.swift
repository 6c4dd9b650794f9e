#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Documents from a plain-text file, cut as asked, in the field `text`.
///
/// A document's text stands as in the file, except that blank lines at its two ends are dropped;
/// documents with nothing but white space are passed over.
final class TextSource: RecordSource {
  private let lines: LineReader
  private let division: TextDivision
  private let mark: [UInt8]
  /// The document that is being gathered, and the line where it starts.
  private var piece: [UInt8] = []
  private var firstLine = 0
  /// The text behind a mark on its line: the start of the next document.
  private var rest: [UInt8] = []

  init(path: String, division: TextDivision) throws(DataError) {
    lines = try LineReader(path: path)
    self.division = division
    mark = if case .separator(let text) = division { Array(text.utf8) } else { [] }
  }

  func next() throws(DataError) -> Record? {
    while try gather() {
      guard let ink = Self.withoutBlankEnds(piece[...]) else { continue }
      guard let text = String(validating: ink, as: UTF8.self) else { throw invalidText() }
      return Record(
        fields: ["text": .string(text)], origin: .init(path: lines.path, line: firstLine))
    }
    return nil
  }

  /// Fills `piece` with the next document; false at the end of the file.
  private func gather() throws(DataError) -> Bool {
    piece.removeAll(keepingCapacity: true)
    firstLine = max(lines.line, 1)
    if takeFromRest() { return true }
    while let line = try lines.next(keepingEnd: true) {
      if piece.isEmpty { firstLine = lines.line }
      if cut(line) { return true }
    }
    return !piece.isEmpty
  }

  /// Moves what was left behind a mark into `piece`; true if that is a document already.
  private func takeFromRest() -> Bool {
    let line = rest
    rest = []
    return !line.isEmpty && line.withUnsafeBytes { cut($0) }
  }

  /// Adds a line to `piece`; true if the document ends there.
  private func cut(_ line: UnsafeRawBufferPointer) -> Bool {
    switch division {
    case .file: break
    case .lines:
      piece.append(contentsOf: line)
      return true
    case .paragraphs:
      if line.allSatisfy(Self.isSpace) { return true }
    case .separator:
      guard let place = Self.position(of: mark, in: line) else { break }
      piece.append(contentsOf: line[..<place])
      rest = Array(line[(place + mark.count)...])
      return true
    }
    piece.append(contentsOf: line)
    return false
  }

  private static func position(of mark: [UInt8], in line: UnsafeRawBufferPointer) -> Int? {
    guard let head = mark.first, let base = line.baseAddress else { return nil }
    var from = 0
    while from + mark.count <= line.count,
      let found = memchr(base + from, Int32(head), line.count - mark.count + 1 - from)
    {
      let place = UnsafeRawPointer(found) - base
      if memcmp(base + place, mark, mark.count) == 0 { return place }
      from = place + 1
    }
    return nil
  }

  /// The error for a document that is not UTF-8, with the line where that shows.
  private func invalidText() -> DataError {
    let whole = piece.split(separator: 0x0A, omittingEmptySubsequences: false)
    let bad = whole.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
    return DataError(
      .badData, path: lines.path, line: firstLine + bad, problem: "the text is not valid UTF-8",
      advice: "Convert the file, for example with 'iconv -f latin1 -t utf-8'.")
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte)
  }

  /// The text without blank lines at its ends, or nil where nothing is left.
  ///
  /// The indentation of the first line and the spaces behind the last word stay.
  private static func withoutBlankEnds(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard let firstInk = text.firstIndex(where: { !isSpace($0) }),
      let lastInk = text.lastIndex(where: { !isSpace($0) })
    else { return nil }
    let start = text[..<firstInk].lastIndex(of: 0x0A).map { $0 + 1 } ?? text.startIndex
    let end = text[lastInk...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? text.endIndex
    return text[start..<end]
  }
}
