import Documents
public import Foundation

/// A text file with one string a line.
///
/// Blank lines are skipped, and counted, because they are mostly accidents; say so if they are
/// meant as the empty string. A carriage return before the line's end is not part of the string.
public struct StringFile: Sendable {
  /// The strings, in the order of the file.
  public let strings: [String]
  /// The number of blank lines that were left out.
  public let skippedBlankLines: Int

  /// Reads a file, a pipe, or standard input where the path is `-`.
  ///
  /// A byte-order mark at the beginning is none of the strings' own.
  public init(contentsOf url: URL, keepingBlankLines: Bool = false, normalized: Bool = false) throws {
    let path = FileContents.path(of: url)
    let data = try FileContents.data(of: path)
    var strings: [String] = []
    var blank = 0
    try data.withUnsafeBytes { bytes in
      var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
      var number = 0
      // What follows the last newline is no line unless something is there.
      while start < bytes.count {
        number += 1
        let newline = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
        let end = newline > start && bytes[newline - 1] == 0x0D ? newline - 1 : newline
        guard var string = String(validating: bytes[start..<end], as: UTF8.self) else {
          throw DataError(
            .badData, path: path, line: number, problem: "not UTF-8 text", advice: "Save the file as UTF-8.")
        }
        if normalized { string = string.precomposedStringWithCanonicalMapping }
        if string.isEmpty, !keepingBlankLines { blank += 1 } else { strings.append(string) }
        start = newline + 1
      }
    }
    self.strings = strings
    skippedBlankLines = blank
  }
}
