import Documents
import Foundation

/// The text of a PDF by poppler's `pdftotext`, in a process of its own with limits on time, memory and output.
enum PDFText {
  /// The most bytes of text that are taken.
  static let mostBytes = 256 << 20
  /// The processor seconds after which the program is ended.
  static let mostSeconds = 300

  private static let places = ["/usr/bin/pdftotext", "/usr/local/bin/pdftotext", "/opt/homebrew/bin/pdftotext"]

  /// The program, where it is installed.
  static var program: String? { places.first { FileManager.default.isExecutableFile(atPath: $0) } }

  /// Reads a file's text, in the order in which it is read, pages divided by form feeds.
  ///
  /// - Throws: `DataError` where the program is missing, the file is no PDF or protected, or there is hardly any text in it.
  static func read(_ path: String) throws(DataError) -> String {
    guard let program else {
      throw DataError(
        .noInput, path: path, problem: "reading a PDF needs poppler's pdftotext, which isn't installed",
        advice: "'apt-get install poppler-utils' or 'brew install poppler' brings it.")
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    // 3 GiB of addresses: poppler takes a tenth of that for a large file.
    process.arguments = [
      "-c", "ulimit -t \(mostSeconds); ulimit -v 3145728 2>/dev/null; exec \"$1\" -q -enc UTF-8 -- \"$2\" -", "sh",
      program, path,
    ]
    let (output, errors) = (Pipe(), Pipe())
    (process.standardOutput, process.standardError) = (output, errors)
    process.standardInput = FileHandle.nullDevice
    do { try process.run() } catch {
      throw DataError(.inputOutput, path: path, problem: "pdftotext can't be started: \(error.localizedDescription)")
    }
    var data = Data()
    while true {
      let part = output.fileHandleForReading.availableData
      if part.isEmpty { break }
      data += part
      if data.count > mostBytes {
        process.terminate()
        throw DataError(.badData, path: path, problem: "the PDF holds more than \(mostBytes >> 20) MiB of text")
      }
    }
    let message = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      let said = message.split(separator: "\n").first.map { ": \($0)" } ?? ""
      let isLocked = message.lowercased().contains("password") || process.terminationStatus == 3
      throw DataError(
        .badData, path: path,
        problem: isLocked ? "the PDF is protected by a password" : "pdftotext can't read the file\(said)",
        advice: isLocked ? "Save a copy without protection." : "'pdfinfo' checks a file.")
    }
    let text = String(decoding: data, as: UTF8.self)
    let pages = max(1, text.unicodeScalars.count { $0 == "\u{C}" })
    let letters = text.unicodeScalars.count { $0.properties.isAlphabetic }
    guard letters >= 10 * pages else {
      throw DataError(
        .badData, path: path, problem: "its \(pages) pages hold \(letters) letters of text: it is made of scans",
        advice: "Have the text recognised first, as with 'ocrmypdf'.")
    }
    return text
  }
}
