public import LanguageModels
public import Settings
public import Training

/// The settings of pretraining on text: a new model's shape, and what is kept for evaluation.
public struct PretrainingSettings: LearnerSettings {
  /// Large steps, from nothing.
  public static var training: TrainingSettings { TrainingSettings(learningRate: 1e-3) }

  /// The families of which new models are made here; any of `DecoderConfiguration.Family` can be gone on from.
  public enum NewModelType: String, Sendable, Codable, CaseIterable, SettingValue {
    /// GPT-2.
    case gpt2
    /// Llama 2 and 3, with tied embeddings.
    case llama
    /// GPT-3: GPT-2 whose layers see the whole text and a window of it in turns.
    case gpt3
  }

  /// The family.
  @Setting("model_type", .any, "name", "A new model's family.")
  public var modelType = NewModelType.llama
  /// One of GPT-3's sizes, in the place of family, layers, features, heads and context.
  @Setting("preset", .any, "name", "A new model of one of GPT-3's sizes; what is given beside it counts.")
  public var preset: GPT3Size? = nil
  /// The window of every other layer of a GPT-3.
  @Setting("window", .count(), "count", "The tokens that every other layer of a new gpt3 model sees.")
  public var window = 256
  /// Layers.
  @Setting("layers", .from(1, to: 1000), "count", "A new model's layers.")
  public var layers = 6
  /// Features.
  @Setting("hidden_size", .from(1, to: 1_000_000), "count", "A new model's features, a multiple of its heads.")
  public var hiddenSize = 384
  /// Heads.
  @Setting("heads", .from(1, to: 100_000), "count", "A new model's heads.")
  public var heads = 6
  /// Tokens per row, and a new model's context.
  @Setting("context", .count(from: 2), "count", "Tokens per row, and a new model's context.")
  public var context = 256
  /// The share of documents kept for evaluation.
  @Setting("eval_share", .from(0, below: 1), "share", "The share of documents kept for evaluation, drawn by the seed.")
  public var evalShare = 0.02

  /// The defaults.
  public init() {}

  /// Takes a preset's sizes, and refuses a width that can't be divided among the heads.
  public mutating func settle(given: Set<String>) throws(SettingError) {
    if let preset {
      if !given.contains("model_type") { modelType = .gpt3 }
      if !given.contains("layers") { layers = preset.shape.layers }
      if !given.contains("hidden_size") { hiddenSize = preset.shape.width }
      if !given.contains("heads") { heads = preset.shape.heads }
      if !given.contains("context") { context = 2048 }
    }
    guard hiddenSize % heads == 0 else {
      throw SettingError(
        key: "hidden_size", value: "\(hiddenSize)", problem: "it must be a multiple of heads, \(heads)")
    }
    guard modelType != .llama || (hiddenSize / heads).isMultiple(of: 2) else {
      throw SettingError(
        key: "hidden_size", value: "\(hiddenSize)",
        problem: "over \(heads) heads it must give an even number of features to each, which are rotated in pairs")
    }
  }

  /// A new model's configuration.
  public func shape(vocabularySize: Int, endOfText: Int?) -> DecoderConfiguration {
    switch modelType {
    case .gpt2:
      .gpt2(
        vocabularySize: vocabularySize, width: hiddenSize, layers: layers, heads: heads, contextLength: context,
        endOfText: endOfText)
    case .gpt3:
      .gpt3(
        vocabularySize: vocabularySize, width: hiddenSize, layers: layers, heads: heads, contextLength: context,
        window: window, endOfText: endOfText)
    case .llama:
      .llama(
        vocabularySize: vocabularySize, width: hiddenSize, layers: layers, heads: heads,
        feedForwardWidth: max(32, hiddenSize * 8 / 3 / 32 * 32), contextLength: context, tiesEmbeddings: true,
        endOfText: endOfText)
    }
  }
}
