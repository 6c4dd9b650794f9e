public import Torch

/// A trainable update of low rank beside a frozen weight: Δy = (alpha/rank) · x·Aᵀ·Bᵀ (LoRA, Hu 2021, section 4.1).
///
/// A starts random and B zero, so that a fresh adapter changes nothing. Names follow PEFT: `lora_A.weight` `[rank, in]`,
/// `lora_B.weight` `[out, rank]`.
public final class LowRankAdapter: Module {
  /// A: `[rank, in]`.
  @Parameter("lora_A.weight") public var down: Tensor
  /// B: `[out, rank]`.
  @Parameter("lora_B.weight") public var up: Tensor
  /// alpha / rank.
  public let scale: Double

  /// An adapter for a layer `[outputs, inputs]`, its A drawn as PEFT draws it (Kaiming uniform with a = √5).
  public init(inputs: Int, outputs: Int, rank: Int, alpha: Double, generator: Generator) {
    scale = alpha / Double(rank)
    super.init()
    down = Tensor.empty([rank, inputs])
    let bound = 1 / Double(inputs).squareRoot()
    down.uniformInPlace(-bound, bound, generator: generator)
    up = Tensor.zeros([outputs, rank])
  }

  /// The update for `x`.
  public func callAsFunction(_ x: Tensor) -> Tensor { x.linear(down).linear(up) * scale }

  /// The update as a matrix `[out, in]`, to be added to the frozen weight.
  public var merged: Tensor { up.matmul(down) * scale }
}
