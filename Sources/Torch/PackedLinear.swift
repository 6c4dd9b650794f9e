import CTorch

/// A linear layer whose weight is kept in the form that its product reads.
///
/// In float32 the numbers are those of the plain layer up to the order of summation. The other formats read a half, a quarter
/// or an eighth of the memory, at a loss that must be measured per model. The weight tensor must not change while
/// this is in use.
public final class PackedLinear {
  /// How the weights are kept.
  public enum Format: Int32, Sendable, CaseIterable {
    /// As they are; products of more than four rows read a copy in an order of their own, made when the first one comes;
    /// a row's result is then the same to the bit among any number of rows up to 256.
    case float32 = 32
    /// Rounded to bfloat16; inputs and sums stay float32, but for many rows on a processor that multiplies bfloat16.
    case bfloat16 = 16
    /// −127 … 127 with a unit per output; inputs are rounded to as many steps, with a unit per row.
    case int8 = 8
    /// 0 … 15 with a scale and a zero per 32 inputs of an output; inputs stay float32. Takes inputs that are a
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

  /// What follows a product in the same call.
  public enum Curve: Int32, Sendable {
    /// Nothing.
    case none = 0
    /// x·σ(x).
    case silu = 1
    /// The tanh form of GELU.
    case tanhGELU = 2
  }

  /// x · wᵀ + bias: `[…, in] → […, out]`, summed in float32 or better.
  ///
  /// Outside `withoutGradients` the product is that with ``weight``, restored for the moment, and x gets its gradient; the
  /// packed weight itself has none.
  /// - Parameter residual: `[…, out]` that is added to it.
  public func callAsFunction(_ x: Tensor, adding residual: Tensor? = nil) -> Tensor {
    made(
      "packed_linear", torch.pointee.packed_linear(packed, x.pointer, residual?.pointer, 0, 0),
      residual.map { [x, $0] } ?? [x])
  }

  /// The product, activated: `[…, in] → […, out]`, or `[…, out/2]` where its first half is activated and multiplies the second.
  public func callAsFunction(_ x: Tensor, _ curve: Curve, gated: Bool) -> Tensor {
    made(
      "packed_linear", torch.pointee.packed_linear(packed, x.pointer, nil, curve.rawValue, gated ? 1 : 0), [x])
  }

  /// The weight that the packed numbers stand for, float32, made anew each time.
  public var weight: Tensor { made("packed_weight", torch.pointee.packed_weight(packed), []) }
}
