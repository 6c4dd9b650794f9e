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
