import Foundation

/// A report on the machine: its cores and memory, the tools and libraries that are found, and how fast it is.
public enum MachineReport {
  /// One thing that was looked for.
  public struct Finding: Sendable {
    /// The thing.
    public var name: String
    /// Whether it is there.
    public var isFound: Bool
    /// The finding, or the loss for want of it and the way to get it.
    public var detail: String
  }

  /// Everything that was looked for; loads libtorch and measures for a second or two.
  public static func findings() -> [Finding] {
    [system, processor, memory, swift] + tools() + tensors()
  }

  private static var system: Finding {
    Finding(
      name: "system", isFound: true, detail: ProcessInfo.processInfo.operatingSystemVersionString)
  }

  private static var processor: Finding {
    var detail = "\(Machine.cores) cores"
    if let name = Machine.processor { detail += ", \(name)" }
    let useful = Machine.instructionSets
    if !useful.isEmpty { detail += " (\(useful.joined(separator: ", ")))" }
    return Finding(name: "processor", isFound: true, detail: detail)
  }

  private static var memory: Finding {
    let bytes = Double(ProcessInfo.processInfo.physicalMemory)
    return Finding(
      name: "memory", isFound: true, detail: String(format: "%.1f GiB", bytes / 1_073_741_824))
  }

  private static var swift: Finding {
    tool("swift", arguments: ["--version"], purpose: "building this program")
  }

  private static func tools() -> [Finding] {
    [
      tool("python3", arguments: ["--version"], purpose: "fetching libtorch"),
      tool("git", arguments: ["--version"], purpose: "noting the revision in run.json"),
      tool("bwrap", arguments: ["--version"], purpose: "running programs that nobody trusts"),
      tool("torchrun", arguments: nil, purpose: "training with several processes"),
      tool("tensorboard", arguments: nil, purpose: "looking at runs in a browser"),
      tool("nvidia-smi", arguments: ["-L"], purpose: "NVIDIA GPUs"),
    ]
  }

  private static func tool(_ name: String, arguments: [String]?, purpose: String) -> Finding {
    guard let path = find(name) else {
      return Finding(name: name, isFound: false, detail: "not on the path; needed for \(purpose)")
    }
    let version = arguments.flatMap { firstLine(of: path, $0) }
    return Finding(
      name: name, isFound: true, detail: version.map { "\($0) (\(path))" } ?? path)
  }

  private static func find(_ name: String) -> String? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return path.split(separator: ":").map { "\($0)/\(name)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  private static func firstLine(of path: String, _ arguments: [String]) -> String? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self).split(separator: "\n").first.map(String.init)
  }
}
