public import Foundation
public import NeuralNetworks
import Statistics
import Torch
public import Training

/// Teaches a ``SoundCodec`` to give sounds back: the spectral loss and the quantiser's.
///
/// A step takes pieces of as many sounds as the batch is large, at volumes of their own; codes that nothing uses are placed anew every
/// fiftieth step in the first half of the training.
public final class SoundCodecLearner: Learner {
  private let codec: SoundCodec
  private let sounds: [[Float]]
  private let settings: TrainingSettings
  private let loss = SpectralLoss()
  /// Frames of a piece.
  private static let frames = 16

  /// A learner of sounds at 16 kHz.
  ///
  /// - Throws: ``OmniError`` where there is no sound.
  public init(_ codec: SoundCodec, sounds: [[Float]], settings: TrainingSettings) throws {
    guard !sounds.isEmpty else { throw OmniError("there is no sound to learn from") }
    self.codec = codec
    self.sounds = sounds
    self.settings = settings
    codec.requireGradients()
  }

  /// The codec, under the name `codec`.
  public var modules: [(name: String, module: Module)] { [("codec", codec)] }

  /// One step.
  public func step(_ step: Int, _ updater: Updater) throws -> StepReport {
    var random = SeededGenerator(seed: DerivedSeed(run: settings.seed, for: "pieces of sound", step: step).value)
    let length = Self.frames * SoundCodec.frame
    var samples: [Float] = []
    for _ in 0..<settings.batchSize {
      let sound = sounds[random.index(below: sounds.count)]
      let volume = Float(0.6 + 0.6 * random.uniform())
      let from = random.index(below: max(1, sound.count - length + 1))
      let piece = sound[from..<min(sound.count, from + length)].map { $0 * volume }
      samples += piece + [Float](repeating: 0, count: length - piece.count)
    }
    let x = Tensor(samples, shape: [settings.batchSize, length])
    let latents = codec.encoded(x).reshaped([-1, codec.configuration.latentWidth])
    let found = codec.quantizer(latents)
    let again = codec.decoded(
      found.quantized.reshaped([settings.batchSize, Self.frames, codec.configuration.latentWidth]))
    let spectral = loss(again, x)
    let total = spectral + found.loss
    total.backward()
    let norm = try updater.apply(step: step + 1, batch: "the sounds of step \(step + 1)")
    codec.quantizer.follow(
      latents, replacing: step % 50 == 20 && step * 2 < settings.maxSteps,
      generator: Generator(seed: DerivedSeed(run: settings.seed, for: "codes", step: step).value))
    return StepReport(
      loss: total.item(), tokens: settings.batchSize * Self.frames,
      metrics: ["spectral": spectral.item(), "commitment": found.loss.item(), "grad_norm": norm])
  }

  /// Writes the codec's file.
  public func save(to folder: URL) throws { try codec.write(to: folder) }
  /// Reads it.
  public func load(from folder: URL) throws { try codec.read(from: folder) }
}
