import Documents
public import Foundation
import NeuralNetworks
public import Tokenization
package import Torch

extension Checkpoint {
  /// A model from a GGUF file.
  ///
  /// - Parameter keepingBlocks: whether matrices in blocks stay so; all others, and everything else, are restored to the type.
  static func loadGGUF(_ file: GGUFFile, dtype: DType, device: Device, keepingBlocks: Bool) throws -> Decoder {
    let (architecture, configuration) = try read(file)
    let path = file.url.path
    try CheckpointLayout.checkSize(configuration, file, path: path)
    let layout = architecture.layout(configuration)
    let places = try layout.locate(in: file, path: path)
    try TorchLibrary.load()
    let keepsBlocks = keepingBlocks && device.kind == .cpu
    let model = Decoder(
      configuration, weights: InitialWeights(dtype: dtype, device: device, leavesMatricesOut: keepsBlocks))
    let kept = keepsBlocks ? try keep(layout, places, file, in: model) : []
    try layout.fromDisk(
      file, into: model.parameters.filter { !kept.contains($0.name) }, places: places, path: path)
    return model
  }

  /// Reads the matrices that lie in blocks, and makes room for the others.
  ///
  /// - Returns: The names of the weights that were read.
  private static func keep(
    _ layout: CheckpointLayout, _ places: [String: String], _ file: GGUFFile, in model: Decoder
  ) throws -> Set<String> {
    let modules = Dictionary(uniqueKeysWithValues: model.modules.map { ($0.name, $0.module) })
    let entries = Dictionary(layout.entries.map { ($0.name, $0) }) { first, _ in first }
    var kept: Set<String> = []
    for entry in layout.largestFirst where entry.shape.count == 2 {
      let module = modules[String(entry.name.dropLast(".weight".count))]
      let parts = entry.parts.map { file.blocks(of: $0) }
      let linear = module as? Linear, table = module as? Embedding
      let rows = parts.compactMap { $0 }
      guard rows.count == parts.count, linear != nil || table === model.tokenEmbedding else {
        linear?.weight = Tensor.empty(entry.shape, dtype: model.dtype)
        table?.weight = Tensor.empty(entry.shape, dtype: model.dtype)
        continue
      }
      if let bias = linear?.bias {
        // A packed layer takes its bias along.
        let name = String(entry.name.dropLast("weight".count) + "bias")
        var own = layout
        own.entries = entries[name].map { [$0] } ?? []
        try own.fromDisk(file, into: [(name, bias)], places: places, path: file.url.path)
      }
      let packed = try PackedLinear(blocks: rows, inputs: entry.shape[1], bias: linear?.bias)
      linear?.quantize(as: packed)
      table?.quantize(as: packed)
      if module === model.head || (model.head == nil && table != nil) { model.packedTable = packed }
      for part in entry.parts { file.release(part.name) }
      kept.insert(entry.name)
    }
    return kept
  }

  /// The configuration that a GGUF file's metadata describes.
  static func configuration(of file: GGUFFile) throws -> DecoderConfiguration { try read(file).1 }

  /// Reads a tokenizer without its model: from a `tokenizer.json`, the folder that holds one, or a GGUF file.
  ///
  /// - Throws: ``CheckpointError`` where a GGUF file has none, or a `TokenizationError`.
  public static func loadTokenizer(_ url: URL) throws -> Tokenizer {
    let url = try located(url)
    guard GGUFFile.isOne(url) else { return try Tokenizer(contentsOf: url) }
    guard let found = try tokenizer(of: GGUFFile(url)) else {
      throw CheckpointError(path: url.path, message: "there is no tokenizer in this file")
    }
    return found
  }

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

  /// The place of each parameter in a GGUF file.
  static func layout(of file: GGUFFile, _ configuration: DecoderConfiguration) throws -> CheckpointLayout {
    try read(file).0.layout(configuration)
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
