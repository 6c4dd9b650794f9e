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

  /// Reads a file.
  public init(contentsOf url: URL, keepingBlankLines: Bool = false) throws {
    let data: Data
    do {
      data = try Data(contentsOf: url)
    } catch {
      let reason = FileManager.default.fileExists(atPath: url.path) ? "can't be read" : "there is no such file"
      throw DataError(.noInput, path: url.path, problem: reason, advice: "Check the path.")
    }
    var strings: [String] = []
    var blank = 0
    let lines = data.split(separator: 0x0A, omittingEmptySubsequences: false)
    for (index, bytes) in lines.enumerated() {
      // What follows the last newline is no line unless something is there.
      if bytes.isEmpty, index == lines.count - 1 { break }
      let line = bytes.last == 0x0D ? bytes.dropLast() : bytes
      guard let string = String(validating: line, as: UTF8.self) else {
        throw DataError(
          .badData, path: url.path, line: index + 1, problem: "not UTF-8 text", advice: "Save the file as UTF-8.")
      }
      if string.isEmpty, !keepingBlankLines {
        blank += 1
      } else {
        strings.append(string)
      }
    }
    self.strings = strings
    skippedBlankLines = blank
  }
}
