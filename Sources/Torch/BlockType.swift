import CTorch

/// A way in which ggml stores the elements of a tensor: plainly, or in blocks of a few bits with a scale.
public struct BlockType: Hashable, Sendable, CustomStringConvertible {
  /// ggml's number of it.
  public let number: UInt32
  /// ggml's name of it, such as `Q4_K`.
  public let description: String
  /// Elements in a block.
  public let length: Int
  /// Bytes in a block.
  public let bytes: Int

  /// The type of a number; nil if ggml has none of it.
  public init?(number: UInt32) {
    let shape = ctorch_block_shape(number)
    guard let name = shape.name else { return nil }
    self.number = number
    (description, length, bytes) = (String(cString: name), Int(shape.length), Int(shape.bytes))
  }

  /// The type that ggml calls so, such as `Q4_K` or `F32`; nil if there is none.
  public init?(name: String) {
    // ggml's numbers are below a hundred.
    guard let found = (0..<100).lazy.compactMap({ BlockType(number: $0) }).first(where: { $0.description == name })
    else { return nil }
    self = found
  }

  /// The type that is the same bytes as one of our own; nil for one that ggml doesn't have.
  public init?(plain: DType) {
    let names: [DType: String] = [
      .float32: "F32", .float16: "F16", .bfloat16: "BF16", .float64: "F64", .int8: "I8", .int16: "I16", .int32: "I32",
      .int64: "I64",
    ]
    guard let name = names[plain] else { return nil }
    self.init(name: name)
  }

  /// The type of our own that is the same bytes; nil for blocks.
  public var plain: DType? {
    switch description {
    case "F32": .float32
    case "F16": .float16
    case "BF16": .bfloat16
    case "F64": .float64
    case "I8": .int8
    case "I16": .int16
    case "I32": .int32
    case "I64": .int64
    default: nil
    }
  }

  /// Blocks restored to a float32 tensor, on all cores.
  ///
  /// - Parameter blocks: as many bytes as a tensor of that shape takes, rows of whole blocks.
  public func restored(_ blocks: UnsafeRawBufferPointer, shape: [Int]) -> Tensor {
    let count = shape.reduce(1, *)
    precondition(
      length > 1 && count % length == 0 && blocks.count == count / length * bytes,
      "\(blocks.count) bytes of \(self) are no tensor \(shape)")
    let made = Tensor.empty(shape)
    made.withUnsafeElements(of: Float.self) { elements in
      let status = torch.pointee.restore_blocks(
        Int32(number), blocks.baseAddress, Int64(count), elements.baseAddress)
      done("restore_blocks", status, [made])
    }
    return made
  }

  /// The bytes of a row of so many elements.
  public func bytes(ofRow elements: Int) -> Int { elements / length * bytes }

  /// The bytes that say a tensor's numbers in this type.
  ///
  /// Q4_0, Q4_1, Q5_0, Q5_1 and Q8_0 are rounded as ggml rounds them, to the bit. Q4_K, Q5_K and Q6_K take scales of least
  /// squares, whose error is no larger than ggml's own.
  ///
  /// - Parameter x: numbers whose last axis is a multiple of ``length``.
  /// - Throws: ``TorchError`` for numbers that aren't finite, or too large for half precision, and for a type that isn't written.
  public func encoded(_ x: Tensor) throws -> [UInt8] {
    precondition(x.size(-1) % length == 0, "rows of \(x.size(-1)) are no multiple of \(self)'s \(length)")
    if let plain {
      let made = x.detached().to(plain, device: .cpu).contiguous()
      if plain == .float16, !made.to(.float32).abs().max().item().isFinite, x.to(.float32).abs().max().item().isFinite {
        throw TorchError(
          operation: "F16", message: "some of the numbers are beyond 65504, the largest of half precision")
      }
      return made.withUnsafeBytes { Array($0) }
    }
    let source = x.detached().to(.float32, device: .cpu).contiguous()
    let size = source.count / length * bytes
    return try source.withUnsafeElements(of: Float.self) { elements in
      try Array(unsafeUninitializedCapacity: size) { buffer, count in
        let status = torch.pointee.make_blocks(
          Int32(number), elements.baseAddress, Int64(elements.count), buffer.baseAddress)
        guard status == 0 else { throw TorchError(operation: description, message: lastMessage()) }
        count = size
      }
    }
  }
}
