import Alignment
import Foundation
import LanguageModels
import NeuralNetworks
import Torch
import Training

/// Learns a domain's sequences and measures the loss on every part of it that is asked for.
final class DomainLearner: Learner {
  private let learner: NextTokenLearner<DomainSource>
  private let further: [(part: DomainPart, sequences: [TargetedTokens])]
  private let microBatchTokens: Int

  init(_ model: Decoder, domain: any ScalingDomain, source: DomainSource, settings: TrainingSettings) {
    learner = NextTokenLearner(
      model, tokenizer: nil, source: source, heldOut: domain.heldOut(), settings: settings)
    further = domain.furtherParts.map { ($0, domain.heldOut($0)) }
    microBatchTokens = settings.microBatchTokens
  }

  var modules: [(name: String, module: Module)] { learner.modules }
  var memory: StepMemory { learner.memory }
  func step(_ step: Int, _ updater: Updater) throws -> StepReport { try learner.step(step, updater) }
  func save(to folder: URL) throws { try learner.save(to: folder) }
  func load(from folder: URL) throws { try learner.load(from: folder) }

  func evaluate(step: Int) throws -> Metrics? {
    var metrics = try learner.evaluate(step: step) ?? Metrics()
    for (part, sequences) in further {
      metrics[part.metric] = DomainLoss.mean(of: sequences, under: learner.model, microBatchTokens: microBatchTokens)
    }
    return metrics
  }
}

/// The loss of a model on sequences.
enum DomainLoss {
  /// Σ −ln p over the targets of each sequence.
  static func sums(of sequences: [TargetedTokens], under model: Decoder, microBatchTokens: Int = 8192) -> [Double] {
    let wasTraining = model.isTraining
    model.train(false)
    defer { model.train(wasTraining) }
    return microBatches(sequences, tokens: microBatchTokens) { $0.tokens.count }.flatMap { pass -> [Double] in
      let values: [Float] = withoutGradients {
        let hidden = model(PackedTokens(pass.lazy.map(\.tokens)))
        let targets = Tensor(ids: pass.flatMap(\.targets)).to(device: model.device)
        return Tensor.linearLogProbabilities(
          hidden, model.outputTable, targets: targets, temperature: 1, softCap: model.configuration.logitSoftCap
        ).0.array()
      }
      var start = 0
      return pass.map { sequence in
        defer { start += sequence.targets.count }
        return sequence.targets.indices.reduce(0.0) { sum, place in
          sequence.targets[place] < 0 ? sum : sum - Double(values[start + place])
        }
      }
    }
  }

  /// The mean over all targets, in nats.
  static func mean(of sequences: [TargetedTokens], under model: Decoder, microBatchTokens: Int = 8192) -> Double {
    let targets = sequences.reduce(0) { $0 + $1.targets.count { $0 >= 0 } }
    let sum = sums(of: sequences, under: model, microBatchTokens: microBatchTokens).reduce(0, +)
    return targets > 0 ? sum / Double(targets) : .nan
  }
}
