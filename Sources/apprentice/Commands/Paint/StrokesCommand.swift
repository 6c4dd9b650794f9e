import ArgumentParser

/// `apprentice strokes`.
struct StrokesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "strokes",
    abstract: "Strokes of real brushes: list brushes, paint sets of strokes, look at them.",
    subcommands: [StrokesBrushesCommand.self, StrokesGenerateCommand.self, StrokesSheetCommand.self])
}
