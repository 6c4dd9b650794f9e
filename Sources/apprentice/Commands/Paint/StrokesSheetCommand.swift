import ArgumentParser
import Documents
import Media
import Painting

/// `apprentice strokes sheet`.
struct StrokesSheetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sheet",
    abstract: "Draw strokes of a brush, and a painter's beside them with its error.",
    discussion: """
      The strokes are drawn by a seed of their own, so that a painter trained with the default seed hasn't seen them.

      EXAMPLE:
        apprentice strokes sheet --brush charcoal --out charcoal.png
        apprentice strokes sheet --painter runs/charcoal --out compared.png
      """)

  @Option(help: .init("The brush; the painter's unless given.", valueName: "brush"))
  var brush: String?

  @Option(help: .init("A painter's folder or its run's.", valueName: "folder"))
  var painter: String?

  @Option(help: .init("The strokes that are drawn.", valueName: "count"))
  var count = 48

  @Option(help: .init("Seeds the strokes.", valueName: "number"))
  var seed: UInt64 = 1_000_001

  @Option(help: .init("The file, .png.", valueName: "file"))
  var out: String

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard brush != nil || painter != nil else { throw ValidationError("Give --brush, --painter or both.") }
    guard (1...2000).contains(count) else { throw ValidationError("--count \(count): it must be from 1 to 2000.") }
  }

  func run() throws {
    let folder = try painter.map { try PainterFolder($0) }
    let file = try BrushFile(named: try brush ?? folder?.brush ?? "")
    // Enough strokes for an error that hardly depends on which they are.
    let strokes = try StrokeSet.generate(file, count: folder == nil ? count : max(count, 1000), seed: seed)
    guard let strokes else { return }
    let network = try folder?.load()
    try PNGFile.write(StrokeSheet.picture(of: strokes[0..<count], network), to: out)
    let error = network.map { PainterError.measure($0, on: strokes) }
    output.show(
      [
        "brush": .string(file.name), "file": .string(out),
        "error": try error.map { try JSONValue(encoding: $0) } ?? .null,
      ],
      text: error.map { error in
        "\(out): \(count) strokes of \(file.name) over the painter's; on \(error.strokes) strokes its error on inked pixels is "
          + "\((error.share * 1000).rounded() / 10)% of a blank canvas's"
      } ?? "\(out): \(count) strokes of \(file.name)")
  }
}
