import Console
import Foundation

/// Messages for people, on stderr, so that stdout holds nothing but results.
enum Log {
  /// Says what goes on.
  static func info(_ message: String) { raw("apprentice: \(message)") }

  /// Says that something is odd but goes on.
  static func warning(_ message: String) { raw("apprentice: warning: \(message)") }

  /// Says why the command ends.
  static func error(_ message: String) { raw("apprentice: error: \(message)") }

  /// Writes a line as it is; what it quotes of files and models gives a terminal no orders.
  static func raw(_ line: String) {
    let line = isatty(STDERR_FILENO) == 1 ? SafeText.of(line) : line
    FileHandle.standardError.write(Data((line + "\n").utf8))
  }
}
