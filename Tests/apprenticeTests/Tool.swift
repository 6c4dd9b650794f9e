import Foundation
import TestSupport
import Testing

/// The built `apprentice`, run as a user runs it.
struct Tool {
  struct Result {
    var status: Int32
    var output: String
    var errors: String

    /// The one JSON document on stdout.
    func json() throws -> [String: Any] {
      let value = try JSONSerialization.jsonObject(with: Data(output.utf8))
      return try #require(value as? [String: Any])
    }
  }

  /// The binary lies where the test bundle lies.
  static var path: String {
    get throws {
      var folders = Bundle.allBundles.filter { $0.bundlePath.hasSuffix(".xctest") }
        .map { URL(fileURLWithPath: $0.bundlePath).deletingLastPathComponent() }
      folders.append(
        URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent())
      return try #require(
        folders.map { $0.appendingPathComponent("apprentice").path }
          .first { FileManager.default.isExecutableFile(atPath: $0) })
    }
  }

  static func run(_ arguments: String..., in folder: String? = nil) throws -> Result {
    try run(arguments: arguments, in: folder)
  }

  /// Runs the tool, or another program; `input` is typed on its standard input, which is closed after it.
  static func run(
    program: String? = nil, arguments: [String], in folder: String? = nil, environment: [String: String] = [:],
    input: String? = nil
  ) throws -> Result {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try program ?? path)
    process.arguments = arguments
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    process.environment = ProcessInfo.processInfo.environment
      .merging(["COLUMNS": "80"]) { $1 }.merging(environment) { $1 }
    let output = Pipe()
    let errors = Pipe()
    process.standardOutput = output
    process.standardError = errors
    let typed = Pipe()
    if input != nil { process.standardInput = typed }
    try process.run()
    if let input {
      // A few lines fit a pipe's buffer, so nothing waits for the tool to read them.
      try typed.fileHandleForWriting.write(contentsOf: Data(input.utf8))
      try typed.fileHandleForWriting.close()
    }
    // The texts on stderr are far smaller than a pipe's buffer, so one may be read after the other.
    let written = output.fileHandleForReading.readDataToEndOfFile()
    let complained = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus, output: String(decoding: written, as: UTF8.self),
      errors: String(decoding: complained, as: UTF8.self))
  }
}

/// A suite whose tests run the tool in a folder of their own.
protocol ToolSuite {
  var folder: TemporaryFolder { get }
}

extension ToolSuite {
  /// Runs the tool with words that stand in one line, on one thread, and looks at its status.
  @discardableResult
  func tool(_ arguments: String, expecting status: Int32 = 0) throws -> Tool.Result {
    let result = try Tool.run(
      arguments: arguments.split(separator: " ").map(String.init), in: folder.path,
      environment: ["OMP_NUM_THREADS": "1"])
    #expect(result.status == status, "\(arguments): \(result.errors)")
    return result
  }
}
