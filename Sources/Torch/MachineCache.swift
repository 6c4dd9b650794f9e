import Documents
import Foundation

/// The processor, threads and library that a measured figure belongs to.
enum Machine {
  static func identity(of device: Device) -> String {
    "\(processor), \(TorchLibrary.threads) threads, \(device), libtorch \(TorchLibrary.version) "
      + TorchLibrary.capabilities
  }

  private static var processor: String {
    #if os(macOS)
      var size = 0
      sysctlbyname("machdep.cpu.brand_string", nil, &size, nil, 0)
      var name = [UInt8](repeating: 0, count: size)
      if size > 1, sysctlbyname("machdep.cpu.brand_string", &name, &size, nil, 0) == 0 {
        return String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
      }
    #endif
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    let name = line?.split(separator: ":", maxSplits: 1).last?.trimmingCharacters(in: .whitespaces)
    return name ?? ProcessInfo.processInfo.hostName
  }
}

/// A JSON file in the user's cache folder that remembers a value for each machine; one that can't be read or written is no error.
struct MachineCache<Value: Codable> {
  private let place: URL

  init(_ place: URL) { self.place = place }

  /// A file of this name in `$XDG_CACHE_HOME/apprentice` or `~/.cache/apprentice`.
  static func file(_ name: String) -> URL {
    let base =
      ProcessInfo.processInfo.environment["XDG_CACHE_HOME"].flatMap { $0.isEmpty ? nil : $0 }
      .map { URL(fileURLWithPath: $0) }
      ?? FileManager.default.homeDirectoryForCurrentUser.appendingPathComponent(".cache")
    return base.appendingPathComponent("apprentice/\(name)")
  }

  subscript(machine: String) -> Value? {
    get { known[machine] }
    nonmutating set {
      var all = known
      all[machine] = newValue
      save(all)
    }
  }

  private var known: [String: Value] {
    guard let data = try? Data(contentsOf: place) else { return [:] }
    return (try? JSONDecoder().decode([String: Value].self, from: data)) ?? [:]
  }

  private func save(_ all: [String: Value]) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try? FileManager.default.createDirectory(at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
    guard let data = try? encoder.encode(all), let file = try? FileReplacement(place),
      (try? data.withUnsafeBytes { try file.append($0) }) != nil
    else { return }
    try? file.commit()
  }
}
