import Foundation

/// Messages for people, on stderr, so that stdout holds nothing but results.
enum Log {
  /// Says what goes on.
  static func info(_ message: String) { raw("apprentice: \(message)") }

  /// Says that something is odd but goes on.
  static func warning(_ message: String) { raw("apprentice: warning: \(message)") }

  /// Says why the command ends.
  static func error(_ message: String) { raw("apprentice: error: \(message)") }

  /// Writes a line as it is.
  static func raw(_ line: String) {
    FileHandle.standardError.write(Data((line + "\n").utf8))
  }
}
