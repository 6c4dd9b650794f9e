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

    /// The name of the model's folder, or of its file without the ending of GGUF files.
    public var servedName: String {
      if let name { return name }
      let url = URL(fileURLWithPath: model.expandingHome).standardizedFileURL
      return (url.pathExtension.lowercased() == "gguf" ? url.deletingPathExtension() : url).lastPathComponent
    }
  }

  /// Reads the models; they belong to the thread that does.
  ///
  /// - Throws: `CheckpointError` and `DataError` for files that can't be read or don't belong together.
  public init(_ source: Source) throws {
    let packing = source.weights.packing ?? .float32
    let (base, tokenizer) = try ModelFolder.load(
      source.model, device: source.device, keepingBlocks: source.weights.keepsBlocks,
      chatTemplate: source.chatTemplate)
    self.init(source.servedName, base, tokenizer: tokenizer)
    // Before the adapters, which share the base's layers as they are then.
    try base.pack(packing)
    for adapter in source.adapters {
      let folder = try ModelFolder.resolve(adapter.folder)
      add(adapter.name, try Checkpoint.loadAdapters(folder, over: base).model)
    }
    draft = try source.draft.map { try ModelFolder.loadDraft($0, for: base, tokenizer, device: base.device) }
    try draft?.pack(packing)
    if let reward = source.reward {
      let scorer = try ModelFolder.loadReward(reward, for: base, device: source.device)
      judge = RewardJudge(scorer, endOfText: base.configuration.endOfText, name: reward)
    }
  }
}
