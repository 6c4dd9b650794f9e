import NeuralNetworks
public import Torch

extension Decoder {
  /// Keeps the weights of every linear layer, the output table included, in a form made for inference.
  ///
  /// The weights themselves stay where they are, so that this takes memory beside theirs. Gradients don't pass and changes
  /// of the weights are not seen until ``unpack()``. With ``PackedLinear/Format/int4`` the output table, whose errors
  /// weigh most, takes 8 bits, and layers whose shape 4 bits can't have take 8 too.
  /// - Throws: `TorchError`.
  public func pack(_ format: PackedLinear.Format) throws {
    func packed(_ weight: Tensor, _ bias: Tensor?) throws -> PackedLinear {
      let fits = weight.size(0) % 16 == 0 && weight.size(1) % 32 == 0
      return try PackedLinear(
        weight: weight, bias: bias, format: format == .int4 && !fits ? .int8 : format)
    }
    for case (_, let layer as Linear) in modules where layer !== head {
      layer.packed = try packed(layer.weight, layer.bias)
    }
    packedTable = try PackedLinear(weight: outputTable, format: format == .int4 ? .int8 : format)
  }

  /// Goes back to the weights themselves.
  public func unpack() {
    for case (_, let layer as Linear) in modules { layer.packed = nil }
    packedTable = nil
  }

  /// Whether the weights are packed.
  public var isPacked: Bool { packedTable != nil }
}
