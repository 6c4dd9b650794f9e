import Documents
public import Foundation
import NeuralNetworks
import Torch
import Training

/// A trained painter on the disk: `painter.json` and `model.safetensors`.
///
/// A run's folder stands for its last checkpoint.
public struct PainterFolder: Sendable {
  /// The folder.
  public let url: URL

  struct Card: Codable {
    var painter: NeuralPainter.Kind
    var brush: String
  }

  /// Names a painter's folder or its run's.
  ///
  /// - Throws: `DataError` where neither holds a painter.
  public init(_ path: String) throws {
    let own = URL(fileURLWithPath: path)
    let file = "painter.json"
    if FileManager.default.fileExists(atPath: own.appendingPathComponent(file).path) {
      url = own
    } else if let latest = try CheckpointStore(path + "/checkpoints").result(),
      FileManager.default.fileExists(atPath: latest.path + "/" + file)
    {
      url = URL(fileURLWithPath: latest.path)
    } else {
      throw DataError(
        .noInput, path: path, problem: "there is no painter in this folder",
        advice: "Train one with 'apprentice train painter --brush NAME --run \(path)'.")
    }
  }

  private var card: Card {
    get throws { try JSONValue(contentsOf: url.appendingPathComponent("painter.json").path).decoded(as: Card.self) }
  }

  /// The brush that the painter imitates.
  public var brush: String { get throws { try card.brush } }

  /// The painter, ready to paint: its weights take no gradients.
  public func load() throws -> NeuralPainter {
    let painter = NeuralPainter.make(try card.painter, generator: Generator(seed: 0))
    try painter.load(Safetensors(url).tensors())
    painter.train(false)
    painter.requireGradients(false)
    return painter
  }

  /// Writes a painter's weights and card.
  static func save(_ painter: NeuralPainter, brush: String, to folder: URL) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Safetensors.write(painter.state, to: folder.appendingPathComponent(Safetensors.fileName))
    let card = try JSONValue(encoding: Card(painter: painter.kind, brush: brush)).serialized(indent: 2) + "\n"
    try DurableFile.write(card, to: folder.appendingPathComponent("painter.json").path)
  }
}
