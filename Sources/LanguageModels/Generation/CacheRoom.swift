import Settings
import Torch

/// The memory that the key-value cache may take: claimed as requests fill it, so a cache that is too large for the
/// machine would end the program in the middle of its work and not at its start.
package struct CacheRoom {
  /// As many tokens as are held where nobody says otherwise and there is room.
  package static let usualTokens = 65_536

  /// The memory of one token's keys and values, the draft model's included.
  package var bytesPerToken: Int
  /// Memory that can still be had; nil where the system doesn't say.
  package var freeBytes: Int?

  /// The room beside a model that has been loaded, and a draft model.
  package init(for model: Decoder, draft: Decoder? = nil) {
    bytesPerToken = ([model] + (draft.map { [$0] } ?? [])).reduce(0) {
      $0 + PagedCache.bytesPerToken($1.configuration, dtype: $1.cacheDType)
    }
    freeBytes = model.device == .cpu ? MachineMemory.free : nil
  }

  /// The tokens that the cache holds: as asked, else the usual number or what fits into half of the free memory.
  ///
  /// - Throws: `ConfigurationError` where what is asked for doesn't fit into the free memory.
  package func tokens(asked: Int? = nil) throws -> Int {
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
