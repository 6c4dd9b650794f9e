public import Foundation
public import LanguageModels
public import NeuralNetworks
public import Tokenization
import Torch
public import Training

/// Learns from preferences without a reward model (Rafailov 2023).
///
/// margin = (ln π − ln π_ref)(chosen) − (ln π − ln π_ref)(rejected), over completion tokens only.
public final class DPOLearner: Learner {
  /// One preference as tokens; completions carry their end of text.
  public struct Pair: Sendable, Equatable {
    /// The prompt.
    public var prompt: [Int]
    /// The better completion.
    public var chosen: [Int]
    /// The worse.
    public var rejected: [Int]

    /// A preference.
    public init(prompt: [Int], chosen: [Int], rejected: [Int]) {
      self.prompt = prompt
      self.chosen = chosen
      self.rejected = rejected
    }

    /// The preferences in a judged list of completions, its ties left out.
    public static func all(in ranked: RankedCompletions) -> [Pair] {
      ranked.pairs.filter { $0.probability != 0.5 }.map { pair in
        let (better, worse) =
          pair.probability > 0.5 ? (pair.first, pair.second) : (pair.second, pair.first)
        return Pair(
          prompt: ranked.prompt, chosen: ranked.completions[better],
          rejected: ranked.completions[worse])
      }
    }

    var tokenCount: Int { prompt.count + chosen.count + rejected.count }
  }

  /// The policy.
  public let policy: Decoder
  let reference: Decoder
  let tokenizer: Tokenizer?
  let pairs: [Pair]
  let settings: TrainingSettings
  let options: DPOSettings
  private var order: EpochOrder

  /// - Parameter reference: π_ref; not trained.
  public init(
    policy: Decoder, reference: Decoder, tokenizer: Tokenizer?, pairs: [Pair],
    settings: TrainingSettings, options: DPOSettings = DPOSettings()
  ) {
    self.policy = policy
    self.reference = reference
    self.tokenizer = tokenizer
    self.pairs = pairs
    self.settings = settings
    self.options = options
    order = EpochOrder(count: pairs.count, seed: settings.seed)
    reference.requireGradients(false)
    policy.requireTraining()
    // Nothing is dropped: probabilities are compared with others of the same tokens.
    policy.train(false)
  }

  /// The policy.
  public var modules: [(name: String, module: Module)] { [("model", policy.trained)] }

  /// One step over `batchSize` pairs.
  public func step(_ step: Int, _ updater: Updater) throws -> StepReport {
    let (rank, size) = updater.rank
    let chosen = order.indices(from: step * settings.batchSize, count: settings.batchSize)
    let batch = chosen.map { pairs[$0] }
    let name = "pairs \(chosen.prefix(8).map { "\($0 + 1)" }.joined(separator: ", "))"
    var sums = [Double](repeating: 0, count: 4)
    for (i, pass) in microBatches(batch, tokens: settings.microBatchTokens, size: { $0.tokenCount }).enumerated()
    where i % size == rank {
      let result = loss(pass, normaliser: Double(batch.count))
      let value = result.loss.detached().item()
      guard value.isFinite else {
        throw DivergenceError(step: step + 1, message: "the loss is \(value) on \(name)")
      }
      result.loss.backward()
      sums[0] += value
      sums[1] += result.chosen
      sums[2] += result.rejected
      sums[3] += result.right
    }
    let total = try updater.total(sums)
    let norm = try updater.apply(step: step + 1, batch: name)
    let n = Double(batch.count)
    return StepReport(
      loss: total[0], tokens: batch.reduce(0) { $0 + $1.tokenCount },
      metrics: [
        "grad_norm": norm, "rewards/chosen": total[1] / n, "rewards/rejected": total[2] / n,
        "rewards/margins": (total[1] - total[2]) / n, "rewards/accuracies": total[3] / n,
      ])
  }

  /// Σ loss / normaliser, and the sums of the implicit rewards β·(ln π − ln π_ref).
  func loss(
    _ batch: [Pair], normaliser: Double
  ) -> (loss: Tensor, chosen: Double, rejected: Double, right: Double) {
    let completions = batch.flatMap { [($0.prompt, $0.chosen), ($0.prompt, $0.rejected)] }
    let rows = CompletionRows(completions, device: policy.device)
    let lengths = completions.map { options.normalizesLength ? Float($0.1.count) : 1 }
    let scale = Tensor(lengths).to(device: policy.device)
    func sums(_ model: Decoder) -> Tensor { rows.sums(rows.logProbabilities(model, temperature: 1)) / scale }
    let ratio = (sums(policy) - withoutGradients { sums(reference) }).reshaped([batch.count, 2])
    let margin = ratio[0..., 0] - ratio[0..., 1]
    let each: Tensor
    switch options.loss {
    case .sigmoid:
      let z = margin * options.beta
      each =
        -(z.logSigmoid() * (1 - options.labelSmoothing) + (-z).logSigmoid() * options.labelSmoothing)
    case .ipo: each = (margin - 1 / (2 * options.beta)).square()
    }
    let rewards = (ratio.detached() * options.beta).array()
    var (chosen, rejected, right) = (0.0, 0.0, 0.0)
    for i in batch.indices {
      chosen += Double(rewards[2 * i])
      rejected += Double(rewards[2 * i + 1])
      right += rewards[2 * i] > rewards[2 * i + 1] ? 1 : 0
    }
    return (each.sum() / normaliser, chosen, rejected, right)
  }

  /// Writes the policy.
  public func save(to folder: URL) throws { try Checkpoint.saveTrained(policy, tokenizer: tokenizer, to: folder) }
  /// Reads it back.
  public func load(from folder: URL) throws { try Checkpoint.loadTrained(folder, into: policy) }
}
