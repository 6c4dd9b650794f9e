import CTorch

/// A linear layer whose weight is kept in the form that its product reads, for inference.
///
/// In float32 the numbers are those of the plain layer up to the order of summation, and products of a few rows, as in
/// decoding, no longer rearrange the weight each time. With 8 or 4 bits a quarter or an eighth of the memory is read, at a
/// loss that must be measured per model. A later change of the weight tensor is not seen.
public final class PackedLinear {
  /// How the weights are kept.
  public enum Format: Int32, Sendable, CaseIterable {
    /// As they are, in the processor's order (MKL's on x86; elsewhere the plain product).
    case float32 = 32
    /// −127 … 127 with a scale per output; activations are quantised on the fly over the whole input (fbgemm).
    case int8 = 8
    /// 0 … 15 with a scale and a zero per 32 inputs of an output; activations stay float32. Takes inputs that are a
    /// multiple of 32 and outputs that are one of 16.
    case int4 = 4
  }

  private let packed: OpaquePointer
  /// Features out and in.
  public let shape: [Int]
  /// How the weights are kept.
  public let format: Format

  /// Packs a weight `[out, in]`.
  ///
  /// - Throws: ``TorchError`` for a weight or bias of another shape, or one that the format doesn't take.
  public init(weight: Tensor, bias: Tensor? = nil, format: Format) throws {
    (shape, self.format) = (weight.shape, format)
    guard let packed = torch.pointee.pack_linear(weight.pointer, bias?.pointer, format.rawValue) else {
      throw TorchError(
        operation: "pack_linear", operands: "\(weight.shape)",
        message: lastMessage())
    }
    self.packed = packed
  }
  deinit { torch.pointee.packed_free(packed) }

  /// x · wᵀ + bias: `[…, in] → […, out]`, float32 in and out; no gradients.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    made("packed_linear", torch.pointee.packed_linear(packed, x.pointer), [x])
  }
}
