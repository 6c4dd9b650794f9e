public import Foundation
public import Media
public import NeuralNetworks
public import Statistics
import Torch
public import Training

/// Teaches an ``ImageCodec`` to give pictures back: squared differences and the quantiser's loss.
public final class ImageCodecLearner: Learner {
  private let codec: ImageCodec
  private let draw: (inout SeededGenerator) -> RGBImage
  private let settings: TrainingSettings

  /// A learner of pictures that are drawn as they are asked for.
  public init(_ codec: ImageCodec, settings: TrainingSettings, draw: @escaping (inout SeededGenerator) -> RGBImage) {
    self.codec = codec
    self.settings = settings
    self.draw = draw
    codec.requireGradients()
  }

  /// The codec, under the name `codec`.
  public var modules: [(name: String, module: Module)] { [("codec", codec)] }

  /// One step.
  public func step(_ step: Int, _ updater: Updater) throws -> StepReport {
    var random = SeededGenerator(seed: DerivedSeed(run: settings.seed, for: "pictures", step: step).value)
    let x = ImageCodec.tensor((0..<settings.batchSize).map { _ in draw(&random) })
    let latents = codec.encoded(x)
    let found = codec.quantizer(latents)
    let error = codec.decoded(found.quantized).meanSquaredError(x)
    // In units of the variance of such pictures, so that both parts count alike.
    let total = error * 20 + found.loss
    total.backward()
    let norm = try updater.apply(step: step + 1, batch: "the pictures of step \(step + 1)")
    codec.quantizer.follow(
      latents, replacing: step % 25 == 10 && step * 2 < settings.maxSteps,
      generator: Generator(seed: DerivedSeed(run: settings.seed, for: "codes", step: step).value))
    return StepReport(
      loss: total.item(), tokens: settings.batchSize * ImageCodec.length,
      metrics: ["mse": error.item(), "commitment": found.loss.item(), "grad_norm": norm])
  }

  /// Writes the codec's file.
  public func save(to folder: URL) throws { try codec.write(to: folder) }
  /// Reads it.
  public func load(from folder: URL) throws { try codec.read(from: folder) }
}
