import CTorch

/// A linear layer whose weight is kept in the form that its product reads.
///
/// In float32 the numbers are those of the plain layer up to the order of summation. The other formats read a half, a quarter
/// or an eighth of the memory, at a loss that must be measured per model. The weight tensor must not change while
/// this is in use.
public final class PackedLinear {
  /// A format in which weights are kept.
  public enum Format: Int32, Sendable, CaseIterable {
    /// As they are; products of more than a few rows read a copy in an order of their own, made when the first one comes;
    /// a row's result is then the same to the bit among any number of rows up to ``RowLimits/float32Many``.
    case float32 = 32
    /// Rounded to bfloat16; inputs and sums stay float32, but for many rows on a processor that multiplies bfloat16.
    case bfloat16 = 16
    /// −127 … 127 with a unit per output; inputs are rounded to as many steps, with a unit per row.
    case int8 = 8
    /// 0 … 15 with a scale and a zero per 32 inputs of an output; inputs stay float32. Takes inputs that are a
    /// multiple of 32 and outputs that are one of 16.
    case int4 = 4
  }

  /// Whether the processor multiplies bfloat16 itself, so that such weights are faster than float32 as well as smaller.
  public static var multipliesBFloat16: Bool { torch.pointee.multiplies_bfloat16() != 0 }

  let packed: OpaquePointer
  /// Features out and in.
  public let shape: [Int]
  /// The format in which the weights are kept; nil where they are ggml's blocks.
  public let format: Format?

  /// Packs a weight `[out, in]`.
  ///
  /// - Parameter limits: from how many rows on another kernel multiplies; nil means ``RowLimits/current()``.
  /// - Throws: ``TorchError`` for a weight or bias of another shape, or one that the format doesn't take.
  public init(weight: Tensor, bias: Tensor? = nil, format: Format, limits: RowLimits? = nil) throws {
    (shape, self.format) = (weight.shape, format)
    var (few, many) = (0, 0)
    if format == .float32 || format == .bfloat16 {
      let limits = try limits ?? .current()
      (few, many) =
        format == .float32
        ? (limits.float32Few, limits.float32Many) : (limits.bfloat16Few, limits.bfloat16Many)
    }
    let made = torch.pointee.pack_linear(weight.pointer, bias?.pointer, format.rawValue, Int64(few), Int64(many))
    guard let packed = made else {
      throw TorchError(
        operation: "pack_linear", operands: "\(weight.shape)",
        message: lastMessage())
    }
    self.packed = packed
  }
  deinit { torch.pointee.packed_free(packed) }

  /// Some rows of a weight in ggml's blocks.
  public struct BlockRows {
    /// The type of the blocks.
    public var type: BlockType
    /// The number of rows.
    public var rows: Int
    /// The blocks, row by row.
    public var bytes: UnsafeRawBufferPointer
    /// In how many heads the features that are turned together lie in pairs, rather than in halves as ours do; 0 for none.
    public var pairedHeads: Int

    /// Rows of blocks in somebody's memory, which is read while a layer is made and not afterwards.
    public init(type: BlockType, rows: Int, bytes: UnsafeRawBufferPointer, pairedHeads: Int = 0) {
      (self.type, self.rows, self.bytes, self.pairedHeads) = (type, rows, bytes, pairedHeads)
    }
  }

  /// A layer on blocks as a GGUF file holds them, whose rows follow each other.
  ///
  /// Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K and Q6_K keep their numbers and scales, in as many bits (the K types with 4 and 5
  /// in 1/8 bit more) and in an order of our own; the other types become Q8_0. Inputs are rounded to 8 bits with a unit for
  /// each 32. A row's result is the same to the bit among any number of rows.
  ///
  /// - Throws: ``TorchError`` for blocks that make no such weight.
  public init(blocks: [BlockRows], inputs: Int, bias: Tensor? = nil) throws {
    (shape, format) = ([blocks.map(\.rows).reduce(0, +), inputs], nil)
    for part in blocks {
      precondition(
        part.bytes.count * part.type.length == part.rows * inputs * part.type.bytes,
        "\(part.bytes.count) bytes of \(part.type) are no \(part.rows) rows of \(inputs)")
    }
    let parts = blocks.map {
      CTorchBlocks(
        blocks: $0.bytes.baseAddress, rows: Int64($0.rows), type: Int32($0.type.number), heads: Int32($0.pairedHeads))
    }
    guard let packed = torch.pointee.pack_blocks(parts, Int32(parts.count), Int64(inputs), bias?.pointer) else {
      throw TorchError(operation: "pack_blocks", operands: "\(shape)", message: lastMessage())
    }
    self.packed = packed
  }

  /// A function applied to a product in the same call.
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
  /// Outside `withoutGradients` the product is that with ``weight``, restored for the moment (of blocks it is the same as inside), and
  /// x gets the gradient that ``weight`` gives it; the packed weight itself has none.
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

  /// An update of low rank beside the weight: factor · up·down on some of its rows (Hu 2021, section 4.1).
  public struct Update {
    /// The first of the outputs that it is for.
    public var start: Int
    /// `[rank, in]`.
    public var down: Tensor
    /// `[out, rank]` of its own outputs.
    public var up: Tensor
    /// The factor.
    public var factor: Double

    /// An update of the outputs from `start` on.
    public init(start: Int, down: Tensor, up: Tensor, factor: Double) {
      (self.start, self.down, self.up, self.factor) = (start, down, up, factor)
    }
  }

  /// Whether ``callAsFunction(_:updates:)`` takes updates into its product: where the weight is in blocks.
  public var takesUpdates: Bool { format == nil }

  /// x · (w + Σ factor·up·down)ᵀ + bias in one call: `[…, in] → […, out]`; x, `down` and `up` get gradients.
  ///
  /// All that waits for the backward pass besides x are `rank` numbers for each of its rows. Updates may be for the same outputs.
  public func callAsFunction(_ x: Tensor, updates: [Update]) -> Tensor {
    let starts = updates.map { Int64($0.start) }, factors = updates.map(\.factor)
    let weights = updates.flatMap { [$0.down, $0.up] }
    return weights.withHandles { handles, _ in
      made(
        "packed_adapted",
        torch.pointee.packed_adapted(packed, x.pointer, handles, Int32(updates.count), starts, factors), [x] + weights)
    }
  }

  /// Rows of ``weight`` by number, float32: `[…]` whole numbers give `[…, in]`.
  public func rows(_ ids: Tensor) -> Tensor {
    made("packed_rows", torch.pointee.packed_rows(packed, ids.pointer), [ids])
  }

  /// The weight that the packed numbers stand for, float32, made anew each time.
  public var weight: Tensor { made("packed_weight", torch.pointee.packed_weight(packed), []) }
}
