import Foundation

/// A command that runs another one inside bubblewrap.
///
/// Namespaces of users, processes, networks, messages, host names and control groups of its own; no capabilities; the system's
/// programs read-only, an empty scratch in memory, and nothing else of the file system.
struct Bubblewrap {
  /// The path of `bwrap`.
  let program: String
  /// What bounds all processes of a run together; nil for the attempt whether bubblewrap works at all.
  let slot: SandboxSlot?

  /// The folder of the program's file inside.
  static let programFolder = "/box"
  /// The empty folder inside, which is also where the program starts.
  static let scratch = "/tmp"

  /// - Parameters:
  ///   - folders: further folders that are shown, read-only.
  ///   - mounts: files and folders that are shown at another place, read-only.
  ///   - environment: further variables.
  ///   - hasProcesses: whether `/proc` is there, with the sandbox's own processes only. Without it the command is the first
  ///     process of its namespace: no other can end it, and with it all end.
  ///   - file: a name in ``programFolder`` and its content.
  func command(
    running words: [String], folders: [String], mounts: [(path: String, place: String)] = [],
    environment: [String: String], scratchSize: Int, hasProcesses: Bool, file: (name: String, content: Data)?
  ) throws(SandboxError) -> Command {
    var command = Command()
    var arguments = slot?.entrance ?? []
    if getuid() == 0 {
      // The kernel counts no processes of the real root, and what is root outside is too much even without capabilities.
      guard let setpriv = InstalledProgram(anyOf: ["setpriv"]) else {
        throw SandboxError(.unavailable, "setpriv of util-linux isn't installed, and nothing is run as root without it")
      }
      let user = slot?.nextUser() ?? SandboxSlot.firstUser
      arguments += [
        setpriv.path, "--reuid=\(user)", "--regid=\(user)", "--clear-groups", "--no-new-privs",
      ]
    }
    arguments += [
      program, "--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts",
      "--unshare-cgroup-try",
      "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--hostname", "sandbox", "--clearenv",
    ]
    let variables = [
      "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": Self.scratch, "TMPDIR": Self.scratch,
    ].merging(environment) { $1 }
    for (name, value) in variables.sorted(by: { $0.key < $1.key }) { arguments += ["--setenv", name, value] }
    arguments += ["--ro-bind", "/usr", "/usr"]
    for name in ["lib", "lib64", "lib32", "bin", "sbin"] { arguments += Self.systemFolder("/\(name)") }
    if hasProcesses { arguments += ["--proc", "/proc"] } else { arguments += ["--as-pid-1"] }
    arguments += ["--dev", "/dev", "--remount-ro", "/dev", "--size", "\(scratchSize)", "--tmpfs", Self.scratch]
    for folder in folders { arguments += ["--ro-bind", folder, folder] }
    for mount in mounts { arguments += ["--ro-bind", mount.path, mount.place] }
    if let file {
      let number = command.give(try TemporaryInput(file.content))
      arguments += ["--dir", Self.programFolder, "--ro-bind-data", "\(number)", "\(Self.programFolder)/\(file.name)"]
    }
    arguments += ["--chdir", Self.scratch, "--remount-ro", "/"]
    if let filter = SystemCallFilter() {
      arguments += ["--seccomp", "\(command.give(try TemporaryInput(filter.bytes)))"]
    }
    command.arguments = arguments + ["--"] + words
    return command
  }

  /// A folder of the root: the link that it is on merged systems, or the folder.
  private static func systemFolder(_ path: String) -> [String] {
    if let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) {
      return ["--symlink", target.hasPrefix("/") ? String(target.dropFirst()) : target, path]
    }
    return FileManager.default.fileExists(atPath: path) ? ["--ro-bind", path, path] : []
  }
}
