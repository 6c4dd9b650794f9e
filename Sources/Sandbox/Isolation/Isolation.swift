import Documents
import Foundation

/// A way to keep programs from everything that isn't theirs.
public enum Isolation: String, Sendable, Codable, CaseIterable {
  /// Linux: bubblewrap's namespaces, a filter of system calls, and control groups where they can be had.
  case bubblewrap
  /// macOS: `sandbox-exec`. Written from its documentation and never run.
  case seatbelt
  /// None but limits: the program can do all that the user can.
  case none

  /// The isolation that this machine has.
  ///
  /// - Throws: ``SandboxError`` that says what is missing, and how to get it.
  public static func available() throws(SandboxError) -> Isolation { try probed.get() }

  /// Asked once: the answer costs a process.
  private static let probed: Result<Isolation, SandboxError> = {
    #if os(Linux)
      guard let program = InstalledProgram(anyOf: ["bwrap"]) else {
        return .failure(
          refusal("bubblewrap isn't installed: 'apt-get install bubblewrap' (or your system's like) brings it"))
      }
      let attempt = Bubblewrap(program: program.path, slot: nil)
      do {
        let command = try attempt.command(
          running: ["/usr/bin/true"], folders: [], environment: [:], scratchSize: 1 << 20, hasProcesses: true, file: nil
        )
        let end = try Execution.run(command, deadline: 10)
        if end.status == 0 { return .success(.bubblewrap) }
        let words = end.errors.split(separator: "\n").last.map(String.init) ?? "exit status \(end.status ?? -1)"
        return .failure(
          refusal(
            "bubblewrap can't make its namespaces here (\(words)). Allow unprivileged user namespaces "
              + "('sysctl kernel.apparmor_restrict_unprivileged_userns=0' on Ubuntu), or in a container its 'mount' and 'unshare'"
          ))
      } catch { return .failure(refusal("\(error)")) }
    #else
      guard InstalledProgram(anyOf: ["/usr/bin/sandbox-exec"]) != nil else {
        return .failure(refusal("there is no sandbox-exec"))
      }
      return .success(.seatbelt)
    #endif
  }()

  private static func refusal(_ problem: String) -> SandboxError {
    SandboxError(
      .unavailable,
      "programs that nobody trusts can't be isolated on this machine: \(problem). "
        + "With '--isolation none' they run with limits only and can do all that you can")
  }
}
