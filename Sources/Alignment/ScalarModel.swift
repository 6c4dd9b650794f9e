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
public final class ScalarModel: Module {
  /// What is below the head.
  @Child("backbone") public var backbone: Decoder
  /// `[1, width]`.
  @Child("score") public var head: Linear
  /// b: set so that demonstrations score 0 on average; not trained.
  public var bias = 0.0

  /// Puts a head on a decoder, which it takes over.
  ///
  /// The head starts with standard deviation 1/√(width + 1), as in learning to summarize.
  public init(_ backbone: Decoder, generator: Generator) {
    super.init()
    self.backbone = backbone
    head = Linear(
      backbone.configuration.width, 1, bias: false,
      standardDeviation: 1 / Double(backbone.configuration.width + 1).squareRoot(),
      generator: generator)
    head.to(device: backbone.device)
  }

  /// A score for every token, `[tokens]`, float32.
  public func callAsFunction(_ packed: PackedTokens) -> Tensor {
    head(backbone(packed)).to(.float32).reshaped([packed.count]) + bias
  }

  /// A score for each sequence, read at its last token: `[sequences]`.
  public func sequenceScores(_ packed: PackedTokens) -> Tensor {
    let last = Tensor(ids: packed.lastPositions).to(device: backbone.device)
    return head(backbone(packed).indexSelect(last)).to(.float32).reshaped([packed.sequenceCount]) + bias
  }

  /// Scores of many sequences, a few thousand tokens at a time, without gradients.
  public func scores(_ sequences: [[Int]], microBatchTokens: Int = 8192) -> [Float] {
    withoutGradients {
      microBatches(sequences, tokens: microBatchTokens) { $0.count }
        .flatMap { sequenceScores(PackedTokens($0)).array() }
    }
  }

  /// Moves the bias so that these sequences score 0 on average; InstructGPT does so with the labelers' demonstrations.
  public func normalize(on sequences: [[Int]]) {
    let found = scores(sequences)
    guard !found.isEmpty else { return }
    bias -= Double(found.reduce(0, +)) / Double(found.count)
  }

  /// A copy that shares nothing.
  public func copy() throws -> ScalarModel {
    let made = ScalarModel(try backbone.copy(), generator: Generator(seed: 0))
    withoutGradients { made.head.weight.copyInPlace(head.weight) }
    made.bias = bias
    return made
  }

  // MARK: On disk

  private struct Settings: Codable { var bias: Double }
  private static let settingsFile = "reward_config.json"

  /// Writes a folder in the layout of `…ForSequenceClassification` (tensor `score.weight`) and the bias beside it.
  public func save(tokenizer: Tokenizer?, to folder: URL) throws {
    try Checkpoint.save(
      backbone, tokenizer: tokenizer, to: folder,
      extra: [("score.weight", withoutGradients { head.weight.detached() })])
    try JSONEncoder().encode(Settings(bias: bias))
      .write(to: folder.appendingPathComponent(Self.settingsFile), options: .atomic)
  }

  /// Reads what ``save(tokenizer:to:)`` wrote.
  public static func load(_ folder: URL, device: Device = .cpu) throws -> (model: ScalarModel, tokenizer: Tokenizer?) {
    let (backbone, tokenizer) = try Checkpoint.load(folder, device: device)
    let model = ScalarModel(backbone, generator: Generator(seed: 0))
    try model.loadWeights(folder)
    return (model, tokenizer)
  }

  /// Overwrites weights, head and bias with a folder's.
  public func loadWeights(_ folder: URL) throws {
    try Checkpoint.loadWeights(folder, into: backbone)
    let file = try Safetensors(folder)
    guard file.contains("score.weight") else {
      throw CheckpointError(
        path: folder.path, message: "no tensor score.weight: this is a language model, not a reward model")
    }
    let score = try file.tensor("score.weight")
    guard score.shape == head.weight.shape else {
      throw CheckpointError(
        path: folder.path, message: "score.weight is \(score.shape) where \(head.weight.shape) is needed")
    }
    withoutGradients { head.weight.copyInPlace(score) }
    let settings = folder.appendingPathComponent(Self.settingsFile)
    if FileManager.default.fileExists(atPath: settings.path) {
      bias = try JSONDecoder().decode(Settings.self, from: Data(contentsOf: settings)).bias
    }
  }
}
