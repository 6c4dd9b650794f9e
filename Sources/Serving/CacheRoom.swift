import Foundation
import LanguageModels
import Torch

/// The memory that the key-value cache may take: claimed as requests fill it, so a cache that is too large for the
/// machine would end the server in the middle of its work and not at its start.
struct CacheRoom {
  /// As many tokens as are held where nobody says otherwise and there is room.
  static let usualTokens = 65_536

  /// The memory of one token's keys and values, the draft model's included.
  var bytesPerToken: Int
  /// Memory that can still be had; nil where the system doesn't say.
  var freeBytes: Int?

  init(bytesPerToken: Int, freeBytes: Int?) {
    (self.bytesPerToken, self.freeBytes) = (bytesPerToken, freeBytes)
  }

  /// Of models that have been loaded.
  init(for served: ServedModels) {
    let models = served.models.prefix(1) + (served.draft.map { [$0] } ?? [])
    bytesPerToken = models.reduce(0) { $0 + PagedCache.bytesPerToken($1.configuration, dtype: $1.dtype) }
    freeBytes = served.models[0].device == .cpu ? Self.freeMemory() : nil
  }

  /// The tokens that the cache holds: as asked, else the usual number or what fits into half of the free memory.
  ///
  /// - Throws: `ConfigurationError` where what is asked for doesn't fit into the free memory.
  func tokens(asked: Int?) throws -> Int {
    guard let freeBytes else { return asked ?? Self.usualTokens }
    guard let asked else {
      return max(PagedCache.page, min(Self.usualTokens, freeBytes / 2 / max(1, bytesPerToken)))
    }
    guard asked <= freeBytes / max(1, bytesPerToken) else {
      throw ConfigurationError(
        "a cache of \(asked) tokens takes \(Self.shown(asked * bytesPerToken)), and \(Self.shown(freeBytes)) are "
          + "free: at most \(freeBytes / max(1, bytesPerToken)) tokens fit")
    }
    return asked
  }

  static func shown(_ bytes: Int) -> String {
    bytes < 100_000_000 ? "\(bytes / 1_000_000) MB" : String(format: "%.1f GB", Double(bytes) / 1e9)
  }

  /// The memory that the system would give without swapping, a container's limit included; nil where it doesn't say.
  static func freeMemory() -> Int? {
    func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
    func number(_ path: String) -> Int? {
      text(path).flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }
    func entry(_ name: String, of path: String) -> Int? {
      text(path)?.split(separator: "\n").first { $0.hasPrefix(name + " ") || $0.hasPrefix(name + ":") }?
        .split(separator: " ").dropFirst().first.flatMap { Int($0) }
    }
    guard let kilobytes = entry("MemAvailable", of: "/proc/meminfo") else { return nil }
    let group = "/sys/fs/cgroup"
    guard let limit = number("\(group)/memory.max"), let used = number("\(group)/memory.current")
    else { return kilobytes * 1024 }
    // Files' pages that nobody reads just now are given up when they are needed elsewhere.
    let idle = entry("inactive_file", of: "\(group)/memory.stat") ?? 0
    return min(kilobytes * 1024, max(0, limit - used + idle))
  }
}
