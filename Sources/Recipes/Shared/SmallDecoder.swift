import LanguageModels
import Training

extension DecoderConfiguration {
  /// The shape of a small decoder that a recipe trains from scratch: Llama's, with the output table tied to the input's.
  static func small(
    vocabularySize: Int, width: Int, layers: Int, heads: Int, feedForwardWidth: Int, contextLength: Int, endOfText: Int
  ) -> DecoderConfiguration {
    var shape = DecoderConfiguration.llama(
      vocabularySize: vocabularySize, width: width, layers: layers, heads: heads, feedForwardWidth: feedForwardWidth,
      contextLength: contextLength, tiesEmbeddings: true, endOfText: endOfText)
    // A narrow model needs larger weights than GPT-2's 0.02 for its products to have variance near 1.
    shape.initializerRange = 0.09
    return shape
  }
}

extension TrainingSettings {
  /// How recipes train such a decoder from scratch: by Muon, which learns most from few steps, without decay.
  static func fromScratch(steps: Int, batchSize: Int, rate: Double = 0.02, seed: UInt64) -> TrainingSettings {
    var training = TrainingSettings()
    (training.maxSteps, training.batchSize, training.seed) = (steps, batchSize, seed)
    (training.optimizer, training.learningRate) = (.muon, rate)
    (training.beta2, training.weightDecay, training.warmupSteps) = (0.98, 0, min(40, steps / 4))
    return training
  }
}
