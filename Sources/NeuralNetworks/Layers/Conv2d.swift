public import Torch

/// Convolution over `[N, C, H, W]` with a square window.
public final class Conv2d: Module {
  /// `[out, in/groups, size, size]`.
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
      [outputs, inputs / groups, size, size], bias: bias ? outputs : nil, generator)
  }

  /// Applies the layer.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    x.conv2d(weight, bias, stride: stride, padding: padding, dilation: dilation, groups: groups)
  }
}
