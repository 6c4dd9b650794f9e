public import Torch

/// A table of vectors by number: ids `[…]` give `[…, width]`.
public final class Embedding: Module {
  /// `[count, width]`.
  @Parameter public var weight: Tensor
  /// The packed table in the weight's place, if there is one: the weight then has its shape and no content.
  public private(set) var packed: PackedLinear?

  /// Draws the table from N(0, standardDeviation²).
  public init(_ count: Int, _ width: Int, standardDeviation: Double = 1, generator: Generator) {
    super.init()
    weight = Tensor.empty([count, width])
    weight.normalInPlace(standardDeviation: standardDeviation, generator: generator)
  }

  /// A layer over this table.
  public init(weight: Tensor) {
    super.init()
    self.weight = weight
  }

  /// Puts a packed form in the table's place, whose memory is given back.
  public func quantize(as packed: PackedLinear) {
    precondition(packed.shape == weight.shape, "\(packed.shape) can't stand for a table \(weight.shape)")
    self.packed = packed
    weight = .placeholder(weight.shape, dtype: weight.dtype, device: weight.device)
  }

  /// Looks the ids up.
  public func callAsFunction(_ ids: Tensor) -> Tensor { packed?.rows(ids) ?? Tensor.embedding(weight, ids) }
}

extension Tensor {
  /// One number that stands for all of a shape, so that it can still be asked for where the content lies elsewhere.
  package static func placeholder(_ shape: [Int], dtype: DType, device: Device) -> Tensor {
    Tensor.zeros(shape.map { _ in 1 }, dtype: dtype, device: device).expanded(shape)
  }
}
