import Foundation
import TestSupport
import Testing

/// What Scripts/fetch-retro fetched: a core and a free game.
enum RetroFolder {
  static let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  static let path = checkout.appendingPathComponent(".retro").path
  static let core = "\(path)/genesis_plus_gx_libretro.so"
  static let cores = "\(path)/genesis_plus_gx.json"
  static let game = "\(path)/Airstriker-Genesis-v0"

  /// The built tool lies where the test bundle lies.
  static var program: String {
    get throws {
      var folders = Bundle.allBundles.filter { $0.bundlePath.hasSuffix(".xctest") }
        .map { URL(fileURLWithPath: $0.bundlePath).deletingLastPathComponent() }
      folders.append(URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent())
      return try #require(
        folders.map { $0.appendingPathComponent("apprentice").path }
          .first { FileManager.default.isExecutableFile(atPath: $0) })
    }
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips a test with a reason where the core wasn't fetched.
  static var needsRetro: Self {
    .enabled(
      if: FileManager.default.fileExists(atPath: RetroFolder.core),
      "no .retro: Scripts/fetch-retro fetches a core and a free game where PyPI can be reached")
  }
}
