import Alignment
import Foundation
import LanguageModels
import NeuralNetworks
import Torch

/// A training step's tokens per second of GPT-3's turns of dense and banded layers, and of the same layers all dense, in turns: GPT-3
/// small's width, two layers, a small vocabulary, one document of so many tokens.
func band(tokens: Int, window: Int, repeats: Int) throws {
  let banded = DecoderConfiguration.gpt3(
    vocabularySize: 512, width: 768, layers: 2, heads: 12, contextLength: tokens, window: window)
  var dense = banded
  (dense.layerTypes, dense.slidingWindow) = ([], nil)
  let models = try [banded, dense].map { try Decoder($0, generator: Generator(seed: 1)) }
  let ids = Tensor.randint(1..<512, [tokens + 1], generator: Generator(seed: 2)).array(of: Int.self)
  let piece = TargetedTokens(tokens: Array(ids.dropLast()), targets: Array(ids.dropFirst()))
  var speeds: [[Double]] = [[], []]
  for round in 0...repeats {
    for (place, model) in models.enumerated() {
      model.requireTraining()
      let began = ContinuousClock.now
      nextTokenLoss(model, [piece], normaliser: Double(tokens)).backward()
      let seconds = (ContinuousClock.now - began) / .seconds(1)
      // The first round fills caches.
      if round > 0 { speeds[place].append(Double(tokens) / seconds) }
    }
  }
  let medians = speeds.map { $0.sorted()[$0.count / 2] }
  print(
    String(
      format: "%5d tokens: in turns %.0f tokens/s, dense %.0f, ratio %.2f", tokens, medians[0], medians[1],
      medians[0] / medians[1]))
}
