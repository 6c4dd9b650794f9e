public import Documents
import Foundation

/// The memory that the machine still has to give, and the check that a user's sizes fit into it.
///
/// Linux hands out addresses without having the memory for them and then kills whoever uses them, often another program. So
/// every size that comes from a user is checked here before memory is taken.
///
/// ```swift
/// try MachineMemory.require(bytesEach: 4096, count: 16, of: "batch_size")
/// ```
public enum MachineMemory {
  /// The memory that the system would give without swapping, a container's limit included; nil where it doesn't say.
  ///
  /// `APPRENTICE_MEMORY_BYTES` puts another number in its place, so that a program can be held to less.
  public static var free: Int? {
    if let word = ProcessInfo.processInfo.environment["APPRENTICE_MEMORY_BYTES"], let bytes = Int(word) { return bytes }
    guard let kilobytes = entry("MemAvailable", of: "/proc/meminfo") else { return nil }
    let group = "/sys/fs/cgroup"
    guard let limit = number("\(group)/memory.max"), let used = number("\(group)/memory.current")
    else { return kilobytes * 1024 }
    // Files' pages that nobody reads just now are given up when they are needed elsewhere.
    let idle = entry("inactive_file", of: "\(group)/memory.stat") ?? 0
    return min(kilobytes * 1024, max(0, limit - used + idle))
  }

  /// Refuses a number of things that can't be held, and says how many could.
  ///
  /// - Parameters:
  ///   - bytesEach: what each takes at least.
  ///   - fixed: what is taken however many there are.
  ///   - name: the setting that says how many.
  ///   - free: the memory that can be had.
  /// - Throws: ``MemoryShortageError``; nothing where the system doesn't tell its memory.
  public static func require(
    bytesEach: Int, count: Int, fixed: Int = 0, of name: String, free: Int? = MachineMemory.free
  ) throws(MemoryShortageError) {
    guard let free, count > 0, bytesEach > 0 else { return }
    let fits = max(0, free - fixed) / bytesEach
    guard count > fits else { return }
    let needed = Double(bytesEach) * Double(count) + Double(fixed)
    throw MemoryShortageError(
      "\(name) \(count): that takes at least \(text(needed)), and \(text(Double(free))) are free; "
        + (fits > 0 ? "at most \(fits) would fit" : "not even 1 would fit"))
  }

  /// Refuses one thing that can't be held.
  ///
  /// - Parameters:
  ///   - what: the thing, as in "a model of 7000000000 parameters".
  ///   - fitting: what would fit into the bytes that are free.
  /// - Throws: ``MemoryShortageError``.
  public static func require(
    bytes: Double, for what: String, fitting: (Int) -> String, free: Int? = MachineMemory.free
  ) throws(MemoryShortageError) {
    guard let free, bytes > Double(free) else { return }
    throw MemoryShortageError(
      "\(what) takes at least \(text(bytes)), and \(text(Double(free))) are free; \(fitting(free))")
  }

  /// A number of bytes for people.
  public static func text(_ bytes: Double) -> String {
    bytes < 1e8
      ? "\(Int(bytes / 1e6)) MB"
      : bytes < 1e12 ? String(format: "%.1f GB", bytes / 1e9) : String(format: "%.1f TB", bytes / 1e12)
  }

  private static func contents(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }

  private static func number(_ path: String) -> Int? {
    contents(path).flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
  }

  private static func entry(_ name: String, of path: String) -> Int? {
    contents(path)?.split(separator: "\n").first { $0.hasPrefix(name + " ") || $0.hasPrefix(name + ":") }?
      .split(separator: " ").dropFirst().first.flatMap { Int($0) }
  }
}

/// A size that the machine's memory can't hold, found out before any of it was taken.
public struct MemoryShortageError: UserFacingError, Equatable {
  /// The command was used wrongly.
  public var exitStatus: ExitStatus { .usage }

  /// The thing that was asked for, what it takes, what there is, and what would fit.
  public var description: String
  /// A shortage.
  public init(_ description: String) { self.description = description }
}
