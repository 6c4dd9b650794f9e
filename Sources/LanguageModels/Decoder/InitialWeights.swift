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

  func linear(_ inputs: Int, _ outputs: Int, bias: Bool, standardDeviation: Double) -> Linear {
    if let generator {
      return Linear(
        inputs, outputs, bias: bias, standardDeviation: standardDeviation, generator: generator)
    }
    return Linear(
      weight: matrix(outputs, inputs),
      bias: bias ? Tensor.empty([outputs], dtype: dtype, device: device) : nil)
  }

  func embedding(_ count: Int, _ width: Int, standardDeviation: Double) -> Embedding {
    if let generator {
      return Embedding(count, width, standardDeviation: standardDeviation, generator: generator)
    }
    return Embedding(weight: matrix(count, width))
  }

  func norm(_ c: DecoderConfiguration, _ width: Int) -> Normalization {
    let made: Normalization
    switch c.norm {
    case .layerNorm: made = LayerNorm(width, epsilon: c.normEpsilon)
    case .rmsNorm: made = RMSNorm(width, epsilon: c.normEpsilon)
    case .rmsNormAroundOne: made = RMSNorm(width, epsilon: c.normEpsilon, aroundOne: true)
    }
    if generator == nil { made.to(dtype, device: device) }
    return made
  }
}
