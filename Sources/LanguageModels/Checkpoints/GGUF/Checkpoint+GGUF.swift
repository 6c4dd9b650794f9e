import Documents
package import Foundation
import NeuralNetworks
import Tokenization
package import Torch

extension Checkpoint {
  /// A model from a GGUF file.
  static func loadGGUF(_ file: GGUFFile, dtype: DType, device: Device) throws -> Decoder {
    let (architecture, configuration) = try read(file)
    let path = file.url.path
    try CheckpointLayout.checkSize(configuration, file, path: path)
    let layout = architecture.layout(configuration)
    _ = try layout.locate(in: file, path: path)
    try TorchLibrary.load()
    let model = Decoder(configuration, weights: InitialWeights(dtype: dtype, device: device))
    try layout.fromDisk(file, into: model.parameters, path: path)
    return model
  }

  /// The configuration that a GGUF file's metadata describes.
  static func configuration(of file: GGUFFile) throws -> DecoderConfiguration { try read(file).1 }

  /// The tokenizer inside a GGUF file; nil if there is none.
  static func tokenizer(of file: GGUFFile) throws -> Tokenizer? {
    guard file.metadata["tokenizer.ggml.tokens"] != nil else { return nil }
    do { return try Tokenizer(ggufMetadata: file.metadata) } catch {
      throw CheckpointError(path: file.url.path, message: "\(error)")
    }
  }

  /// One tensor of a GGUF file, restored to floating point.
  package static func ggufTensor(_ name: String, in url: URL) throws -> Tensor {
    try GGUFFile(url).tensor(name)
  }

  private static func read(_ file: GGUFFile) throws -> (GGUFArchitecture, DecoderConfiguration) {
    do {
      let architecture = try GGUFArchitecture(file)
      return (architecture, try architecture.configuration())
    } catch let error as ConfigurationError {
      throw CheckpointError(path: file.url.path, message: error.description)
    }
  }
}
