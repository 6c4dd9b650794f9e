import Alignment
import Documents
import Foundation
public import LanguageModels
import Tokenization
import Torch
import Training

/// Opens the models that an evaluation asks, by the names that people give.
public enum EvaluatedModels {
  /// What decides about how a model is opened and asked.
  public struct Settings: Sendable {
    /// The name of a server's model; nil takes the first that it lists.
    public var servedModel: String?
    /// The folder with a server's model's tokenizer.
    public var tokenizer: String?
    /// The context of a server's model.
    public var maxLength: Int
    /// Requests to a server that are under way at once.
    public var concurrency: Int
    /// Whether texts get the token that begins one; nil leaves it to the tokenizer.
    public var addsBeginning: Bool?
    /// How much a model in memory does at once.
    public var limits: DecoderEvaluation.Limits
    /// Seeds answers that are drawn at a temperature.
    public var seed: UInt64
    /// The form of the weights in memory.
    public var weights: WeightFormat
    /// The device, in words.
    public var device: String
    /// A file with another chat template than the model's own.
    public var chatTemplate: String?

    /// Settings; the defaults suit a model in memory.
    public init(
      servedModel: String? = nil, tokenizer: String? = nil, maxLength: Int = 2048, concurrency: Int = 4,
      addsBeginning: Bool? = nil, limits: DecoderEvaluation.Limits = .init(), seed: UInt64 = 1,
      weights: WeightFormat = .auto,
      device: String = "auto", chatTemplate: String? = nil
    ) {
      (self.servedModel, self.tokenizer, self.maxLength) = (servedModel, tokenizer, maxLength)
      (self.concurrency, self.addsBeginning, self.limits) = (concurrency, addsBeginning, limits)
      (self.seed, self.weights, self.device, self.chatTemplate) = (seed, weights, device, chatTemplate)
    }
  }

  /// A checkpoint, a run or a GGUF file in memory, or the model of a server whose address is given.
  ///
  /// A key for a server is taken from the variable `OPENAI_API_KEY`, if it is set.
  public static func open(_ name: String, _ settings: Settings = Settings()) throws -> any EvaluatedModel {
    if name.hasPrefix("http://") || name.hasPrefix("https://") {
      return try CompletionsServer(
        url: name, model: settings.servedModel,
        tokenizer: try settings.tokenizer.map {
          try ModelFolder.loadTokenizer($0, chatTemplate: settings.chatTemplate)
        },
        maxLength: settings.maxLength, addsBeginning: settings.addsBeginning, concurrency: settings.concurrency,
        key: ProcessInfo.processInfo.environment["OPENAI_API_KEY"], seed: settings.seed)
    }
    let (model, tokenizer) = try ModelFolder.load(
      name, device: try Device(parsing: settings.device), keepingBlocks: settings.weights.keepsBlocks,
      chatTemplate: settings.chatTemplate)
    if let format = settings.weights.packing { try model.pack(format) }
    let place = try ModelFolder.resolve(name).path
    return try DecoderEvaluation(
      model, tokenizer: tokenizer, name: name,
      identity: "\(Fingerprint.ofModel(place) ?? place) \(settings.weights.rawValue) \(model.dtype) \(model.device) "
        + "seed \(settings.seed)",
      defaults: try ModelFolder.generationDefaults(name).parameters(), addsBeginning: settings.addsBeginning,
      limits: settings.limits, seed: settings.seed)
  }
}

/// The folder in which evaluations of a model are kept, and the journal of one that is under way.
public struct EvaluationFolder {
  private let path: String
  private let identity: String

  /// The folder of a model below another.
  public init(_ folder: String, model: any EvaluatedModel) {
    path = "\(folder)/\(EvaluationResults.fileName(of: model.name))"
    identity = model.identity
  }

  /// The journal of answers, with those of a run that was stopped.
  public func journal() throws -> ResponseJournal {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return try ResponseJournal(path: "\(path)/answers.jsonl", identity: identity)
  }
}
