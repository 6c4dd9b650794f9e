import Documents
public import Foundation
public import LanguageModels
public import NeuralNetworks
public import Tokenization
public import Torch
import Training

/// A decoder with one number per token on top: a reward model or a value function.
///
/// score = w·h + b with h the hidden vector after the last norm. A reward model is read at the end-of-text token
/// (Stiennon 2020; Ouyang 2022), a value function at every token.
///
/// A reward model can also weigh the completion's log-probability, as its own decoder sees it:
///
///     score(x, y) = w·h + b + β · Σ_t ln p(y_t | x, y_<t)
///
/// with β trained along. The sum is the reward that a language model holds by itself (Rafailov 2023, equation 5; without the
/// reference, as in Meng 2024, equation 4). What a pretrained decoder does best, to say which token should stand here given
/// the text above, becomes a part of the judgement; a head alone would have to learn anew to check what was said
/// against the prompt.
public final class ScalarModel: Module {
  /// The decoder below the head.
  @Child("backbone") public var backbone: Decoder
  /// `[1, width]`.
  @Child("score") public var head: Linear
  /// b: set so that demonstrations score 0 on average; not trained.
  public var bias = 0.0
  /// β, `[1]`: absent where the score is the head's alone.
  @OptionalParameter("likelihood") public private(set) var likelihoodWeight: Tensor?

  /// Puts a head on a decoder, which it takes over.
  ///
  /// The head starts with standard deviation 1/√(width + 1), as in learning to summarize.
  ///
  /// - Parameter likelihoodWeight: where β starts; nil leaves the completion's log-probability out of the score.
  public init(_ backbone: Decoder, likelihoodWeight: Double? = nil, generator: Generator) {
    super.init()
    self.backbone = backbone
    head = Linear(
      backbone.configuration.width, 1, bias: false,
      standardDeviation: 1 / Double(backbone.configuration.width + 1).squareRoot(),
      generator: generator)
    head.to(device: backbone.device)
    setLikelihoodWeight(likelihoodWeight)
  }

  private func setLikelihoodWeight(_ value: Double?) {
    likelihoodWeight = value.map { Tensor([Float($0)]).to(device: backbone.device) }
  }

  /// The trained parts: the adapters and the head where the decoder has adapters, else everything.
  public var trained: Module { backbone.adapters.map { AdaptedHead($0, head, likelihoodWeight) } ?? self }

  /// Asks for gradients of what is trained, and of nothing else.
  public func requireTraining() {
    backbone.requireTraining()
    head.requireGradients()
    likelihoodWeight?.requiringGrad()
  }

  /// A score for every token, `[tokens]`, float32.
  public func callAsFunction(_ packed: PackedTokens) -> Tensor {
    head(backbone(packed)).to(.float32).reshaped([packed.count]) + bias
  }

  /// A score for each completion, read at its last token: `[completions]`.
  ///
  /// Neighbours of one prompt share its computation.
  /// - Parameter isSpoken: of each completion, whether its tokens are the policy's own: only theirs count in the log-probability; nil
  ///   where all are.
  public func sequenceScores(
    of completions: [(prompt: [Int], completion: [Int])], isSpoken: [[Bool]?] = []
  ) -> Tensor {
    let rows = likelihoodWeight.map { _ in CompletionRows(completions, isSpoken: isSpoken, device: backbone.device) }
    let packed = rows?.packed ?? PackedTokens(prompted: completions)
    let hidden = backbone(packed)
    let last = Tensor(ids: packed.lastPositions).to(device: backbone.device)
    let ends = head(hidden.indexSelect(last)).to(.float32).reshaped([completions.count]) + bias
    guard let rows, let likelihoodWeight else { return ends }
    return ends + rows.sums(rows.logProbabilities(of: hidden, by: backbone, temperature: 1)) * likelihoodWeight
  }

  /// A sequence as a reward model reads it: closed by the end of the text, however it ended.
  public static func closed(_ sequence: [Int], by endOfText: Int?) -> [Int] {
    guard let endOfText, sequence.last != endOfText else { return sequence }
    return sequence + [endOfText]
  }

  /// Scores of whole sequences, which count as completions of nothing.
  public func scores(_ sequences: [[Int]], microBatchTokens: Int = 8192) -> [Float] {
    scores(of: sequences.map { ([], $0) }, microBatchTokens: microBatchTokens)
  }

  /// Scores of completions, a few thousand tokens at a time, without gradients.
  ///
  /// - Parameter isSpoken: as in ``sequenceScores(of:isSpoken:)``.
  public func scores(
    of completions: [(prompt: [Int], completion: [Int])], isSpoken: [[Bool]?] = [], microBatchTokens: Int = 8192
  ) -> [Float] {
    withoutGradients {
      microBatches(Array(completions.indices), tokens: microBatchTokens) { i in
        completions[i].prompt.count + completions[i].completion.count
      }.flatMap { pass in
        sequenceScores(
          of: pass.map { completions[$0] }, isSpoken: pass.map { $0 < isSpoken.count ? isSpoken[$0] : nil }
        )
        .array()
      }
    }
  }

