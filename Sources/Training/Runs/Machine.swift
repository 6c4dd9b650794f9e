import Foundation

/// The machine that this process runs on.
public enum Machine {
  /// The processor's name, where the system tells it.
  public static var processor: String? { field("model name").map(String.init) }

  /// Those of the processor's instruction sets that decide how fast matrix products are.
  public static var instructionSets: [String] {
    let flags = Set((field("flags") ?? "").split(separator: " "))
    return ["avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16"].filter { flags.contains($0[...]) }
  }

  /// The number of cores that it shows.
  public static var cores: Int { ProcessInfo.processInfo.activeProcessorCount }

  /// Cores, processor, memory and operating system on one line.
  public static var summary: String {
    let process = ProcessInfo.processInfo
    let memory = String(format: "%.0f GiB", Double(process.physicalMemory) / 1_073_741_824)
    return [processor, "\(cores) cores", memory, process.operatingSystemVersionString].compactMap { $0 }
      .joined(separator: ", ")
  }

  private static func field(_ name: String) -> Substring? {
    guard let information = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else { return nil }
    return information.split(separator: "\n").first { $0.hasPrefix(name) }?
      .split(separator: ":", maxSplits: 1).last?.drop { $0 == " " }
  }
}
