public import Foundation
public import LanguageModels
public import NeuralNetworks
import Statistics
public import Tokenization
public import Torch
public import Training

/// A piece of text to learn from: tokens, and for each the token to predict after it (−100 where nothing is learnt).
public struct TargetedTokens: Sendable, Equatable {
  /// The input tokens.
  public var tokens: [Int]
  /// The token after each; negative where it does not count.
  public var targets: [Int]

  /// A piece.
  public init(tokens: [Int], targets: [Int]) {
    self.tokens = tokens
    self.targets = targets
  }

  /// A prompt and its completion: only the completion's tokens, the closing end-of-text among them, are learnt.
  ///
  /// - Parameter endOfText: appended to the completion and learnt. There is no padding that could be mistaken for it.
  public init(prompt: [Int], completion: [Int], endOfText: Int?) {
    let all = prompt + completion + (endOfText.map { [$0] } ?? [])
    tokens = Array(all.dropLast())
    targets = Array(all.dropFirst())
    for i in 0..<max(0, min(prompt.count - 1, targets.count)) { targets[i] = -100 }
  }

  /// The tokens before the first that is learnt.
  public var prompt: ArraySlice<Int> { tokens.prefix((targets.firstIndex { $0 >= 0 } ?? 0) + 1) }
}

/// A source of a learner's batches: it says which pieces belong to which step.
public protocol BatchSource {
  /// The pieces of one step, the same whenever it is asked for.
  mutating func batch(step: Int) -> [TargetedTokens]
  /// A name for the step's batch in error messages.
  func name(step: Int) -> String
  /// The pieces of one epoch.
  var count: Int { get }
  /// The bytes that holding an example of a batch takes at least.
  var bytesPerExample: Int { get }
  /// Tokens of an example, on average.
  var tokensPerExample: Int { get }
}

/// Rows of packed documents, for pretraining.
public struct RowSource: BatchSource {
  let rows: TokenRows
  let batchSize: Int
  let seed: UInt64
  private var order: EpochOrder
  private var current: (number: Int, epoch: TokenRows.Epoch)?

  /// `batchSize` rows a step, documents in a new order each epoch.
  public init(_ rows: TokenRows, batchSize: Int, seed: UInt64) {
    self.rows = rows
    self.batchSize = batchSize
    self.seed = seed
    order = EpochOrder(count: rows.documents.count, seed: seed)
  }

  /// The rows' pieces.
  public mutating func batch(step: Int) -> [TargetedTokens] {
    var pieces: [TargetedTokens] = []
    for position in step * batchSize..<(step + 1) * batchSize {
      let (number, row) = (position / rows.rows, position % rows.rows)
      if current?.number != number {
        let documents = order.indices(from: number * order.count, count: order.count)
        current = (number, rows.epoch(order: documents))
      }
      if let epoch = current?.epoch {
        pieces += rows.row(row, of: epoch).map { TargetedTokens(tokens: $0.tokens, targets: $0.targets) }
      }
    }
    return pieces
  }

  /// The rows.
  public var count: Int { rows.rows }
  /// Tokens and targets of a row, copied out of the documents.
  public var bytesPerExample: Int { 2 * MemoryLayout<Int>.stride * rows.length }
  /// A row's.
  public var tokensPerExample: Int { rows.length }

  /// Which rows of which epoch.
  public func name(step: Int) -> String {
    let first = step * batchSize
    return
      "rows \(first % rows.rows + 1) to \((first + batchSize - 1) % rows.rows + 1) of epoch \(first / rows.rows + 1)"
  }
}

/// Examples in a new order each epoch, for fine-tuning.
public struct ExampleSource: BatchSource {
  let examples: [TargetedTokens]
  let batchSize: Int
  private var order: EpochOrder

  /// `batchSize` examples a step.
  public init(_ examples: [TargetedTokens], batchSize: Int, seed: UInt64) {
    self.examples = examples
    self.batchSize = batchSize
    order = EpochOrder(count: examples.count, seed: seed)
  }

  /// The examples of a step.
  public mutating func batch(step: Int) -> [TargetedTokens] {
    order.indices(from: step * batchSize, count: batchSize).map { examples[$0] }
  }

  /// The examples.
  public var count: Int { examples.count }
  /// References to the example, in the batch and in its pass.
  public var bytesPerExample: Int { 2 * MemoryLayout<TargetedTokens>.stride }
  /// The mean over all examples.
  public var tokensPerExample: Int { examples.reduce(0) { $0 + $1.tokens.count } / max(1, examples.count) }

  /// Which examples.
  public func name(step: Int) -> String {
    var copy = order
    let shown = copy.indices(from: step * batchSize, count: batchSize).prefix(8).map { "\($0 + 1)" }
    return "examples \(shown.joined(separator: ", "))\(batchSize > 8 ? ", …" : "")"
  }
}

