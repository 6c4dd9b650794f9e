import NeuralNetworks
import Torch

/// The source of a new model's weights: drawn from a generator, or left as the memory comes because a checkpoint's
/// follow.
struct InitialWeights {
  /// nil leaves the weights unset.
  var generator: Generator?
  /// The type of unset weights.
  var dtype = DType.float32
  /// The device of unset weights.
  var device = Device.cpu
  /// Whether the matrices take no memory yet, because packed ones will stand in their place.
  var leavesMatricesOut = false

  private func matrix(_ rows: Int, _ columns: Int) -> Tensor {
    leavesMatricesOut
      ? .placeholder([rows, columns], dtype: dtype, device: device)
      : Tensor.empty([rows, columns], dtype: dtype, device: device)
  }

  /// - Parameter isSmall: whether files never keep it in blocks, so that it takes its memory at once.
  func linear(
    _ inputs: Int, _ outputs: Int, bias: Bool, standardDeviation: Double, isSmall: Bool = false
  ) -> Linear {
    if let generator {
      return Linear(
        inputs, outputs, bias: bias, standardDeviation: standardDeviation, generator: generator)
    }
    return Linear(
      weight: isSmall ? Tensor.empty([outputs, inputs], dtype: dtype, device: device) : matrix(outputs, inputs),
      bias: bias ? Tensor.empty([outputs], dtype: dtype, device: device) : nil)
  }

  func embedding(_ count: Int, _ width: Int, standardDeviation: Double) -> Embedding {
    if let generator {
      return Embedding(count, width, standardDeviation: standardDeviation, generator: generator)
    }
    return Embedding(weight: matrix(count, width))
  }

  func vector(_ count: Int, standardDeviation: Double) -> Tensor {
    let made = Tensor.empty([count], dtype: generator == nil ? dtype : .float32, device: device)
    if let generator { made.normalInPlace(standardDeviation: standardDeviation, generator: generator) }
    return made
  }

  func layerNorm(_ width: Int, epsilon: Double) -> LayerNorm {
    let made = LayerNorm(width, epsilon: epsilon)
    if generator == nil { made.to(dtype, device: device) }
    return made
  }

  func rmsNorm(_ width: Int, epsilon: Double) -> RMSNorm {
    let made = RMSNorm(width, epsilon: epsilon)
    if generator == nil { made.to(dtype, device: device) }
    return made
  }

  func norm(_ c: DecoderConfiguration, _ width: Int) -> Normalization {
    let made: Normalization
    switch c.norm {
    case .layerNorm: return layerNorm(width, epsilon: c.normEpsilon)
    case .rmsNorm: return rmsNorm(width, epsilon: c.normEpsilon)
    case .rmsNormAroundOne: made = RMSNorm(width, epsilon: c.normEpsilon, aroundOne: true)
    }
    if generator == nil { made.to(dtype, device: device) }
    return made
  }
}
