import NeuralNetworks
public import Torch

/// The two-stage painter of Nakano 2019: a variational autoencoder of strokes, and a predictor of its latent code.
///
/// Encoder: convolutions of 32, 64, 128 and 256 channels, windows of 4 every 2 pixels; μ and ln σ² of 64 latent numbers.
/// Decoder: a layer of 1,024, transposed convolutions of 128 (5), 64 (5), 32 (6) and 1 (6), every 2 pixels, and a sigmoid.
/// Predictor: layers of 256, 64 and 64 with leaky ReLU and batch normalisation. It differs from the published one in having
/// one channel, of coverage, where that has red, green and blue, and nine numbers where that has twelve.
public final class VariationalPainter: NeuralPainter {
  /// The latent numbers.
  public static let latent = 64
  @Child("encoder") var encoder: StrokeEncoder
  @Child("decoder") var decoder: StrokeDecoder
  @Child("predictor") var predictor: LatentPredictor

  /// A painter with random weights.
  public init(generator: Generator) {
    super.init(kind: .vae)
    encoder = StrokeEncoder(generator: generator)
    decoder = StrokeDecoder(generator: generator)
    predictor = LatentPredictor(generator: generator)
  }

  /// Coverage of shapes, by the mean of the predicted code.
  public override func callAsFunction(_ shapes: Tensor) -> Tensor { decoder(predictor(shapes).mean) }
}

/// μ and ln σ² of pictures `[N, 1, 64, 64]`.
final class StrokeEncoder: Module {
  private var convolutions: [Conv2d] = []
  @Child("mean") private var mean: Linear
  @Child("log_variance") private var logVariance: Linear

  init(generator: Generator) {
    super.init()
    for (inputs, outputs) in [(1, 32), (32, 64), (64, 128), (128, 256)] {
      convolutions.append(Conv2d(inputs, outputs, size: 4, stride: 2, generator: generator))
    }
    mean = Linear(1024, VariationalPainter.latent, generator: generator)
    logVariance = Linear(1024, VariationalPainter.latent, generator: generator)
  }

  func callAsFunction(_ x: Tensor) -> (mean: Tensor, logVariance: Tensor) {
    let h = convolutions.reduce(x) { $1($0).relu() }.flattened(1)
    return (mean(h), logVariance(h))
  }
}

/// Pictures `[N, 64, 64]` of latent codes `[N, 64]`.
final class StrokeDecoder: Module {
  @Child("fc") private var dense: Linear
  private var deconvolutions: [ConvTranspose2d] = []

  init(generator: Generator) {
    super.init()
    dense = Linear(VariationalPainter.latent, 1024, generator: generator)
    for (inputs, outputs, size) in [(1024, 128, 5), (128, 64, 5), (64, 32, 6), (32, 1, 6)] {
      deconvolutions.append(ConvTranspose2d(inputs, outputs, size: size, stride: 2, generator: generator))
    }
  }

  func callAsFunction(_ z: Tensor) -> Tensor {
    var h = dense(z).reshaped(-1, 1024, 1, 1)
    for (number, layer) in deconvolutions.enumerated() {
      h = layer(h)
      h = number + 1 < deconvolutions.count ? h.relu() : h.sigmoid()
    }
    return h.squeezed(1)
  }
}

/// μ and ln σ² of shapes `[N, 9]`.
final class LatentPredictor: Module {
  private var layers: [Linear] = []
  private var norms: [BatchNorm] = []
  @Child("mean") private var mean: Linear
  @Child("log_variance") private var logVariance: Linear

  init(generator: Generator) {
    super.init()
    for (inputs, outputs) in [(StrokeAction.shapeCount, 256), (256, 64), (64, 64)] {
      layers.append(Linear(inputs, outputs, generator: generator))
      norms.append(BatchNorm(channels: outputs))
    }
    mean = Linear(64, VariationalPainter.latent, generator: generator)
    logVariance = Linear(64, VariationalPainter.latent, generator: generator)
  }

  func callAsFunction(_ shapes: Tensor) -> (mean: Tensor, logVariance: Tensor) {
    let h = zip(layers, norms).reduce(shapes) { $1.1($1.0($0).leakyReLU(slope: 0.2)) }
    return (mean(h), logVariance(h))
  }
}
