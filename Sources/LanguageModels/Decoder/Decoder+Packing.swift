import NeuralNetworks
public import Torch

extension Decoder {
  /// Keeps the weights of every linear layer, the output table included, in a form made for inference.
  ///
  /// The weights themselves stay where they are, so that this takes memory beside theirs, and must not change until
  /// ``unpack()``. Layers that were quantized stay so. With ``PackedLinear/Format/int4`` the output table, whose errors
  /// weigh most, takes 8 bits, and layers whose shape 4 bits can't have take 8 too.
  /// - Throws: `TorchError`.
  public func pack(_ format: PackedLinear.Format) throws {
    for layer in linearLayers where !layer.isQuantized {
      layer.packed = try PackedLinear(
        weight: layer.weight, bias: layer.bias, format: Self.fitting(format, layer.weight))
    }
    if !isTableQuantized {
      packedTable = try PackedLinear(weight: outputTable, format: format == .int4 ? .int8 : format)
    }
  }

  /// Goes back to the weights themselves.
  public func unpack() {
    for layer in linearLayers where !layer.isQuantized { layer.packed = nil }
    if !isTableQuantized { packedTable = nil }
  }

  /// The type in which keys and values are made, and cached.
  public var cacheDType: DType {
    if device == .cpu { return dtype }
    return packedTable?.format == .bfloat16 ? .bfloat16 : autocastDType(on: device) ?? dtype
  }

  /// Whether the weights are packed.
  public var isPacked: Bool { packedTable != nil }

  /// Replaces the weights of the layers by such of fewer bits, for adapters that are trained over them (QLoRA,
  /// Dettmers 2023).
  ///
  /// The tables of the vocabulary stay as they are.
  ///
  /// - Throws: `TorchError`.
  public func quantizeLayers(_ format: PackedLinear.Format) throws {
    for layer in linearLayers where !layer.isQuantized { try layer.quantize(Self.fitting(format, layer.weight)) }
  }

  /// Whether ``quantizeLayers(_:)`` was called or the model was read with its file's blocks: it can't be written to a file then, only
  /// its adapters.
  public var isQuantized: Bool { isTableQuantized || linearLayers.contains { $0.isQuantized } }

  /// Whether the packed output table is all there is of it.
  var isTableQuantized: Bool { head.map(\.isQuantized) ?? (tokenEmbedding.packed != nil) }

  /// All but the output table, and what decides between experts: a rounded score would choose others.
  private var linearLayers: [Linear] {
    let all = modules
    let routers = Set(
      all.compactMap { $0.module as? MixtureOfExperts }.flatMap { [$0.router, $0.sharedGate] }
        .compactMap { $0.map(ObjectIdentifier.init) })
    return all.compactMap { $0.1 as? Linear }.filter { $0 !== head && !routers.contains(ObjectIdentifier($0)) }
  }

  static func fitting(_ format: PackedLinear.Format, _ weight: Tensor) -> PackedLinear.Format {
    let fits = weight.size(0) % 16 == 0 && weight.size(1) % 32 == 0
    return format == .int4 && !fits ? .int8 : format
  }
}
