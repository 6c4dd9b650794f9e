public import Foundation
import LanguageModels
public import NeuralNetworks
public import Tokenization
import Torch
public import Training

/// Learns a reward model from comparisons.
///
/// loss = −mean over prompts of mean over pairs of p·ln σ(r_i − r_j) + (1 − p)·ln σ(r_j − r_i) (Ouyang 2022, equation 1),
/// with p = 1 for a preference and ½ for a tie. All pairs of one prompt lie in one batch element and share its K forward
/// passes: shuffled apart they overfit within an epoch.
public final class RewardLearner: Learner {
  /// The reward model.
  public let model: ScalarModel
  let tokenizer: Tokenizer?
  let rankings: [RankedCompletions]
  let heldOut: [RankedCompletions]
  let settings: TrainingSettings
  private var order: EpochOrder

  /// - Parameters:
  ///   - rankings: prompts with at least one pair each.
  ///   - heldOut: for evaluation.
  public init(
    _ model: ScalarModel, tokenizer: Tokenizer?, rankings: [RankedCompletions],
    heldOut: [RankedCompletions] = [], settings: TrainingSettings
  ) {
    self.model = model
    self.tokenizer = tokenizer
    self.rankings = rankings.filter { !$0.pairs.isEmpty }
    self.heldOut = heldOut.filter { !$0.pairs.isEmpty }
    self.settings = settings
    order = EpochOrder(count: self.rankings.count, seed: settings.seed)
    model.requireTraining()
    model.train(false)
  }

  /// The reward model.
  public var modules: [(name: String, module: Module)] { [("model", model.trained)] }

  /// One step over `batchSize` prompts.
  public func step(_ step: Int, _ updater: Updater) throws -> StepReport {
    let (rank, size) = updater.rank
    let chosen = order.indices(from: step * settings.batchSize, count: settings.batchSize)
    let batch = chosen.map { rankings[$0] }
    let name = "prompts \(chosen.prefix(8).map { "\($0 + 1)" }.joined(separator: ", "))"
    let passes = microBatches(batch, tokens: settings.microBatchTokens) { $0.tokenCount }
    var (loss, right, strict, margin) = (0.0, 0.0, 0.0, 0.0)
    for (i, pass) in passes.enumerated() where i % size == rank {
      let result = Self.loss(model, pass, normaliser: Double(batch.count))
      loss += result.loss.detached().item()
      guard loss.isFinite else {
        throw DivergenceError(step: step + 1, message: "the loss is \(loss) on \(name)")
      }
      right += result.right
      strict += result.strict
      margin += result.margin
      result.loss.backward()
    }
    let total = try updater.total([loss, right, strict, margin])
    let norm = try updater.apply(step: step + 1, batch: name)
    let tokens = batch.reduce(0) { $0 + $1.tokenCount }
    return StepReport(
      loss: total[0], tokens: tokens,
      metrics: [
        "grad_norm": norm, "accuracy": total[2] > 0 ? total[1] / total[2] : 0,
        "margin": total[2] > 0 ? total[3] / total[2] : 0,
      ],
      operations: Double(tokens)
        * model.backbone.configuration.trainingFLOPs(perTokenAt: tokens / max(1, batch.count)))
  }

  /// The loss over some prompts, and over their strict pairs how many were right and by how much.
  static func loss(
    _ model: ScalarModel, _ batch: [RankedCompletions], normaliser: Double
  ) -> (loss: Tensor, right: Double, strict: Double, margin: Double) {
    var completions: [(prompt: [Int], completion: [Int])] = []
    var isSpoken: [[Bool]?] = []
    var first: [Int] = [], second: [Int] = []
    var labels: [Float] = [], weights: [Float] = []
    for item in batch {
      let offset = completions.count
      completions += item.completions.map { (item.prompt, $0) }
      isSpoken += item.completions.indices.map { item.isSpoken?[$0] }
      for pair in item.pairs {
        first.append(offset + pair.first)
        second.append(offset + pair.second)
        labels.append(Float(pair.probability))
        weights.append(Float(1 / (Double(item.pairs.count) * normaliser)))
      }
    }
    let scores = model.sequenceScores(of: completions, isSpoken: isSpoken)
    let device = scores.device
    let difference =
      scores.indexSelect(Tensor(ids: first).to(device: device))
      - scores.indexSelect(Tensor(ids: second).to(device: device))
    let p = Tensor(labels).to(device: device)
    let each = -(p * difference.logSigmoid() + (1 - p) * (-difference).logSigmoid())
    let loss = (each * Tensor(weights).to(device: device)).sum()
    var (right, strict, margin) = (0.0, 0.0, 0.0)
    for (d, label) in zip(difference.detached().array(), labels) where label != 0.5 {
      let toward = label > 0.5 ? d : -d
      right += toward > 0 ? 1 : toward == 0 ? 0.5 : 0
      margin += Double(toward)
      strict += 1
    }
    return (loss, right, strict, margin)
  }

  /// Loss and accuracy on held-out rankings.
  public func evaluate(step: Int) throws -> Metrics? {
    guard !heldOut.isEmpty else { return nil }
    var (loss, right, strict) = (0.0, 0.0, 0.0)
    withoutGradients {
      for pass in microBatches(heldOut, tokens: settings.microBatchTokens, size: { $0.tokenCount }) {
        let result = Self.loss(model, pass, normaliser: Double(heldOut.count))
        loss += result.loss.item()
        right += result.right
        strict += result.strict
      }
    }
    return ["eval_loss": loss, "eval_accuracy": strict > 0 ? right / strict : 0]
  }

  /// Writes the reward model.
  public func save(to folder: URL) throws { try model.save(tokenizer: tokenizer, to: folder) }
  /// Reads it back.
  public func load(from folder: URL) throws { try model.loadWeights(folder) }
}
