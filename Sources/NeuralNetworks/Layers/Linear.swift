public import Torch

/// y = x·Wᵀ + b: `[…, in] → […, out]` with weight `[out, in]`.
public final class Linear: Module {
  /// `[out, in]`.
  @Parameter public var weight: Tensor
  /// `[out]`, or nil.
  @OptionalParameter public var bias: Tensor?
  /// A low-rank update beside the weight, if one was attached; see ``LowRankAdapters``.
  ///
  /// It belongs to its own set and not to this layer: the layer's parameters and state dict don't list it.
  public var adapter: LowRankAdapter? {
    get { attachment.adapter }
    set { attachment.adapter = newValue }
  }
  private var attachment = Attachment()

  /// Hides the adapter from the search for children.
  private struct Attachment { var adapter: LowRankAdapter? }

  /// Draws the weight from N(0, standardDeviation²), the bias is 0.
  ///
  /// - Parameter standardDeviation: nil means PyTorch's default, uniform in ±1/√in for weight and bias.
  public init(
    _ inputs: Int, _ outputs: Int, bias: Bool = true, standardDeviation: Double? = nil,
    generator: Generator
  ) {
    super.init()
    weight = Tensor.empty([outputs, inputs])
    if let standardDeviation {
      weight.normalInPlace(standardDeviation: standardDeviation, generator: generator)
      if bias { self.bias = Tensor.zeros([outputs]) }
    } else {
      let bound = 1 / Double(max(inputs, 1)).squareRoot()
      weight.uniformInPlace(-bound, bound, generator: generator)
      if bias {
        let b = Tensor.empty([outputs])
        b.uniformInPlace(-bound, bound, generator: generator)
        self.bias = b
      }
    }
  }

  /// Applies the layer.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    let y = x.linear(weight, bias)
    guard let adapter else { return y }
    return y + adapter(x)
  }
}
