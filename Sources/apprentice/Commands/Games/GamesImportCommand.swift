import ArgumentParser
import Documents
import Emulation

/// `apprentice games import`.
struct GamesImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Find your own cartridges' files by their checksums and put them beside their integrations.",
    discussion: """
      Integrations are gym-retro's folders, NAME-SYSTEM-v0 with data.json, scenario.json and rom.sha. Nothing is \
      downloaded, and files that no integration knows are left alone.

      EXAMPLE:
        apprentice games import cartridges/ --library integrations
      """)

  @Argument(help: .init("Files, and folders that are looked through.", valueName: "path"))
  var paths: [String]

  @Option(help: .init("The folder of integrations.", valueName: "folder"))
  var library: String

  @OptionGroup var output: OutputOptions

  func run() throws {
    let found = try GameImport.run(paths, into: library)
    output.show(
      .array(found.map { ["file": .string($0.path), "game": .string($0.game)] }),
      text: found.isEmpty
        ? "no file is a game that \(library) knows"
        : found.map { "\($0.path) is \($0.game)" }.joined(separator: "\n"))
  }
}
