import NeuralNetworks
public import Torch

/// The generator of Nakano 2019's conditional Wasserstein GAN with d = 16.
///
/// Nine numbers and 16 of noise, a layer to 4 × 4 × 256, three transposed convolutions that halve the channels (windows of 4
/// every 2 pixels) with batch normalisation and ReLU, a last one to one channel, and a sigmoid. Weights start from
/// N(0, 0.02²). While it paints pictures the noise is 0: the middle of what the brush might do.
public final class AdversarialPainter: NeuralPainter {
  /// The numbers of noise.
  public static let noise = 16
  static let depth = 16
  @Child("fc") private var dense: Linear
  private var deconvolutions: [ConvTranspose2d] = []
  private var norms: [BatchNorm] = []

  /// A painter with random weights.
  public init(generator: Generator) {
    super.init(kind: .gan)
    let d = Self.depth
    dense = Linear(StrokeAction.shapeCount + Self.noise, 16 * 16 * d, generator: generator)
    norms.append(BatchNorm(channels: 16 * d))
    for (inputs, outputs) in [(16 * d, 8 * d), (8 * d, 4 * d), (4 * d, 2 * d), (2 * d, 1)] {
      deconvolutions.append(
        ConvTranspose2d(inputs, outputs, size: 4, stride: 2, padding: 1, generator: generator))
      if outputs > 1 { norms.append(BatchNorm(channels: outputs)) }
    }
    startAdversarially(self, generator)
  }

  /// Coverage of shapes without noise.
  public override func callAsFunction(_ shapes: Tensor) -> Tensor {
    self(shapes, noise: Tensor.zeros([shapes.size(0), Self.noise], device: shapes.device))
  }

  /// Coverage of shapes and noise `[N, 16]`.
  func callAsFunction(_ shapes: Tensor, noise: Tensor) -> Tensor {
    var h = dense(Tensor.concatenated([shapes, noise], axis: 1)).reshaped(-1, 16 * Self.depth, 4, 4)
    for (number, layer) in deconvolutions.enumerated() { h = layer(norms[number](h).relu()) }
    return h.sigmoid().squeezed(1)
  }
}

/// The critic: convolutions of d, 2d, 4d and 8d channels with leaky ReLU, told the shape after the first.
final class StrokeCritic: Module {
  private var convolutions: [Conv2d] = []
  @Child("action") private var action: Linear
  @Child("fc") private var dense: Linear

  init(generator: Generator) {
    super.init()
    let d = AdversarialPainter.depth
    for (inputs, outputs) in [(1, d), (d, 2 * d), (2 * d, 4 * d), (4 * d, 8 * d)] {
      convolutions.append(Conv2d(inputs, outputs, size: 4, stride: 2, padding: 1, generator: generator))
    }
    action = Linear(StrokeAction.shapeCount, d, generator: generator)
    dense = Linear(8 * d * 16, 1, generator: generator)
    startAdversarially(self, generator)
  }

  /// A number for each picture `[N, 64, 64]` with its shape `[N, 9]`: the larger, the more real.
  func callAsFunction(_ pictures: Tensor, _ shapes: Tensor) -> Tensor {
    var h = pictures.unsqueezed(1)
    for (number, layer) in convolutions.enumerated() {
      h = layer(h)
      if number == 0 { h = h + action(shapes).unsqueezed(-1).unsqueezed(-1) }
      h = h.leakyReLU(slope: 0.2)
    }
    return dense(h.flattened(1)).squeezed(1)
  }
}

/// Weights of layers from N(0, 0.02²) and their biases 0.
private func startAdversarially(_ module: Module, _ generator: Generator) {
  for (name, tensor) in module.parameters where !name.hasPrefix("norms") {
    (tensor.rank > 1 ? Initializer.normal(standardDeviation: 0.02) : .constant(0)).fill(tensor, generator: generator)
  }
}
