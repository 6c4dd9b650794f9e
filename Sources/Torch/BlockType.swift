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
}
