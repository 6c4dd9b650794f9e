import Documents
import Foundation

/// The program ffmpeg, which reads and writes what has no reader here.
enum FFmpeg {
  /// The program's path; nil where it isn't installed.
  static var path: String? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.map { "\($0)/ffmpeg" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// The program's path.
  ///
  /// - Parameters:
  ///   - path: the file that it is wanted for.
  ///   - need: the beginning of the message, such as "MP4 files need".
  /// - Throws: `DataError` where it isn't installed.
  static func require(_ need: String, path: String, advice: String = "") throws(DataError) -> String {
    if let program = Self.path { return program }
    throw DataError(
      .inputOutput, path: path, problem: "\(need) ffmpeg, which isn't installed",
      advice: "Install it (apt-get install ffmpeg, brew install ffmpeg)\(advice).")
  }

  /// What the program writes to its standard output for an input on its standard input.
  ///
  /// - Throws: `DataError` with the last line of what it complained about.
  static func output(_ arguments: [String], input: Data, path: String, need: String) throws(DataError) -> Data {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try require(need, path: path))
    process.arguments = ["-loglevel", "error", "-nostdin"] + arguments
    let (source, result) = (Pipe(), Pipe())
    process.standardInput = source
    process.standardOutput = result
    // In a file, because a pipe that nobody reads would fill up.
    let messages = FileManager.default.temporaryDirectory.appendingPathComponent("ffmpeg-\(UUID().uuidString).txt")
    _ = FileManager.default.createFile(atPath: messages.path, contents: nil)
    defer { try? FileManager.default.removeItem(at: messages) }
    process.standardError = try? FileHandle(forWritingTo: messages)
    do { try process.run() } catch {
      throw DataError(.inputOutput, path: path, problem: "ffmpeg can't be started: \(error.localizedDescription)")
    }
    // A program that has ended no longer reads: that is an error here and not a signal.
    signal(SIGPIPE, SIG_IGN)
    let handle = source.fileHandleForWriting
    let writer = Thread {
      try? handle.write(contentsOf: input)
      try? handle.close()
    }
    writer.start()
    let data = result.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let text = (try? String(contentsOf: messages, encoding: .utf8)) ?? ""
      let reason = text.split(separator: "\n").last.map(String.init) ?? "status \(process.terminationStatus)"
      throw DataError(
        .badData, path: path, problem: "ffmpeg can't read this file: \(reason)", advice: "Check that it is whole.")
    }
    return data
  }
}
