/// Encodings of text with more than one byte for every letter, which other systems write and UTF-8 readers don't read.
enum WideEncoding: String {
  case utf16 = "utf-16"
  case utf16LittleEndian = "utf-16le"
  case utf16BigEndian = "utf-16be"
  case utf32 = "utf-32"

  /// The encoding that a text's first bytes give away: by their mark, or by the zeros in every other place.
  init?(_ head: some Collection<UInt8>) {
    let bytes = Array(head.prefix(256))
    if bytes.starts(with: [0xFF, 0xFE, 0, 0]) || bytes.starts(with: [0, 0, 0xFE, 0xFF]) {
      self = .utf32
    } else if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      self = .utf16
    } else {
      let zeros = [0, 1].map { side in bytes.indices.count { $0 % 2 == side && bytes[$0] == 0 } }
      // Text in Latin letters has nothing else there; a stray zero is no encoding.
      guard bytes.count >= 4, let most = zeros.max(), most * 4 > bytes.count, zeros.min() == 0 else { return nil }
      self = zeros[1] == most ? .utf16LittleEndian : .utf16BigEndian
    }
  }

  /// What is said of a file in it.
  func error(path: String) -> DataError {
    DataError(
      .badData, path: path, problem: "the text is \(rawValue.uppercased()), not UTF-8",
      advice: "Convert the file with 'iconv -f \(rawValue) -t utf-8'.")
  }
}

/// Makes UTF-8 of UTF-16 that says its order by its mark, a piece at a time.
struct WideDecoder {
  private let path: String
  private let isBigEndian: Bool
  /// A byte or a half of a character that the next piece completes.
  private var rest: [UInt8] = []

  /// A decoder for a file that begins with these bytes; nil where they aren't UTF-16's mark.
  init?(_ head: some Collection<UInt8>, path: String) {
    guard WideEncoding(head) == .utf16 else { return nil }
    self.path = path
    isBigEndian = head.first == 0xFE
  }

  /// The bytes of the mark.
  static let markLength = 2

  /// The text of a piece as UTF-8, as far as it is complete.
  ///
  /// - Throws: `DataError` for half a character in the middle, and for one or an odd byte at the end.
  mutating func decode(_ piece: some Collection<UInt8>, atEnd: Bool) throws(DataError) -> [UInt8] {
    let bytes = rest + Array(piece)
    var units: [UInt16] = []
    units.reserveCapacity(bytes.count / 2)
    for place in stride(from: 0, to: bytes.count - 1, by: 2) {
      let (a, b) = (UInt16(bytes[place]), UInt16(bytes[place + 1]))
      units.append(isBigEndian ? a << 8 | b : b << 8 | a)
    }
    rest = bytes.count % 2 == 1 ? [bytes[bytes.count - 1]] : []
    if let last = units.last, UTF16.isLeadSurrogate(last), !atEnd {
      units.removeLast()
      rest = Array(bytes.suffix(rest.count + 2))
    }
    guard !atEnd || rest.isEmpty else { throw error("is cut off: its last character has one byte") }
    guard let text = String(validating: units, as: UTF16.self) else { throw error("has half a character in it") }
    return Array(text.utf8)
  }

  private func error(_ problem: String) -> DataError {
    DataError(.badData, path: path, problem: "the UTF-16 text \(problem)", advice: "Write the file again as UTF-8.")
  }
}
