import Foundation
import Testing

/// Products with ggml's blocks by other instruction sets than this processor's best.
@Suite struct InstructionSetTests {
  private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Scripts/check-kernels").standardized.path

  /// Compiles the kernels for each set that runs here, emulated ones too, and holds them to sums in double precision.
  @Test func multiplyAlike() throws {
    let process = Process(), output = Pipe()
    process.executableURL = URL(fileURLWithPath: Self.script)
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(text)")
    // Each set that isn't skipped by name has its line.
    let lines = text.split(separator: "\n")
    #expect(lines.contains("plain C++: 16 products agree"))
    #expect(lines.count >= 2 && lines.allSatisfy { $0.hasSuffix("16 products agree") || $0.contains(": skipped, no ") })
  }
}
