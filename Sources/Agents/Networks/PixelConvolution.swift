import NeuralNetworks
import Torch

/// A convolution over pictures as they come, bytes from 0 to 255 in rows of pixels, as if they were divided by 255.
///
/// The divisor goes into the weight: a picture is converted and nothing else passes over it.
final class PixelConvolution: Module {
  /// `[out, channels, size, size]`.
  @Parameter var weight: Tensor
  /// `[out]`.
  @Parameter var bias: Tensor
  private let stride: Int, padding: Int

  init(
    _ channels: Int, _ outputs: Int, size: Int, stride: Int = 1, padding: Int = 0, initializer: Initializer,
    generator: Generator
  ) {
    self.stride = stride
    self.padding = padding
    super.init()
    weight = initializer([outputs, channels, size, size], generator: generator)
    bias = Tensor.zeros([outputs])
  }

  /// Pixels `[N, C, H, W]` with values from 0 to 255 give `[N, out, …]`.
  func callAsFunction(_ pixels: Tensor) -> Tensor {
    pixels.conv2d(weight * (1.0 / 255), bias, stride: stride, padding: padding)
  }
}

extension Conv2d {
  /// Starts the weight from `initializer` and the bias from 0.
  func initialize(_ initializer: Initializer, _ generator: Generator) {
    initializer.fill(weight, generator: generator)
    if let bias { Initializer.constant(0).fill(bias, generator: generator) }
  }
}

extension Linear {
  /// A layer whose weight starts from `initializer` and whose bias starts from 0.
  static func initialized(_ inputs: Int, _ outputs: Int, _ initializer: Initializer, _ generator: Generator) -> Linear {
    Linear(weight: initializer([outputs, inputs], generator: generator), bias: Tensor.zeros([outputs]))
  }
}
