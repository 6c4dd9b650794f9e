import ArgumentParser
import Documents
import NeuralNetworks
import Painting
import Torch
import Training

/// `apprentice train painter`.
struct PainterCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "painter",
    abstract: "Train a network that paints as a MyPaint brush does.",
    discussion: """
      Learns from random strokes, which the brush paints when the command starts or which lie in a folder of 'apprentice \
      strokes generate'. curve is this package's own painter and the best of the three; vae and gan are those of Nakano \
      2019. Each checkpoint holds a sheet of strokes over the painter's.

      EXAMPLE:
        apprentice train painter --brush charcoal --run runs/charcoal
        apprentice train painter --strokes strokes/charcoal --painter vae --max-steps 10000 --run runs/charcoal-vae
      """)

  @Option(help: .init("The brush: a name that 'strokes brushes' lists, or a .myb file.", valueName: "brush"))
  var brush: String?

  @Option(help: .init("A folder of strokes instead.", valueName: "folder"))
  var strokes: String?

  @OptionGroup var training: TrainingOptions<PainterSettings>
  @OptionGroup var configuration: ConfigurationOptions

  func validate() throws {
    guard (brush == nil) != (strokes == nil) else { throw ValidationError("Give --brush or --strokes.") }
  }

  func run() throws {
    let (options, settings) = (training.learner, training.settings)
    let set: StrokeSet
    if let strokes {
      set = try StrokeFolder(strokes).read(limit: options.strokes)
      guard set.count > options.evaluationStrokes else {
        throw DataError(
          .badData, path: strokes,
          problem: "\(set.count) strokes are too few to keep \(options.evaluationStrokes) of them",
          advice: "Paint more, or give a smaller --eval-strokes.")
      }
    } else {
      let file = try BrushFile(named: brush ?? "")
      Log.raw("painting \(options.strokes) strokes with \(file.name)")
      guard let made = try StrokeSet.generate(file, count: options.strokes, seed: settings.seed) else { return }
      set = made
    }
    let painter = NeuralPainter.make(options.kind, generator: Generator(seed: settings.seed))
    painter.to(device: try Device(parsing: training.device))
    try training.drive(PainterLearner(painter, strokes: set, options: options, settings: settings), of: self)
  }
}