/// Σ −ln p(target) / normaliser over a pass.
public func nextTokenLoss(_ model: Decoder, _ pass: [TargetedTokens], normaliser: Double) -> Tensor {
  let packed = PackedTokens(pass.lazy.map(\.tokens))
  let targets = pass.flatMap(\.targets)
  var hidden = model(packed)
  let kept = targets.indices.filter { targets[$0] >= 0 }
  var wanted = targets
  if kept.count < targets.count {
    hidden = hidden.indexSelect(Tensor(ids: kept).to(device: model.device))
    wanted = kept.map { targets[$0] }
  }
  let weights = Tensor.full([wanted.count], 1 / normaliser, device: model.device)
  return Tensor.linearCrossEntropy(
    hidden, model.outputTable, targets: Tensor(ids: wanted).to(device: model.device),
    weights: weights, softCap: model.configuration.logitSoftCap
  ).sum
}

/// Learns to predict the next token: pretraining and supervised fine-tuning.
///
/// The loss of a step is the mean over all its target tokens, however they are cut into passes or spread over processes.
public final class NextTokenLearner<Source: BatchSource>: Learner {
  /// The model.
  public let model: Decoder
  let tokenizer: Tokenizer?
  private var source: Source
  let heldOut: [TargetedTokens]
  let settings: TrainingSettings

  /// - Parameters:
  ///   - heldOut: pieces for evaluation; none means no evaluation.
  public init(
    _ model: Decoder, tokenizer: Tokenizer?, source: Source, heldOut: [TargetedTokens] = [],
    settings: TrainingSettings
  ) {
    self.model = model
    self.tokenizer = tokenizer
    self.source = source
    self.heldOut = heldOut
    self.settings = settings
    model.requireTraining()
    model.train()
  }

  /// The model, under the name `model`.
  public var modules: [(name: String, module: Module)] { [("model", model.trained)] }

  /// The source's.
  public var examplesPerEpoch: Int? { source.count }

  /// The memory of a batch and its passes.
  public var memory: StepMemory {
    StepMemory(
      bytesPerExample: source.bytesPerExample, tokensPerExample: source.tokensPerExample,
      bytesPerToken: model.configuration.trainingBytesPerToken)
  }

  /// One step over the source's batch.
  public func step(_ step: Int, _ updater: Updater) throws -> StepReport {
    let (rank, size) = updater.rank
    // What is dropped depends on the step and the process alone, so that a resumed run drops the same.
    model.random.restart(
      seed: DerivedSeed(run: settings.seed, for: "dropout", step: step, index: rank).value)
    let all = source.batch(step: step)
    // Every process makes the same passes and takes every size-th of them, so that any number of processes sees the
    // same batch.
    let passes = microBatches(all, tokens: settings.microBatchTokens) { $0.tokens.count }
    let targets = all.reduce(0) { $0 + $1.targets.reduce(0) { $0 + ($1 >= 0 ? 1 : 0) } }
    var loss = 0.0
    var skipped = 0
    for (i, pass) in passes.enumerated() where i % size == rank {
      guard pass.contains(where: { $0.targets.contains { $0 >= 0 } }) else {
        skipped += 1
        continue
      }
      let sum = nextTokenLoss(model, pass, normaliser: Double(targets))
      loss += sum.detached().item()
      guard loss.isFinite else {
        throw DivergenceError(step: step + 1, message: "the loss is \(loss) on \(source.name(step: step))")
      }
      sum.backward()
    }
    let tokens = all.reduce(0) { $0 + $1.tokens.count }
    let total = try updater.total([loss, Double(skipped)])
    guard targets > 0 else {
      return StepReport(loss: 0, tokens: tokens, metrics: ["skipped_micro_batches": total[1]])
    }
    let norm = try updater.apply(step: step + 1, batch: source.name(step: step))
    return StepReport(
      loss: total[0], tokens: tokens,
      metrics: ["grad_norm": norm, "skipped_micro_batches": total[1], "target_tokens": Double(targets)],
      operations: Double(tokens)
        * model.configuration.trainingFLOPs(perTokenAt: tokens / max(1, all.count)))
  }

  /// Mean held-out loss in nats per target token.
  public func evaluate(step: Int) throws -> Metrics? {
    guard !heldOut.isEmpty else { return nil }
    let targets = heldOut.reduce(0) { $0 + $1.targets.reduce(0) { $0 + ($1 >= 0 ? 1 : 0) } }
    guard targets > 0 else { return nil }
    model.train(false)
    defer { model.train() }
    let loss = withoutGradients {
      microBatches(heldOut, tokens: settings.microBatchTokens) { $0.tokens.count }
        .filter { $0.contains { $0.targets.contains { $0 >= 0 } } }
        .reduce(0.0) { $0 + nextTokenLoss(model, $1, normaliser: Double(targets)).item() }
    }
    return ["eval_loss": loss]
  }

  /// Writes the model and its tokenizer.
  public func save(to folder: URL) throws { try Checkpoint.saveTrained(model, tokenizer: tokenizer, to: folder) }
  /// Reads the weights.
  public func load(from folder: URL) throws { try Checkpoint.loadTrained(folder, into: model) }
}
