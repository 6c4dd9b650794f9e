import Documents
import Foundation
import NeuralNetworks
import Torch
import Training

/// Painters that are kept in the user's cache folder, one for each brush, so that a picture can be painted without training
/// one first.
public enum PainterShelf {
  /// The settings of a painter that is trained when it is first needed: a minute or two on two cores.
  static let (options, settings): (PainterSettings, TrainingSettings) = {
    var (options, settings) = (PainterSettings(), PainterSettings.training)
    (options.strokes, settings.maxSteps, settings.batchSize, settings.evalSteps) = (6000, 600, 8, 0)
    return (options, settings)
  }()

  /// The folder of a brush's painter, which need not be there; another version of the brush's file has another.
  public static func folder(_ brush: BrushFile) -> String {
    let cache =
      ProcessInfo.processInfo.environment["XDG_CACHE_HOME"].flatMap { $0.isEmpty ? nil : $0 }
      ?? NSHomeDirectory() + "/.cache"
    let name = String(brush.name.map { $0.isLetter || $0.isNumber || $0 == "_" ? $0 : "-" })
    let version = (Fingerprint.of(brush.path) ?? "").filter(\.isHexDigit).suffix(12)
    return "\(cache)/apprentice/painters/\(name)-\(version)"
  }

  /// The painter of a brush; one is trained where there is none, or its training was stopped.
  ///
  /// - Parameter note: told before a training begins.
  /// - Returns: nil where a signal stopped the training, which goes on the next time.
  public static func painter(for brush: BrushFile, note: (String) -> Void) throws -> NeuralPainter? {
    let path = folder(brush)
    if let painter = try? PainterFolder(path).load(), try RunFolder.manifest(of: path)?.finished != nil {
      return painter
    }
    note(
      "no painter of \(brush.name) is on the shelf: training one now, once (a minute or two). 'apprentice train painter' trains "
        + "better ones for --painter")
    guard let strokes = try StrokeSet.generate(brush, count: options.strokes, seed: settings.seed) else { return nil }
    let painter = NeuralPainter.make(options.kind, generator: Generator(seed: settings.seed))
    let run = try RunFolder(
      path,
      manifest: RunManifest(
        command: "paint", configuration: ["brush": .string(brush.name), "steps": .int(settings.maxSteps)],
        seed: settings.seed, versions: try TorchLibrary.versions()))
    let learner = PainterLearner(painter, strokes: strokes, options: options, settings: settings)
    guard try TrainingLoop(settings, folder: run, title: "painter").run(learner) == .finished else { return nil }
    painter.train(false)
    return painter
  }
}
