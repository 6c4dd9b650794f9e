public import Torch

/// The transpose of a convolution over `[N, C, H, W]`: each side becomes (side − 1)·stride − 2·padding + size + extra.
public final class ConvTranspose2d: Module {
  /// `[in, out/groups, size, size]`.
  @Parameter public var weight: Tensor
  /// `[out]`, or nil.
  @OptionalParameter public var bias: Tensor?
  private let stride: Int, padding: Int, extra: Int, groups: Int

  /// Draws weight and bias as PyTorch does: uniform in ±1/√fan-in of the stored shape.
  ///
  /// - Parameter extra: rows and columns added at the end of the result, PyTorch's `output_padding`.
  public init(
    _ inputs: Int, _ outputs: Int, size: Int, stride: Int = 1, padding: Int = 0, extra: Int = 0,
    groups: Int = 1, bias: Bool = true, generator: Generator
  ) {
    self.stride = stride
    self.padding = padding
    self.extra = extra
    self.groups = groups
    super.init()
    (weight, self.bias) = convolutionWeights(
      [inputs, outputs / groups, size, size], bias: bias ? outputs : nil, generator)
  }

  /// Applies the layer.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    x.convTranspose2d(
      weight, bias, stride: stride, padding: padding, outputPadding: extra, groups: groups)
  }
}
