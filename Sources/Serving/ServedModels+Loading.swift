import Alignment
import Documents
import Foundation
public import LanguageModels
import Tokenization
public import Torch

extension ServedModels {
  /// The files that a server's models come from.
  public struct Source: Sendable {
    /// A checkpoint, a run or a GGUF file.
    public var model: String
    /// The name by which requests ask for it; nil for the file's or folder's.
    public var name: String?
    /// Adapters over the model, each under a name of its own.
    public var adapters: [(name: String, folder: String)] = []
    /// Models that make vectors of texts, each under a name of its own.
    public var embedders: [(name: String, folder: String)] = []
    /// A small model that proposes tokens.
    public var draft: String?
    /// A reward model for `/v1/score`.
    public var reward: String?
    /// A file with another chat template than the model's own.
    public var chatTemplate: String?
    /// The form of the weights in memory.
    public var weights = WeightFormat.auto
    /// The device.
    public var device = Device.cpu

    /// A model and nothing beside it.
    public init(model: String) { self.model = model }

    /// The name that was given, or that of the model's folder, or of its file without the ending of GGUF files.
    public var servedName: String { name ?? Checkpoint.name(of: URL(fileURLWithPath: model.expandingHome)) }

    /// Whether the model draws text, and isn't itself one that makes vectors.
    func drawsText() throws -> Bool { !TextEmbedder.isOne(try ModelFolder.resolve(model)) }

    /// The models that make vectors, on the thread that they are to belong to.
    func loadEmbedders() throws -> [(name: String, embedder: TextEmbedder)] {
      let own = try drawsText() ? [] : [(name: servedName, folder: model)]
      return try (own + embedders).map { name, folder in
        let found = try TextEmbedder(contentsOf: try ModelFolder.resolve(folder), device: device)
        if let packing = weights.packing { try found.pack(packing) }
        return (name, found)
      }
    }
  }

  /// Reads the models; they belong to the thread that does.
  ///
  /// - Throws: `CheckpointError` and `DataError` for files that can't be read or don't belong together.
  public init(_ source: Source) throws {
    let isWhole = try source.adapters.contains { try Checkpoint.measuresRows(try ModelFolder.resolve($0.folder)) }
    let (base, tokenizer, format) = try ModelFolder.load(
      source.model, device: source.device, weights: source.weights == .auto && isWhole ? .float32 : source.weights,
      chatTemplate: source.chatTemplate)
    self.init(source.servedName, base, tokenizer: tokenizer)
    weights = format
    // Before the adapters, which share the base's layers as they are then.
    if !base.isPacked { try base.pack(.float32) }
    for adapter in source.adapters {
      let folder = try ModelFolder.resolve(adapter.folder)
      add(adapter.name, try Checkpoint.loadAdapters(folder, over: base).model)
    }
    draft = try source.draft.map {
      try ModelFolder.loadDraft($0, for: base, tokenizer, device: base.device, weights: source.weights)
    }
    if let draft, !draft.isPacked { try draft.pack(.float32) }
    if let reward = source.reward {
      let scorer = try ModelFolder.loadReward(reward, for: base, device: source.device)
      judge = RewardJudge(scorer, endOfText: base.configuration.endOfText, name: reward)
    }
  }
}

extension ModelServer {
  /// A server over the models of these files.
  ///
  /// - Parameter limits: limits of what is taken on at once, where text is drawn.
  /// - Throws: `CheckpointError` and `DataError` for files that can't be read or don't belong together, `ConfigurationError` for settings.
  public init(source: ServedModels.Source, limits: ModelHost.Settings, settings: Settings) async throws {
    let draws = try source.drawsText()
    let host = draws ? try await ModelHost(settings: limits) { try ServedModels(source) } : nil
    let hasEmbedders = !draws || !source.embedders.isEmpty
    let embedders = hasEmbedders ? try await EmbeddingHost { try source.loadEmbedders() } : nil
    try self.init(host: host, embedders: embedders, settings: settings)
  }

  /// A line on each thing that is served, for whoever starts the server.
  public var summary: [String] {
    let drawn =
      host.map { host in
        [
          "\(host.names.joined(separator: ", ")): \(host.configuration.parameterCount) parameters, "
            + "weights: \(host.weights.kept)",
          host.cacheSummary,
        ]
      } ?? []
    return drawn
      + (embedders?.models ?? []).map {
        "\($0.name): vectors of \($0.width) features, of texts of up to \($0.maximumTokens) tokens"
      }
  }
}
