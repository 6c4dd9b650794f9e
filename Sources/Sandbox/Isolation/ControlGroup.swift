import Foundation

/// A control group of the kernel that bounds memory and processes of everything in it together (version 1 or 2).
///
/// Made where this process may make one below its own, which takes root or a delegated group; elsewhere limits are for each
/// process. It stays empty between runs and goes with the object.
final class ControlGroup: Sendable {
  private let memoryFolder: String
  private let processFolder: String
  private let isUnified: Bool

  /// A group of a name that nothing else has; nil where none can be made.
  init?(name: String) {
    guard let parents = Self.parents else { return nil }
    memoryFolder = "\(parents.memory)/\(name)"
    processFolder = "\(parents.processes)/\(name)"
    isUnified = parents.isUnified
    for folder in Set([memoryFolder, processFolder]) {
      if mkdir(folder, 0o755) != 0, errno != EEXIST { return nil }
    }
    guard limit(memory: 64 << 20, processes: 64) else {
      remove()
      return nil
    }
  }

  deinit { remove() }

  private func remove() { for folder in Set([memoryFolder, processFolder]) { rmdir(folder) } }

  /// The files that a process writes 0 to in order to join.
  var entrances: [String] { Set([memoryFolder, processFolder]).sorted().map { "\($0)/cgroup.procs" } }

  /// Sets both limits; false where the kernel refuses.
  @discardableResult
  func limit(memory: Int, processes: Int) -> Bool {
    // What has ended here counts until the system's first process has waited for it, which may take its time.
    let current = Self.read("\(processFolder)/pids.current").trimmingCharacters(in: .whitespacesAndNewlines)
    let dead = max(0, (Int(current) ?? 0) - members.count)
    guard Self.write("\(processes + dead)", "\(processFolder)/pids.max") else { return false }
    // Memory that is moved to a disk is memory still; kernels without a swap account have no such file.
    if isUnified {
      _ = Self.write("0", "\(memoryFolder)/memory.swap.max")
      return Self.write("\(memory)", "\(memoryFolder)/memory.max")
    }
    // The limit with swap may never lie below the one without, whichever way they move.
    _ = Self.write("\(memory)", "\(memoryFolder)/memory.memsw.limit_in_bytes")
    let isSet = Self.write("\(memory)", "\(memoryFolder)/memory.limit_in_bytes")
    _ = Self.write("\(memory)", "\(memoryFolder)/memory.memsw.limit_in_bytes")
    return isSet
  }

  /// How often the kernel has ended a process here for want of memory.
  var memoryKills: Int {
    let file = isUnified ? "\(memoryFolder)/memory.events" : "\(memoryFolder)/memory.oom_control"
    for line in Self.read(file).split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count == 2, words[0] == "oom_kill" { return Int(words[1]) ?? 0 }
    }
    return 0
  }

  /// The processes inside.
  var members: [pid_t] { Self.read("\(processFolder)/cgroup.procs").split(separator: "\n").compactMap { pid_t($0) } }

  /// Ends everything inside, and waits until it is gone.
  func killAll() {
    // A bounded number of tries: what is being ended can't fork, and each try takes a millisecond.
    for _ in 0..<2_000 {
      let members = members
      if members.isEmpty { return }
      for member in members { kill(member, SIGKILL) }
      usleep(1_000)
    }
  }

  // MARK: Where groups can be made

  private struct Parents {
    var memory: String
    var processes: String
    var isUnified: Bool
  }

  /// Looked for once, and what a killed process of ours left behind is removed.
  private static let parents: Parents? = {
    guard let found = findParents() else { return nil }
    for folder in Set([found.memory, found.processes]) {
      for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where name.hasPrefix(prefix) {
        let owner = name.dropFirst(prefix.count).split(separator: "-").first.flatMap { pid_t($0) }
        if let owner, kill(owner, 0) != 0, errno == ESRCH { rmdir("\(folder)/\(name)") }
      }
    }
    return found
  }()

  /// The names of groups begin with this and the process's number.
  static let prefix = "apprentice-sandbox-"

  private static func findParents() -> Parents? {
    #if os(Linux)
      let own = read("/proc/self/cgroup").split(separator: "\n").map {
        $0.split(separator: ":", maxSplits: 2).map(String.init)
      }
      func mount(of kind: String, _ option: String?) -> String? {
        for line in read("/proc/self/mounts").split(separator: "\n") {
          let words = line.split(separator: " ").map(String.init)
          guard words.count > 3, words[2] == kind else { continue }
          if option == nil || words[3].split(separator: ",").contains(where: { $0 == option ?? "" }) { return words[1] }
        }
        return nil
      }
      func folder(version1 controller: String) -> String? {
        guard
          let line = own.first(where: { $0.count == 3 && $0[1].split(separator: ",").contains { $0 == controller } }),
          let mount = mount(of: "cgroup", controller)
        else { return nil }
        // In a container the path in /proc may be the host's.
        return [mount + line[2], mount].map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
          .first { FileManager.default.isWritableFile(atPath: $0) }
      }
      if let memory = folder(version1: "memory"), let processes = folder(version1: "pids") {
        return Parents(memory: memory, processes: processes, isUnified: false)
      }
      guard let mount = mount(of: "cgroup2", nil), let path = own.first(where: { $0.count == 3 && $0[0] == "0" })?[2]
      else {
        return nil
      }
      // A group with processes of its own hands no controllers down, so the nearest one above that does is taken.
      var folder = path == "/" ? mount : mount + path
      while folder.hasPrefix(mount) {
        let handed = read("\(folder)/cgroup.subtree_control").split(whereSeparator: \.isWhitespace)
        if handed.contains("memory"), handed.contains("pids"), FileManager.default.isWritableFile(atPath: folder) {
          return Parents(memory: folder, processes: folder, isUnified: true)
        }
        if folder == mount { break }
        folder = (folder as NSString).deletingLastPathComponent
      }
    #endif
    return nil
  }

  private static func read(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }

  private static func write(_ text: String, _ path: String) -> Bool {
    let file = open(path, O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return false }
    defer { close(file) }
    return Foundation.write(file, text, text.utf8.count) == text.utf8.count
  }
}
