import Foundation

/// The most that a program may use up.
///
/// Times are in seconds and sizes in bytes. The time of a program's start, and of a compiler before it, is not the program's own.
public struct SandboxLimits: Sendable, Codable, Equatable {
  /// Wall time; each process may have twice as much of the processor's, and a second more.
  public var seconds = 3.0
  /// Memory of all its processes together where control groups can be had, of each of them otherwise.
  public var memory = 512 << 20
  /// Processes and threads at a time.
  public var processes = 32
  /// One file.
  public var fileSize = 16 << 20
  /// All files together, which lie in memory.
  public var scratchSize = 32 << 20
  /// What is written to each of standard output and standard error.
  public var outputSize = 1 << 20
  /// Open files of each process.
  public var openFiles = 64
  /// Wall time of the compiler.
  public var compileSeconds = 60.0
  /// Memory of the compiler.
  public var compileMemory = 2 << 30

  /// The limits that HumanEval's evaluator has for time, and half a gibibyte.
  public init() {}

  /// Refuses limits under which nothing could run.
  ///
  /// - Throws: ``SandboxError`` that names the limit.
  public func validate() throws(SandboxError) {
    func require(_ isGood: Bool, _ name: String, _ advice: String) throws(SandboxError) {
      if !isGood { throw SandboxError(.badRequest, "the limit of \(name) \(advice)") }
    }
    try require(seconds > 0 && seconds <= 86_400, "time", "must lie above 0 and at most at a day, not at \(seconds) s")
    try require(memory >= 16 << 20, "memory", "must be 16 MiB or more")
    try require(processes >= 1, "processes", "must be 1 or more")
    try require(fileSize >= 0 && scratchSize >= 1 << 20, "files", "must leave a scratch folder of 1 MiB or more")
    try require(outputSize >= 0, "output", "must not be negative")
    try require(openFiles >= 16, "open files", "must be 16 or more")
    try require(compileSeconds > 0 && compileMemory >= 64 << 20, "the compiler", "must leave time, and 64 MiB or more")
  }
}
