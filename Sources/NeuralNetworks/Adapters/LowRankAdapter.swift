public import Torch

/// A trainable update of low rank beside a frozen weight: Δy = scale · x·Aᵀ·Bᵀ (LoRA, Hu 2021, section 4.1).
///
/// A starts random and B zero, so that a fresh adapter changes nothing. With a magnitude m it is DoRA (Liu 2024, equation
/// 5): each row of W + scale·B·A is scaled to the length m, the lengths themselves taken as constants in the backward
/// pass. Names follow PEFT: `lora_A.weight` `[rank, in]`, `lora_B.weight` `[out, rank]`, `lora_magnitude_vector` `[out]`.
public final class LowRankAdapter: Module {
  /// A: `[rank, in]`.
  @Parameter("lora_A.weight") public var down: Tensor
  /// B: `[out, rank]`.
  @Parameter("lora_B.weight") public var up: Tensor
  /// m: `[out]`, in DoRA only.
  @OptionalParameter("lora_magnitude_vector") public var magnitude: Tensor?
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

  private var isDropping: Bool { dropout.map { $0.isTraining && $0.probability > 0 } ?? false }

  /// Whether the update is a product and nothing else: no features are dropped, and rows have no magnitudes.
  var isPlain: Bool { magnitude == nil && !isDropping }

  /// Makes this DoRA, with the lengths of the rows of `weight` as the first magnitudes.
  func decompose(_ weight: Tensor) { magnitude = withoutGradients { rowLengths(weight) } }

  /// The layer's output with the update.
  ///
  /// - Parameters:
  ///   - x: the layer's input.
  ///   - y: x·Wᵀ + b.
  ///   - weight: W, or the rows of it that this adapter is for.
  ///   - bias: b, if the layer has one.
  func callAsFunction(_ x: Tensor, output y: Tensor, weight: Tensor, bias: Tensor?) -> Tensor {
    let dropped = dropout?(x) ?? x
    let update = dropped.linear(down).linear(up) * scale
    guard let magnitude else { return y + update }
    let factor = magnitude / withoutGradients { rowLengths(weight + delta) }
    // With dropout the frozen product is taken of the dropped input too, as PEFT does.
    let plain = isDropping ? dropped.linear(weight) : bias.map { y - $0 } ?? y
    return y + (factor - 1) * plain + factor * update
  }

  /// The weight with the update merged into it.
  package func merged(into weight: Tensor) -> Tensor {
    let sum = weight + delta
    guard let magnitude else { return sum }
    return sum * (magnitude / rowLengths(sum)).unsqueezed(1)
  }

  /// scale·B·A: `[out, in]`.
  public var delta: Tensor { up.matmul(down) * scale }

  private func rowLengths(_ weight: Tensor) -> Tensor { weight.square().sum(axis: 1).sqrt() }
}
