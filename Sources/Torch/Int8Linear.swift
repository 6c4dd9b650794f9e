import CTorch

/// A linear layer with int8 weights, one scale per output channel, and activations quantised on the fly (fbgemm).
///
/// For inference: a quarter of the memory traffic of fp32, at a small loss that must be measured per model.
public final class Int8Linear {
  private let packed: OpaquePointer
  /// Features out and in.
  public let shape: [Int]

  /// Quantises a weight `[out, in]` symmetrically to −127 … 127 per row.
  public init(weight: Tensor, bias: Tensor? = nil) throws {
    shape = weight.shape
    guard let packed = torch.pointee.int8_pack(weight.pointer, bias?.pointer) else {
      throw TorchError(
        operation: "int8_pack", operands: "\(weight.shape)",
        message: lastMessage())
    }
    self.packed = packed
  }
  deinit { torch.pointee.int8_free(packed) }

  /// x · wᵀ + bias: `[…, in] → […, out]`, float32 in and out.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    made("int8_linear", torch.pointee.int8_linear(packed, x.pointer), [x])
  }
}
