public import Torch

/// Convolution over `[N, C, L]`: `[N, out, (L + 2·padding − dilation·(size − 1) − 1)/stride + 1]`.
public final class Conv1d: Module {
  /// `[out, in/groups, size]`.
  @Parameter public var weight: Tensor
  /// `[out]`, or nil.
  @OptionalParameter public var bias: Tensor?
  private let stride: Int, padding: Int, dilation: Int, groups: Int

  /// Draws weight and bias as PyTorch does: uniform in ±1/√fan-in.
  public init(
    _ inputs: Int, _ outputs: Int, size: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1,
    groups: Int = 1, bias: Bool = true, generator: Generator
  ) {
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
    super.init()
    (weight, self.bias) = convolutionWeights(
      [outputs, inputs / groups, size], bias: bias ? outputs : nil, generator)
  }

  /// Applies the layer.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    x.conv1d(weight, bias, stride: stride, padding: padding, dilation: dilation, groups: groups)
  }
}

/// Weight and bias uniform in ±1/√fan-in, PyTorch's default for all convolutions.
func convolutionWeights(
  _ shape: [Int], bias: Int?, _ generator: Generator
) -> (weight: Tensor, bias: Tensor?) {
  let bound = 1 / Initializer.fans(shape).in.squareRoot()
  func draw(_ shape: [Int]) -> Tensor {
    let tensor = Tensor.empty(shape)
    tensor.uniformInPlace(-bound, bound, generator: generator)
    return tensor
  }
  let weight = draw(shape)
  return (weight, bias.map { draw([$0]) })
}
