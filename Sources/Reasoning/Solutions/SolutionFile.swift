import Documents
import Foundation

/// A file of solutions that grows by whole problems: a line for each solution.
final class SolutionFile {
  private(set) var solutions: [String: [Solution]] = [:]
  private let path: String
  private let samples: Int

  /// Opens a file, or one that is yet to be written.
  ///
  /// A problem whose lines a crash cut short is dropped, to be drawn again.
  init(_ path: String, problems: [WordProblem], samples: Int) throws {
    self.path = path
    self.samples = samples
    guard FileManager.default.fileExists(atPath: path) else { return }
    let known = Set(problems.map(\.id))
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    let lines = data.split(separator: UInt8(ascii: "\n"))
    for (number, line) in lines.enumerated() {
      guard let value = try? JSONValue(parsing: Array(line)), let solution = try? value.decoded(as: Solution.self)
      else {
        // Only the last line can be cut short.
        if number == lines.count - 1, data.last != UInt8(ascii: "\n") { continue }
        throw DataError(
          .badData, path: path, line: number + 1, problem: "this is no solution as they are written here",
          advice: "Move the file away to draw the solutions anew.")
      }
      guard known.contains(solution.problem) else {
        throw DataError(
          .badData, path: path, line: number + 1, problem: "there is no problem '\(solution.problem)'",
          advice: "The problems must be those that the solutions were drawn for.")
      }
      solutions[solution.problem, default: []].append(solution)
    }
    if let (id, own) = solutions.first(where: { $0.value.count > samples }) {
      throw DataError(
        .badData, path: path, problem: "there are \(own.count) solutions of '\(id)' and \(samples) are to be drawn",
        advice: "Give another folder for other settings.")
    }
    let whole = solutions.filter { $0.value.count == samples }
    guard whole.count < solutions.count || data.last != UInt8(ascii: "\n") else { return }
    solutions = whole
    try DurableFile.write(problems.flatMap { whole[$0.id] ?? [] }.map(Self.line).joined(), to: path)
  }

  private static func line(_ solution: Solution) throws -> String {
    try JSONValue(encoding: solution).serialized() + "\n"
  }

  /// Adds whole problems' solutions and waits until they are on the disk.
  func append(_ drawn: [[Solution]]) throws {
    if !FileManager.default.fileExists(atPath: path) { try DurableFile.write("", to: path) }
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    defer { try? handle.close() }
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(try drawn.flatMap { $0 }.map(Self.line).joined().utf8))
    try handle.synchronize()
    for own in drawn { if let first = own.first { solutions[first.problem] = own } }
  }
}
