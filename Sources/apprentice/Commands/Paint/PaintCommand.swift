import ArgumentParser
import Console
import Documents
import Foundation
import Media
import Painting
import Training

/// `apprentice paint`.
struct PaintCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "paint",
    abstract: "Paint a picture with a MyPaint brush.",
    discussion: """
      Follows gradients through a network that imitates the brush, and has the real brush paint the strokes at any size. \
      Writes painting.png, timelapse.gif, painting.svg, strokes.json, painting.ora with its layers, and compared.png.

      EXAMPLE:
        apprentice paint photo.jpg --brush charcoal --strokes 300 --out painting
        apprentice paint --scene still-life --brush dry_brush
      """)

  @Argument(help: .init("A PNG or JPEG file.", valueName: "picture"))
  var picture: String?

  @Option(help: .init("A computed scene instead of a file: still-life or landscape.", valueName: "name"))
  var scene: String?

  @Option(help: .init("The brush: a name that 'strokes brushes' lists, or a .myb file.", valueName: "brush"))
  var brush = "charcoal"

  @Option(
    help: .init(
      "A painter's folder or run; unless given the brush's own, which is trained once where there is none.",
      valueName: "folder"))
  var painter: String?

  @Option(
    help: .init("The folder for the painting; by default the picture's name with '-painted'.", valueName: "folder"))
  var out: String?

  @OptionGroup var settings: SettingsOptions<PictureSettings>
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (picture == nil) != (scene == nil) else { throw ValidationError("Give a picture's file or --scene.") }
    guard scene == nil || ExampleScene(rawValue: scene ?? "") != nil else {
      throw ValidationError("--scene \(scene ?? ""): it must be still-life or landscape.")
    }
  }

  func run() throws {
    let computed = ExampleScene(rawValue: scene ?? "") ?? .stillLife
    let source = try picture.map { try PictureFile.read($0) } ?? computed.picture()
    let brush = try BrushFile(named: brush)
    let folder = try PictureFolder(out ?? Self.folder(for: picture ?? scene ?? "picture"))
    InterruptSignals.install()
    let network = try painter.map { try PainterFolder($0).load() } ?? PainterShelf.painter(for: brush, note: Log.raw)
    guard let network else { throw ExitCode(130) }
    let settings = settings.settings
    let bar = ProgressBar(title: "paint", totalSteps: settings.totalSteps)
    let result = try PicturePainter(network, brush: brush, settings: settings).paint(source) { progress in
      bar.update(
        step: progress.layer * progress.steps + progress.step + 1, tokens: 0, figures: [("loss", progress.loss)],
        operations: nil)
      return !InterruptSignals.stopRequested
    }
    bar.finish()
    try folder.write(result, brush: brush, longSide: settings.size)
    let errors = result.errors
    output.show(
      [
        "folder": .string(folder.path), "strokes": .int(result.picture.strokes.count),
        "errors": try JSONValue(encoding: errors),
      ],
      text: """
        \(folder.path)/painting.png: \(result.picture.strokes.count) strokes of \(brush.name) in \
        \(result.picture.layers.count) layers
        mean squared error against the picture: \(shown(errors.ground)) of the bare canvas, \(shown(errors.brush)) of the \
        painting; \(shown(errors.painter)) as the network sees it, and \(shown(errors.gap)) between the two
        """)
  }

  private static func folder(for name: String) -> String { (name as NSString).deletingPathExtension + "-painted" }

  private func shown(_ error: Double) -> String { String(format: "%.4f", error) }
}
