public import Foundation
public import LanguageModels
public import NeuralNetworks
import Statistics
public import Tokenization
import Torch
public import Training

/// Learns a verifier: a model that says, after every token of a solution, how probable it is that the solution is right.
///
///     loss = Σ_t (v_t − y)² / T + λ · Σ_t −ln p(x_t) / T′
///
/// with v_t the value after a solution's token t, y its label (1 where the final answer is right), T the tokens of the batch's
/// solutions whose values count, and beside them the language-modelling loss over T′ tokens of worked solutions, as many solutions as
/// judged ones (Cobbe 2021, section 4.2). Questions count in neither. A small model overfits to the labels alone; what keeps it a
/// language model keeps it reading.
///
/// The paper's scalar head is a gain and a bias on the logit of a token that is never written. Here the head is a row of its own,
/// ``ScalarModel/head``, which is the same function without taking a token away; its bias starts, and stays, at the labels' mean.
///
/// ```swift
/// let verifier = try VerifierLearner.verifier(over: generator, labels: judged.map(\.label), options: options, seed: 1)
/// let learner = VerifierLearner(
///   verifier, tokenizer: tokenizer, judged: judged, language: examples, settings: settings, options: options)
/// ```
/// What comes out is read at the end of a solution like any reward model (``RewardJudge``), so ``BestOfN`` ranks by it.
public final class VerifierLearner: Learner {
  /// The verifier.
  public let model: ScalarModel
  let tokenizer: Tokenizer?
  let judged: [JudgedCompletion]
  let heldOut: [JudgedCompletion]
  let settings: TrainingSettings
  let options: VerifierSettings
  private var order: EpochOrder
  private var language: ExampleSource

  /// A learner.
  ///
  /// - Parameters:
  ///   - judged: solutions with their labels.
  ///   - language: worked solutions for the language-modelling loss; none are needed where its weight is 0.
  ///   - heldOut: for evaluation.
  public init(
    _ model: ScalarModel, tokenizer: Tokenizer?, judged: [JudgedCompletion], language: [TargetedTokens],
    heldOut: [JudgedCompletion] = [], settings: TrainingSettings, options: VerifierSettings = VerifierSettings()
  ) {
    precondition(options.languageWeight == 0 || !language.isEmpty, "the language-modelling loss needs examples")
    self.model = model
    self.tokenizer = tokenizer
    self.judged = judged.filter { !$0.completion.isEmpty }
    self.heldOut = heldOut.filter { !$0.completion.isEmpty }
    self.settings = settings
    self.options = options
    order = EpochOrder(count: self.judged.count, seed: settings.seed)
    self.language = ExampleSource(
      language, batchSize: settings.batchSize, seed: DerivedSeed(run: settings.seed, for: "language").value)
    model.requireTraining()
    model.train()
  }

  /// A verifier that starts from the generator's weights, which it leaves as they are.
  ///
  /// - Parameter labels: of the solutions to learn from, whose mean the values start around.
  public static func verifier(
    over generator: Decoder, labels: [Double], options: VerifierSettings, seed: UInt64
  ) throws -> ScalarModel {
    var dropout = DecoderConfiguration.Dropout()
    dropout.residual = options.dropout
    let model = ScalarModel(
      try generator.copy(dropout: dropout), generator: Generator(seed: DerivedSeed(run: seed, for: "head").value))
    model.startAround(labels)
    return model
  }

  /// The verifier.
  public var modules: [(name: String, module: Module)] { [("model", model.trained)] }

  /// The judged solutions.
  public var examplesPerEpoch: Int? { judged.count }

  /// The memory of a pass.
  public var memory: StepMemory {
    StepMemory(
      tokensPerExample: judged.reduce(0) { $0 + $1.prompt.count + $1.completion.count } / max(1, judged.count),
      bytesPerToken: model.backbone.configuration.trainingBytesPerToken)
  }

  /// The losses' parts and how often the value at the end was on the label's side.
  public var shownMetrics: [(label: String, metric: String)] {
    [("loss", "loss"), ("value", "value_loss"), ("right", "accuracy")]
  }