  /// Moves the bias so that these completions score 0 on average; InstructGPT does so with the labelers' demonstrations.
  public func normalize(on completions: [(prompt: [Int], completion: [Int])]) {
    let found = scores(of: completions)
    guard !found.isEmpty else { return }
    bias -= Double(found.reduce(0, +)) / Double(found.count)
  }

  /// A copy that shares nothing; adapters are merged into its weights.
  public func copy() throws -> ScalarModel {
    let made = ScalarModel(
      try backbone.copy(), likelihoodWeight: likelihoodWeight?.detached().item(), generator: Generator(seed: 0))
    withoutGradients { made.head.weight.copyInPlace(head.weight) }
    made.bias = bias
    return made
  }

  // MARK: On disk

  private struct Settings: Codable {
    var bias: Double
    var likelihoodWeight: Double?
    enum CodingKeys: String, CodingKey {
      case bias
      case likelihoodWeight = "likelihood_weight"
    }
  }
  private static let settingsFile = "reward_config.json"

  /// Writes a folder in the layout of `…ForSequenceClassification` (tensor `score.weight`), with bias and β beside it.
  ///
  /// A model with adapters is written as PEFT writes one: the adapters and the head, without the base.
  public func save(tokenizer: Tokenizer?, to folder: URL) throws {
    try Checkpoint.saveTrained(
      backbone, tokenizer: tokenizer, to: folder,
      extra: [("score.weight", withoutGradients { head.weight.detached() })])
    try DurableFile.write(
      JSONEncoder().encode(Settings(bias: bias, likelihoodWeight: likelihoodWeight?.detached().item())),
      to: folder.appendingPathComponent(Self.settingsFile).path)
  }

  /// Reads what ``save(tokenizer:to:)`` wrote.
  ///
  /// - Parameter keepingBlocks: see ``LanguageModels/Checkpoint/load(_:dtype:device:keepingBlocks:)``.
  public static func load(
    _ folder: URL, device: Device = .cpu, keepingBlocks: Bool = false
  ) throws -> (model: ScalarModel, tokenizer: Tokenizer?) {
    let (backbone, tokenizer) = try Checkpoint.load(folder, device: device, keepingBlocks: keepingBlocks)
    let model = ScalarModel(backbone, generator: Generator(seed: 0))
    if Checkpoint.hasAdapters(folder) {
      // The decoder has them already; the head lies beside them.
      try model.loadHead(try LowRankAdapters.extraTensors(of: folder), folder)
    } else {
      try model.loadWeights(folder)
    }
    return (model, tokenizer)
  }

  /// Reads a folder of adapters with a head, over a base that other models may share.
  public static func load(_ folder: URL, over base: Decoder) throws -> ScalarModel {
    let (backbone, extra) = try Checkpoint.loadAdapters(folder, over: base)
    let model = ScalarModel(backbone, generator: Generator(seed: 0))
    try model.loadHead(extra, folder)
    return model
  }

  /// Overwrites weights, head and bias with a folder's.
  public func loadWeights(_ folder: URL) throws {
    if let adapters = backbone.adapters {
      return try loadHead(try adapters.load(from: folder), folder)
    }
    try Checkpoint.loadWeights(folder, into: backbone)
    let file = try Safetensors(folder)
    try loadHead(file.contains(Self.headName) ? [Self.headName: file.tensor(Self.headName)] : [:], folder)
  }

  private static let headName = "score.weight"

  private func loadHead(_ tensors: [String: Tensor], _ folder: URL) throws {
    guard let score = tensors[Self.headName] else {
      throw CheckpointError(
        path: folder.path, message: "no tensor score.weight: this is a language model, not a reward model")
    }
    guard score.shape == head.weight.shape else {
      throw CheckpointError(
        path: folder.path, message: "score.weight is \(score.shape) where \(head.weight.shape) is needed")
    }
    withoutGradients { head.weight.copyInPlace(score) }
    let settings = folder.appendingPathComponent(Self.settingsFile)
    if FileManager.default.fileExists(atPath: settings.path) {
      let read = try JSONDecoder().decode(Settings.self, from: Data(contentsOf: settings))
      bias = read.bias
      if let likelihoodWeight, let value = read.likelihoodWeight {
        // In place: an optimizer may hold it.
        withoutGradients { likelihoodWeight.copyInPlace(Tensor([Float(value)])) }
      } else {
        setLikelihoodWeight(read.likelihoodWeight)
      }
    }
  }
}

/// The trained parts of a model that shares its base: its adapters, its head and β.
private final class AdaptedHead: Module {
  @Child("backbone") var adapters: LowRankAdapters
  @Child("score") var head: Linear
  @OptionalParameter("likelihood") var likelihoodWeight: Tensor?
  init(_ adapters: LowRankAdapters, _ head: Linear, _ likelihoodWeight: Tensor?) {
    super.init()
    self.adapters = adapters
    self.head = head
    self.likelihoodWeight = likelihoodWeight
  }
}
