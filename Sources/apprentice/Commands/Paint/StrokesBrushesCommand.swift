import ArgumentParser
import Documents
import Painting

/// `apprentice strokes brushes`.
struct StrokesBrushesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "brushes", abstract: "List the installed MyPaint brushes.",
    discussion: """
      EXAMPLE:
        apprentice strokes brushes
      """)

  @OptionGroup var output: OutputOptions

  func run() throws {
    let brushes = BrushFile.installed()
    output.show(
      ["brushes": .array(brushes.map { ["name": .string($0.name), "path": .string($0.path)] })],
      text: brushes.map(\.name).joined(separator: "\n"))
  }
}
