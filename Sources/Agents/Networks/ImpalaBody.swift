import NeuralNetworks
public import Torch

/// The residual network of IMPALA (Espeholt 2018, figure 3 on the right, without its LSTM), with which Procgen is played.
///
/// Three times: a convolution, a maximum over windows of 3 every 2 pixels, two residual blocks; then a layer of 256. The
/// state dict has the names of CleanRL's `ppo_procgen.py`, whose files load. Weights start as in the code of the published
/// curves, Glorot's uniform distribution with biases of 0.
public final class ImpalaBody: ImageBody {
  @Child("0") private var first: ImpalaStage
  @Child("1") private var second: ImpalaStage
  @Child("2") private var third: ImpalaStage
  @Child("5") private var dense: Linear

  /// A body for pictures `[height, width, channels]`.
  ///
  /// - Parameter width: scales the numbers of channels (16, 32, 32), not that of the features, as in the paper's study.
  public init(shape: [Int], width: Double = 1, features: Int = 256, generator: Generator) {
    super.init(features: features)
    let channels = scaledChannels([16, 32, 32], by: width)
    first = ImpalaStage(shape[2], channels[0], isFirst: true, generator: generator)
    second = ImpalaStage(channels[0], channels[1], isFirst: false, generator: generator)
    third = ImpalaStage(channels[1], channels[2], isFirst: false, generator: generator)
    func left(_ length: Int) -> Int { (0..<3).reduce(length) { rest, _ in (rest + 1) / 2 } }
    dense = .initialized(channels[2] * left(shape[0]) * left(shape[1]), features, .xavierUniform(), generator)
  }

  /// Features of pictures.
  public override func callAsFunction(_ pixels: Tensor) -> Tensor {
    dense(third(second(first(pixels))).flattened(1).relu()).relu()
  }
}

/// A convolution, a maximum that halves height and width, two residual blocks.
final class ImpalaStage: Module {
  @Child("conv") private var convolution: Module
  @Child("res_block0") private var firstBlock: ResidualBlock
  @Child("res_block1") private var secondBlock: ResidualBlock

  init(_ inputs: Int, _ outputs: Int, isFirst: Bool, generator: Generator) {
    super.init()
    let initializer = Initializer.xavierUniform()
    if isFirst {
      convolution = PixelConvolution(
        inputs, outputs, size: 3, padding: 1, initializer: initializer, generator: generator)
    } else {
      let plain = Conv2d(inputs, outputs, size: 3, padding: 1, generator: generator)
      plain.initialize(initializer, generator)
      convolution = plain
    }
    firstBlock = ResidualBlock(outputs, generator: generator)
    secondBlock = ResidualBlock(outputs, generator: generator)
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    let y = (convolution as? PixelConvolution)?(x) ?? (convolution as? Conv2d)?(x) ?? x
    return secondBlock(firstBlock(y.maxPool2d(3, stride: 2, padding: 1)))
  }
}

/// x + conv(relu(conv(relu(x)))).
final class ResidualBlock: Module {
  @Child("conv0") private var first: Conv2d
  @Child("conv1") private var second: Conv2d

  init(_ channels: Int, generator: Generator) {
    super.init()
    first = Conv2d(channels, channels, size: 3, padding: 1, generator: generator)
    second = Conv2d(channels, channels, size: 3, padding: 1, generator: generator)
    for convolution in [first, second] { convolution.initialize(.xavierUniform(), generator) }
  }

  func callAsFunction(_ x: Tensor) -> Tensor { x + second(first(x.relu()).relu()) }
}