  /// One step over `batchSize` judged solutions and as many worked ones.
  public func step(_ step: Int, _ updater: Updater) throws -> StepReport {
    let (rank, size) = updater.rank
    model.backbone.random.restart(
      seed: DerivedSeed(run: settings.seed, for: "dropout", step: step, index: rank).value)
    let chosen = order.indices(from: step * settings.batchSize, count: settings.batchSize)
    let batch = chosen.map { judged[$0] }
    let name = "solutions \(chosen.prefix(8).map { "\($0 + 1)" }.joined(separator: ", "))"
    let counted = batch.reduce(0) { $0 + countedTokens(of: $1) }
    var (value, spoken, right) = (0.0, 0.0, 0.0)
    for (i, pass) in passes(of: batch).enumerated() where i % size == rank {
      let found = loss(of: pass, normaliser: Double(counted))
      value += found.loss.detached().item()
      right += found.right
      try check(value, step, name)
      found.loss.backward()
    }
    var tokens = batch.reduce(0) { $0 + $1.prompt.count + $1.completion.count }
    if options.languageWeight > 0 {
      let examples = language.batch(step: step)
      tokens += examples.reduce(0) { $0 + $1.tokens.count }
      let targets = examples.reduce(0) { $0 + $1.targets.count { $0 >= 0 } }
      let parts = microBatches(examples, tokens: settings.microBatchTokens) { $0.tokens.count }
      for (i, pass) in parts.enumerated() where i % size == rank && targets > 0 {
        let sum = nextTokenLoss(model.backbone, pass, normaliser: Double(targets) / options.languageWeight)
        spoken += sum.detached().item()
        try check(spoken, step, language.name(step: step))
        sum.backward()
      }
    }
    let total = try updater.total([value, spoken, right])
    let norm = try updater.apply(step: step + 1, batch: name)
    return StepReport(
      loss: total[0] + total[1], tokens: tokens,
      metrics: [
        "grad_norm": norm, "value_loss": total[0], "language_loss": total[1],
        "accuracy": total[2] / Double(max(1, batch.count)),
      ],
      operations: Double(tokens)
        * model.backbone.configuration.trainingFLOPs(perTokenAt: tokens / max(1, 2 * batch.count)))
  }

  private func check(_ loss: Double, _ step: Int, _ name: String) throws {
    guard loss.isFinite else { throw DivergenceError(step: step + 1, message: "the loss is \(loss) on \(name)") }
  }

  private func passes(of batch: [JudgedCompletion]) -> [[JudgedCompletion]] {
    microBatches(batch, tokens: settings.microBatchTokens) { $0.prompt.count + $0.completion.count }
  }

  private func countedTokens(of item: JudgedCompletion) -> Int {
    options.level == .token ? item.completion.count : 1
  }

  /// Σ (v − y)² / normaliser over the tokens that count, and how many solutions ended on their label's side of ½.
  private func loss(of pass: [JudgedCompletion], normaliser: Double) -> (loss: Tensor, right: Double) {
    let packed = PackedTokens(prompted: pass.map { ($0.prompt, $0.completion) })
    var rows: [Int] = [], labels: [Float] = [], ends: [Int] = []
    for (range, item) in zip(packed.ranges, pass) {
      let own = range.suffix(countedTokens(of: item))
      rows += own
      labels += repeatElement(Float(item.label), count: own.count)
      ends.append(rows.count - 1)
    }
    let device = model.backbone.device
    let hidden = model.backbone(packed).indexSelect(Tensor(ids: rows).to(device: device))
    let values = model.head(hidden).to(.float32).reshaped([rows.count]) + model.bias
    let difference = values - Tensor(labels).to(device: device)
    let found = values.detached().array()
    let right = zip(ends, pass).count { (found[$0] > 0.5) == ($1.label > 0.5) }
    return ((difference * difference).sum() / normaliser, Double(right))
  }

  /// The mean squared error on held-out solutions, and how many ended on their label's side of ½.
  public func evaluate(step: Int) throws -> Metrics? {
    guard !heldOut.isEmpty else { return nil }
    model.train(false)
    defer { model.train() }
    let counted = heldOut.reduce(0) { $0 + countedTokens(of: $1) }
    var (value, right) = (0.0, 0.0)
    withoutGradients {
      for pass in passes(of: heldOut) {
        let found = loss(of: pass, normaliser: Double(counted))
        value += found.loss.item()
        right += found.right
      }
    }
    return ["eval_loss": value, "eval_accuracy": right / Double(heldOut.count)]
  }

  /// Writes the verifier.
  public func save(to folder: URL) throws { try model.save(tokenizer: tokenizer, to: folder) }
  /// Reads it back.
  public func load(from folder: URL) throws { try model.loadWeights(folder) }
}

extension ScalarModel {
  /// Sets the bias to the mean of labels, so that the head has to explain what is left.
  ///
  /// The head is scaled down: a fresh one's scores scatter by 1 around the bias, and labels by at most a half.
  public func startAround(_ labels: [Double]) {
    bias = labels.isEmpty ? 0.5 : labels.reduce(0, +) / Double(labels.count)
    withoutGradients { head.weight.copyInPlace(head.weight * 0.1) }
  }
}
