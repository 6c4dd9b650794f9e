import NeuralNetworks
import Torch

extension Decoder {
  /// A model with the same weights that shares no memory with this one.
  public func copy() throws -> Decoder {
    let made = try Decoder(configuration, generator: Generator(seed: 0))
    made.to(dtype, device: device)
    withoutGradients {
      for (mine, theirs) in zip(parameters, made.parameters) {
        theirs.tensor.copyInPlace(mine.tensor)
      }
    }
    return made
  }
}
