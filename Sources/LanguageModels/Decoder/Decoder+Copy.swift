import NeuralNetworks
import Torch

extension Decoder {
  /// A model that gives the same numbers and shares no memory with this one; adapters are merged into its weights, and
  /// quantized weights restored.
  ///
  /// - Parameter dropout: what is dropped while the copy is trained; as here unless given.
  public func copy(dropout: DecoderConfiguration.Dropout? = nil) throws -> Decoder {
    var configuration = configuration
    if let dropout { configuration.dropout = dropout }
    try configuration.validate()
    let made = Decoder(configuration, weights: InitialWeights(dtype: dtype, device: device))
    withoutGradients {
      for (mine, theirs) in zip(parameters, made.parameters) {
        theirs.tensor.copyInPlace(mine.tensor)
      }
      for (mine, theirs) in zip(modules, made.modules) {
        if let packed = (mine.1 as? Embedding)?.packed { (theirs.1 as? Embedding)?.weight.copyInPlace(packed.weight) }
        guard let mine = mine.1 as? Linear, mine.isQuantized, let theirs = theirs.1 as? Linear else { continue }
        theirs.weight.copyInPlace(mine.restoredWeight)
      }
    }
    try adapters?.merge(into: made)
    return made
  }
}
