public import Torch

/// A trainable update of low rank beside a frozen weight: Δy = scale · x·Aᵀ·Bᵀ (LoRA, Hu 2021, section 4.1).
///
/// A starts random and B zero, so that a fresh adapter changes nothing. Names follow PEFT: `lora_A.weight` `[rank, in]`,
/// `lora_B.weight` `[out, rank]`.
public final class LowRankAdapter: Module {
  /// A: `[rank, in]`.
  @Parameter("lora_A.weight") public var down: Tensor
  /// B: `[out, rank]`.
  @Parameter("lora_B.weight") public var up: Tensor
  /// The factor on the update: alpha/rank, or alpha/√rank (Kalajdzievski 2023).
  public let scale: Double
  private let dropout: Dropout?

  /// An adapter for a layer `[outputs, inputs]`, its A drawn as PEFT draws it (Kaiming uniform with a = √5).
  public convenience init(
    inputs: Int, outputs: Int, rank: Int, alpha: Double, generator: Generator
  ) {
    self.init(
      inputs: inputs, outputs: outputs, rank: rank, scale: alpha / Double(rank), dropout: nil,
      generator: generator)
  }

  /// An adapter with its factor given, and features of its input dropped while training.
  public init(
    inputs: Int, outputs: Int, rank: Int, scale: Double, dropout: Dropout?, generator: Generator
  ) {
    precondition(rank > 0, "an adapter's rank must be at least 1, not \(rank)")
    self.scale = scale
    self.dropout = dropout
    super.init()
    down = Initializer.kaimingUniform(gain: (1.0 / 3).squareRoot())([rank, inputs], generator: generator)
    up = Tensor.zeros([outputs, rank], device: generator.device)
  }

  /// The update for `x`.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    (dropout?(x) ?? x).linear(down).linear(up) * scale
  }

  /// The update as a matrix `[out, in]`, to be added to the frozen weight.
  public var merged: Tensor { up.matmul(down) * scale }
}
