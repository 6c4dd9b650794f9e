import LanguageModels
import Settings
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
    bytesPerToken = models.reduce(0) { $0 + PagedCache.bytesPerToken($1.configuration, dtype: $1.cacheDType) }
    freeBytes = served.models[0].device == .cpu ? MachineMemory.free : nil
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
        "a cache of \(asked) tokens takes \(MachineMemory.text(Double(asked) * Double(bytesPerToken))), and \(MachineMemory.text(Double(freeBytes))) are "
          + "free: at most \(freeBytes / max(1, bytesPerToken)) tokens fit")
    }
    return asked
  }
}
