public import Foundation
import Documents
import NeuralNetworks
import Torch

extension SoundCodec {
  private static let fileName = "sound-codec.safetensors"

  /// Writes the weights into a folder.
  public func write(to folder: URL) throws { try writeCodec(self, to: folder, name: Self.fileName) }
  /// Reads the weights out of a folder.
  public func read(from folder: URL) throws { try readCodec(self, from: folder, name: Self.fileName) }
}

extension ImageCodec {
  private static let fileName = "image-codec.safetensors"

  /// Writes the weights into a folder.
  public func write(to folder: URL) throws { try writeCodec(self, to: folder, name: Self.fileName) }
  /// Reads the weights out of a folder.
  public func read(from folder: URL) throws { try readCodec(self, from: folder, name: Self.fileName) }
}

private func writeCodec(_ codec: Module, to folder: URL, name: String) throws {
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  try Safetensors.write(codec.state.map { ($0.name, $0.tensor.detached()) }, to: folder.appendingPathComponent(name))
}

private func readCodec(_ codec: Module, from folder: URL, name: String) throws {
  let file = try SafetensorsFile(folder.appendingPathComponent(name))
  try codec.load(Dictionary(uniqueKeysWithValues: try file.names.map { ($0, try file.tensor($0)) }))
}
