import NeuralNetworks
public import Torch

/// Two strided convolutions and a layer (Mnih 2013): little work for each picture, made for a few cores.
///
/// 16·width channels in windows of 8 every 4 pixels, 32·width in windows of 4 every 2, ReLU after each layer. Weights start
/// orthogonal with gain √2 and biases 0, as is usual with PPO. The state dict has the names that a `Sequential` gives.
public final class StridedBody: ImageBody {
  @Child("0") private var first: PixelConvolution
  @Child("2") private var second: Conv2d
  @Child("5") private var dense: Linear

  /// A body for pictures `[height, width, channels]`.
  ///
  /// - Parameters:
  ///   - shape: at least 20 pixels high and wide.
  ///   - width: scales the numbers of channels, not that of the features.
  public init(shape: [Int], width: Double = 1, features: Int = 256, generator: Generator) {
    super.init(features: features)
    let gain = Initializer.orthogonal(gain: 2.0.squareRoot())
    let channels = scaledChannels([16, 32], by: width)
    first = PixelConvolution(shape[2], channels[0], size: 8, stride: 4, initializer: gain, generator: generator)
    second = Conv2d(channels[0], channels[1], size: 4, stride: 2, generator: generator)
    second.initialize(gain, generator)
    func left(_ length: Int) -> Int { ((length - 8) / 4 + 1 - 4) / 2 + 1 }
    dense = .initialized(channels[1] * left(shape[0]) * left(shape[1]), features, gain, generator)
  }

  /// Features of pictures.
  public override func callAsFunction(_ pixels: Tensor) -> Tensor {
    dense(second(first(pixels).relu()).relu().flattened(1)).relu()
  }
}

/// Numbers of channels times a factor, at least one each.
func scaledChannels(_ channels: [Int], by width: Double) -> [Int] {
  channels.map { max(1, Int((Double($0) * width).rounded())) }
}
