import ArgumentParser
import Documents
import Painting
import Training

/// `apprentice strokes generate`.
struct StrokesGenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Paint random strokes with a brush, on all cores, into shards that NumPy reads.",
    discussion: """
      Each shard-NNNNN.npz holds 'actions' (nine numbers a stroke: end pressure, size, control point, end, start, entry \
      pressure) and 'coverage' (64 by 64 bytes). The same command goes on where it was stopped; a larger --count adds to \
      the folder.

      EXAMPLE:
        apprentice strokes generate --brush charcoal --count 1000000 --out strokes/charcoal
      """)

  @Option(help: .init("The brush: a name that 'strokes brushes' lists, or a .myb file.", valueName: "brush"))
  var brush: String

  @Option(help: .init("The strokes in all.", valueName: "count"))
  var count = 100_000

  @Option(help: .init("The folder.", valueName: "folder"))
  var out: String

  @Option(help: .init("Seeds the strokes.", valueName: "number"))
  var seed: UInt64 = 1

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...100_000_000).contains(count) else {
      throw ValidationError("--count \(count): it must be from 1 to 100000000.")
    }
  }

  func run() throws {
    let brush = try BrushFile(named: brush)
    InterruptSignals.install()
    let held = try StrokeFolder(out).generate(
      brush, count: count, seed: seed,
      report: { done in
        Log.raw("\(brush.name): \(done) of \(count) strokes")
      })
    output.show(
      ["brush": .string(brush.name), "strokes": .int(held), "folder": .string(out)],
      text: "\(out): \(held) strokes of \(brush.name)")
    if held < count { throw ExitCode(130) }
  }
}
