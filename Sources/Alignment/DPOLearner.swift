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
    /// The probability that `chosen` is the better one: 1 for a choice, ½ for a tie.
    public var probability: Double
    /// Whether each token of `chosen` is the policy's own; nil where all are.
    public var chosenIsSpoken: [Bool]?
    /// The same of `rejected`.
    public var rejectedIsSpoken: [Bool]?

    /// A preference.
    public init(prompt: [Int], chosen: [Int], rejected: [Int], probability: Double = 1) {
      self.prompt = prompt
      self.chosen = chosen
      self.rejected = rejected
      self.probability = probability
    }

    /// The preferences in a judged list of completions.
    ///
    /// - Parameter ties: whether its ties are among them, with probability ½.
    public static func all(in ranked: RankedCompletions, ties: DPOSettings.Ties = .drop) -> [Pair] {
      ranked.pairs.filter { ties == .half || $0.probability != 0.5 }.map { pair in
        let isTurned = pair.probability < 0.5
        let (better, worse) = isTurned ? (pair.second, pair.first) : (pair.first, pair.second)
        var made = Pair(
          prompt: ranked.prompt, chosen: ranked.completions[better], rejected: ranked.completions[worse],
          probability: isTurned ? 1 - pair.probability : pair.probability)
        made.chosenIsSpoken = ranked.isSpoken?[better]
        made.rejectedIsSpoken = ranked.isSpoken?[worse]
        return made
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
    let isSpoken = batch.flatMap { [$0.chosenIsSpoken, $0.rejectedIsSpoken] }
    let device = policy.device
    let rows = CompletionRows(completions, isSpoken: isSpoken, device: device)
    let lengths = zip(completions, isSpoken).map { completion, isSpoken in
      options.normalizesLength ? Float(max(1, isSpoken?.count { $0 } ?? completion.1.count)) : 1
    }
    let scale = Tensor(lengths).to(device: device)
    func sums(_ model: Decoder) -> Tensor { rows.sums(rows.logProbabilities(model, temperature: 1)) / scale }
    let ratio = (sums(policy) - withoutGradients { sums(reference) }).reshaped([batch.count, 2])
    let margin = ratio[0..., 0] - ratio[0..., 1]
    let each: Tensor
    switch options.loss {
    case .sigmoid:
      // A label of p, believed to be wrong with probability ε, prefers the chosen one with p(1 − ε) + (1 − p)ε.
      let believed = batch.map { pair in
        Float(pair.probability * (1 - options.labelSmoothing) + (1 - pair.probability) * options.labelSmoothing)
      }
      let z = margin * options.beta
      let p = Tensor(believed).to(device: device)
      each = -(z.logSigmoid() * p + (-z).logSigmoid() * (1 - p))
    case .ipo:
      // The margin that is aimed at vanishes with the preference.
      let aims = batch.map { Float((2 * $0.probability - 1) / (2 * options.beta)) }
      each = (margin - Tensor(aims).to(device: device)).square()
    }
    let rewards = (ratio.detached() * options.beta).array()
    var (chosen, rejected, right) = (0.0, 0.0, 0.0)
    for i in batch.indices {
      chosen += Double(rewards[2 * i])
      rejected += Double(rewards[2 * i + 1])
      right += batch[i].probability == 0.5 ? 0.5 : rewards[2 * i] > rewards[2 * i + 1] ? 1 : 0
    }
    return (each.sum() / normaliser, chosen, rejected, right)
  }

  /// Writes the policy.
  public func save(to folder: URL) throws { try Checkpoint.saveTrained(policy, tokenizer: tokenizer, to: folder) }
  /// Reads it back.
  public func load(from folder: URL) throws { try Checkpoint.loadTrained(folder, into: policy) }
}
