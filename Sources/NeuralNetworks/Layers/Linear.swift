public import Torch

/// y = x·Wᵀ + b: `[…, in] → […, out]` with weight `[out, in]`.
public final class Linear: Module {
  /// `[out, in]`.
  @Parameter public var weight: Tensor
  /// `[out]`, or nil.
  @OptionalParameter public var bias: Tensor?
  /// The low-rank updates beside the weight, in the order of their rows; see ``LowRankAdapters``.
  ///
  /// They belong to their own set and not to this layer: the layer's parameters and state dict don't list them.
  public var attachments: [Attachment] = []
  /// Updates that belong to the layer as its weight does, because a weight in blocks can't take them in.
  public var frozen: [Attachment] = []
  /// The weight and bias in the form that inference reads; the weight itself gets no gradient while it is there.
  ///
  /// Whoever sets it takes it away before the weight changes.
  public var packed: PackedLinear?
  /// Whether the packed form is all there is: the weight has its shape and no content.
  public private(set) var isQuantized = false

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

  /// A layer over these tensors.
  public init(weight: Tensor, bias: Tensor? = nil) {
    super.init()
    self.weight = weight
    self.bias = bias
  }

  /// A layer with the weights of another, the same tensors, and adapters of its own.
  public init(sharing other: Linear) {
    super.init()
    weight = other.weight
    bias = other.bias
    packed = other.packed
    isQuantized = other.isQuantized
    frozen = other.frozen
  }

  /// Keeps the weight in fewer bits and gives its memory back: what is left can be used, and adapted, but not trained.
  ///
  /// - Throws: `TorchError` where the format doesn't take the weight's shape.
  public func quantize(_ format: PackedLinear.Format) throws {
    quantize(as: try PackedLinear(weight: weight, bias: bias, format: format))
  }

  /// Puts a packed form in the weight's place, whose memory is given back.
  public func quantize(as packed: PackedLinear) {
    precondition(packed.shape == weight.shape, "\(packed.shape) can't stand for a weight \(weight.shape)")
    self.packed = packed
    weight = .placeholder(weight.shape, dtype: weight.dtype, device: weight.device)
    isQuantized = true
  }

  /// The weight in float32, restored from fewer bits where it was quantized, with what is frozen beside it.
  public var restoredWeight: Tensor {
    guard isQuantized, let restored = packed?.weight else { return weight }
    withoutGradients {
      for attachment in frozen {
        let own = attachment.rows.map { restored.slice($0) } ?? restored
        own.copyInPlace(attachment.adapter.merged(into: own))
      }
    }
    return restored
  }

  /// Applies the layer.
  ///
  /// - Parameter residual: `[…, out]` that is added to the result.
  public func callAsFunction(_ x: Tensor, adding residual: Tensor? = nil) -> Tensor {
    if let packed, attachments.isEmpty, frozen.isEmpty { return packed(x, adding: residual) }
    let whole = updated(x)
    return residual.map { $0 + whole } ?? whole
  }

  /// Applies the layer and an activation, or a gate: the first half of the result activated times the second.
  public func callAsFunction(_ x: Tensor, _ activation: Activation, gated: Bool) -> Tensor {
    if let packed, attachments.isEmpty, frozen.isEmpty, let curve = activation.curve {
      return packed(x, curve, gated: gated)
    }
    let y = self(x)
    return gated ? activation.gated(y) : activation(y)
  }
}
