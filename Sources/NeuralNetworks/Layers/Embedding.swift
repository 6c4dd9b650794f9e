public import Torch

/// A table of vectors by number: ids `[…]` give `[…, width]`.
public final class Embedding: Module {
  /// `[count, width]`.
  @Parameter public var weight: Tensor

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

  /// Looks the ids up.
  public func callAsFunction(_ ids: Tensor) -> Tensor { Tensor.embedding(weight, ids) }
}
