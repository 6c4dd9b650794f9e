public import Foundation
import NeuralNetworks
public import Tokenization
public import Torch

extension Checkpoint {
  /// Reads a model for inference in a format.
  ///
  /// - Parameters:
  ///   - isExact: whether numbers will be compared with others', so that `auto` rounds nothing that a file has in full.
  /// - Returns: the model, its tokenizer if it has one, and the format in which its matrices are kept: what `auto` came to mean, or
  ///   `auto` for a file's own blocks.
  public static func load(
    _ place: URL, weights: WeightFormat, device: Device = .cpu, isExact: Bool = false
  ) throws -> (model: Decoder, tokenizer: Tokenizer?, format: WeightFormat) {
    try TorchLibrary.load()
    let place = try located(place)
    var format = weights
    let rounds = device.kind == .cpu && PackedLinear.multipliesBFloat16 && !isExact
    if weights == .auto {
      let (base, adapters) = try adapterChain(from: place)
      if !GGUFFile.isOne(base) {
        format = rounds ? .bfloat16 : .float32
      } else if adapters.isEmpty {
        let file = try GGUFFile(base)
        let type = file.type(of: "blk.0.ffn_down.weight")?.description
        if rounds, type == "BF16" || type == "F16" {
          format = .bfloat16
        } else {
          let tokenizer = try tokenizer(of: file)
          let model = try loadGGUF(file, dtype: .float32, device: device, keepingBlocks: true)
          try check(tokenizer, fits: model, place)
          return (model, tokenizer, model.isQuantized ? .auto : .float32)
        }
      }
    }
    if device.kind == .cpu, let packing = format.packing {
      do {
        let (model, tokenizer) = try load(place, packing: packing)
        return (model, tokenizer, format)
      } catch is StackedTensors {
        // Read in full below, and packed then.
      }
    }
    let (model, tokenizer) = try load(place, device: device, keepingBlocks: format.keepsBlocks)
    if let packing = format.packing { try model.pack(packing) }
    return (model, tokenizer, format)
  }

  /// Reads a model for inference whose matrices are packed one by one as they are read, adapters merged: it takes the packed form's
  /// memory and never more than one matrix besides.
  ///
  /// Vectors stay float32. Looking tokens up reads the table as it is stored; only products read it packed.
  /// - Throws: ``CheckpointError``, `TorchError` or a tokenizer's own error.
  public static func load(
    _ place: URL, packing format: PackedLinear.Format
  ) throws -> (model: Decoder, tokenizer: Tokenizer?) {
    let stored = try StoredModel(try located(place))
    let c = stored.configuration
    let model = Decoder(c, weights: InitialWeights(leavesMatricesOut: true))
    let modules = Dictionary(uniqueKeysWithValues: model.modules.map { ($0.name, $0.module) })
    let parameters = Dictionary(uniqueKeysWithValues: model.parameters.map { ($0.name, $0.tensor) })
    let entries = CheckpointLayout.of(c).largestFirst
    let routers = model.routers
    try withoutGradients {
      // Vectors first: a packed layer takes its bias along.
      for entry in entries where entry.shape.count == 1 {
        parameters[entry.name]?.copyInPlace(try stored.parameter(entry.name, rows: 0..<entry.shape[0]))
      }
      for entry in entries where entry.shape.count > 1 {
        let weight = try stored.parameter(entry.name, rows: 0..<entry.shape[0])
        defer { stored.release(entry.name) }
        switch modules[String(entry.name.dropLast(".weight".count))] {
        case let linear as Linear where routers.contains(ObjectIdentifier(linear)):
          linear.weight = weight.to(.float32).clone()
        case let linear as Linear:
          let packed = try PackedLinear(
            weight: weight, bias: linear.bias, format: Decoder.fitting(format, weight, isTable: linear === model.head))
          linear.quantize(as: packed)
          if linear === model.head { model.packedTable = packed }
        case let table as Embedding where table === model.tokenEmbedding:
          try keep(weight, as: table, of: model, stored, format)
        case let table as Embedding: table.weight = weight.to(.float32).clone()
        default: preconditionFailure("no layer is called \(entry.name)")
        }
      }
    }
    try check(stored.tokenizer, fits: model, place)
    return (model, stored.tokenizer)
  }

  /// Keeps the tokens' table, which products read too where it is tied to the output.
  private static func keep(
    _ weight: Tensor, as table: Embedding, of model: Decoder, _ stored: StoredModel, _ format: PackedLinear.Format
  ) throws {
    let rows = 0..<weight.size(0)
    if format == .bfloat16 || weight.dtype == .bfloat16 {
      table.quantize(as: try PackedLinear(weight: weight, format: .bfloat16))
    } else if let (part, place) = stored.part(of: "embed_tokens.weight", rows: rows),
      let blocks = stored.gguf?.blocks(of: part), stored.gguf?.type(of: place)?.plain == nil
    {
      table.quantize(as: try PackedLinear(blocks: [blocks], inputs: weight.size(1)))
    } else {
      table.weight = weight.to(.float32).clone()
    }
    guard model.head == nil else { return }
    let packing = Decoder.fitting(format, weight, isTable: true)
    let isSame = packing == .bfloat16 && table.packed?.format == .bfloat16
    model.packedTable = isSame ? table.packed : try PackedLinear(weight: weight, format: packing)
  }
}
