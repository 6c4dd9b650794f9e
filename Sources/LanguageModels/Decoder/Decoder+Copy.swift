import NeuralNetworks
import Torch

extension Decoder {
  /// A model that gives the same numbers and shares no memory with this one; adapters are merged into its weights.
  public func copy() throws -> Decoder {
    let made = Decoder(configuration, weights: InitialWeights(dtype: dtype, device: device))
    withoutGradients {
      for (mine, theirs) in zip(parameters, made.parameters) {
        theirs.tensor.copyInPlace(mine.tensor)
      }
    }
    try adapters?.merge(into: made)
    return made
  }
}
