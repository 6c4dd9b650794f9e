import Foundation
import Testing

/// The library as programs in other languages load it, and the checkout's files about it.
enum BuiltLibrary {
  static let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// It lies where the test bundle lies: SwiftPM builds every product before it runs a test.
  static var path: String {
    get throws {
      #if os(macOS)
        let name = "libapprentice-arcade.dylib"
      #else
        let name = "libapprentice-arcade.so"
      #endif
      var folders = Bundle.allBundles.filter { $0.bundlePath.hasSuffix(".xctest") }
        .map { URL(fileURLWithPath: $0.bundlePath).deletingLastPathComponent() }
      folders.append(URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent())
      return try #require(
        folders.map { $0.appendingPathComponent(name).path }.first { FileManager.default.fileExists(atPath: $0) },
        "\(name) isn't beside the tests")
    }
  }

  /// Runs a program; what it printed, both streams together.
  static func run(
    _ program: URL, _ arguments: [String], environment: [String: String] = [:]
  ) throws -> (status: Int32, text: String) {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text)
  }
}
