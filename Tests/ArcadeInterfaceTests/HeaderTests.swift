import Arcade
import ArcadeInterface
import CArcade
import Foundation
import TestSupport
import Testing

/// The header as a program in C meets it: compiled strictly, linked to the built library, run.
@Suite struct HeaderTests {
  private static let compiler = ["/usr/bin/cc", "/usr/bin/clang", "/usr/bin/gcc"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  @Test(
    .enabled(if: HeaderTests.compiler != nil, "there is no C compiler at /usr/bin/cc"),
    arguments: [["-x", "c", "-std=c99"], ["-x", "c++", "-std=c++17"]])
  func aProgramInCPlays(_ language: [String]) throws {
    let folder = try TemporaryFolder()
    let library = URL(fileURLWithPath: try BuiltLibrary.path)
    let source = try Bundle.module.fixtures.appendingPathComponent("play.c")
    let program = folder.file("play")
    let built = try BuiltLibrary.run(
      URL(fileURLWithPath: try #require(Self.compiler)),
      language + [
        "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-I",
        BuiltLibrary.checkout.appendingPathComponent("Sources/CArcade").path, source.path, "-x", "none",
        library.path, "-Wl,-rpath,\(library.deletingLastPathComponent().path)", "-o", program.path,
      ])
    #expect(built.status == 0, "\(built.text)")
    let result = try BuiltLibrary.run(program, [])
    #expect(result.status == 0, "\(result.text)")
    #expect(result.text.hasSuffix("all is well\n"), "\(result.text)")
  }

  @Test func defaultsAreTheArcades() {
    var how = arcade_configuration()
    arcade_configure(&how, MemoryLayout<arcade_configuration>.size)
    let options = GameOptions()
    #expect(how.game == nil && how.mode == nil)
    #expect((how.levels, how.first_level, how.seed) == (Int64(options.levels), Int64(options.firstLevel), 0))
    #expect((how.count, how.batch, how.threads, how.autoreset) == (1, 0, 1, Int32(ARCADE_AUTORESET_SAME_STEP)))
    let flags = [
      how.uses_sequential_levels, how.centers_player, how.uses_backgrounds, how.uses_monochrome_assets,
      how.restricts_themes, how.paints_velocity,
    ]
    let expected = [
      options.usesSequentialLevels, options.centersPlayer, options.usesBackgrounds, options.usesMonochromeAssets,
      options.restrictsThemes, options.paintsVelocity,
    ]
    #expect(flags == expected.map { $0 ? 1 : 0 })
  }
}
