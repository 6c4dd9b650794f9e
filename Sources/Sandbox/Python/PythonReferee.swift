import Foundation

/// Tests of a Python program in a process that the program can't reach.
///
/// One interpreter starts and divides. The child runs the program, and then answers calls; the parent has the tests, compares and
/// judges. They exchange plain data: what a program returns reaches a test as Python's own numbers, strings, lists, dictionaries
/// and so on, or as a reference whose attributes and calls go through the program, and which equals nothing but itself. So an
/// `__eq__` that always agrees, a patched `unittest` or `assert`, an early exit or a line that looks like a result decide
/// nothing: only the parent holds the descriptor on which verdicts are given.
///
/// What differs from running both in one process: objects of the program's own classes can't equal anything, and arithmetic with
/// them isn't carried over; coroutines aren't either.
struct PythonReferee: Encodable {
  /// The names of the program that tests may call although built-in functions have them.
  var entries: [String]
  /// Further names of the program's module.
  var module: String?
  /// Whether the program's output is kept.
  var keeps: Bool
  /// Bytes of addresses for the program.
  var memory: Int
  /// Processes for the program and the referee.
  var processes: Int
  /// Bytes of one file.
  var file: Int
  /// Open files.
  var files: Int
  /// Seconds of the processor.
  var cpu: Int

  /// The referee's text: descriptor 4 holds the program, 5 the preamble's length, the preamble and the tests, 3 takes the verdict.
  static let script = [opening, peer, conversation, judgement].joined(separator: "\n")

  /// The words behind the interpreter's name.
  func arguments() throws(SandboxError) -> [String] {
    guard let data = try? JSONEncoder().encode(self) else {
      throw SandboxError(.badRequest, "the names of what tests call can't be written as JSON")
    }
    return ["-s", "-B", "-c", Self.script, String(decoding: data, as: UTF8.self)]
  }

  /// The referee's verdict.
  struct Verdict: Decodable {
    var verdict: String
    var detail: String
    var text: String?
  }
}
