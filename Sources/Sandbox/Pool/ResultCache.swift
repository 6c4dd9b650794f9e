public import Documents
import Foundation
import Synchronization

/// Results that are known already, by the content of what was run and the limits that it was run under.
///
/// With a file they outlive the process: a line is added as each comes, so that a long run which was stopped goes on where it was.
/// Results that a busier machine could change (time, memory, a kill) are not kept there.
public final class ResultCache: Sendable {
  private struct Line: Codable {
    var key: String
    var result: RunResult
    var exception: String?
  }

  private struct Known {
    var results: [String: RunResult] = [:]
    var file: FileHandle?
  }
  private let known: Mutex<Known>

  /// A cache; nil for one in memory only.
  ///
  /// - Parameter path: a file of JSON lines, made with its folder if it isn't there. A line that was cut short is passed over.
  /// - Throws: `DataError` where the file can't be read or written.
  public init(path: String? = nil) throws(DataError) {
    var known = Known()
    if let path {
      if FileManager.default.fileExists(atPath: path) {
        let data = try FileContents.data(of: path)
        for line in data.split(separator: UInt8(ascii: "\n")) {
          guard let line = try? JSONDecoder().decode(Line.self, from: Data(line)) else { continue }
          var result = line.result
          result.exceptionText = line.exception
          known.results[line.key] = result
        }
      } else {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      }
      let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
      guard file >= 0 else { throw DataError(errno: errno, path: path, action: "write the file") }
      let handle = FileHandle(fileDescriptor: file, closeOnDealloc: true)
      // After a line that was cut short the next one begins a line of its own.
      try? handle.write(contentsOf: Data("\n".utf8))
      known.file = handle
    }
    self.known = Mutex(known)
  }

  /// The number of results.
  public var count: Int { known.withLock { $0.results.count } }

  /// The result of a program, if it is known.
  public subscript(key: String) -> RunResult? { known.withLock { $0.results[key] } }

  /// Keeps a result.
  func keep(_ result: RunResult, for key: String) {
    let lasts = [.passed, .failed, .error].contains(result.verdict)
    let line = lasts ? try? JSONEncoder().encode(Line(key: key, result: result, exception: result.exceptionText)) : nil
    known.withLock { known in
      known.results[key] = result
      if let line { try? known.file?.write(contentsOf: line + Data("\n".utf8)) }
    }
  }

  /// The key of a program under a sandbox's language, limits and isolation.
  public static func key(of program: SandboxedProgram, in sandbox: Sandbox) -> String {
    struct Content: Encodable {
      var version = 1
      var program: SandboxedProgram
      var language: ProgrammingLanguage
      var limits: SandboxLimits
      var isolation: Isolation
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let content = Content(
      program: program, language: sandbox.language, limits: sandbox.limits, isolation: sandbox.isolation)
    // Strings and numbers always encode, but for infinite limits, which no sandbox has.
    return SHA256Digest(of: (try? encoder.encode(content)) ?? Data(program.source.utf8)).hexadecimal
  }
}
