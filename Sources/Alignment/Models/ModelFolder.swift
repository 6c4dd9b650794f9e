import Documents
public import Foundation
public import LanguageModels
public import Tokenization
public import Torch
import Training

/// Finds and reads models by the names that people give: a checkpoint's folder, a run's folder, a GGUF file.
public enum ModelFolder {
  /// A checkpoint folder or a GGUF file, or a run's folder, of which the checkpoint is meant that it is known by.
  public static func resolve(_ path: String) throws -> URL {
    let path = path.expandingHome
    let url = try Checkpoint.located(URL(fileURLWithPath: path))
    if url.pathExtension.lowercased() == "gguf" { return url }
    if FileManager.default.fileExists(atPath: url.appendingPathComponent("config.json").path) { return url }
    let checkpoints = "\(path)/checkpoints"
    if let latest = try CheckpointStore(checkpoints).result() {
      return URL(fileURLWithPath: latest.path)
    }
    return url
  }

  /// A reward model with its tokenizer, which must be there.
  ///
  /// - Parameter weights: the format of its layers; `auto` keeps a GGUF file under adapters in its own blocks.
  public static func loadReward(
    _ path: String, device: Device, weights: WeightFormat = .auto
  ) throws -> (model: ScalarModel, tokenizer: Tokenizer) {
    let folder = try resolve(path)
    let (scorer, tokenizer) = try ScalarModel.load(folder, device: device, keepingBlocks: weights.keepsBlocks)
    if let format = weights.packing { try scorer.backbone.quantizeLayers(format) }
    guard let tokenizer else { throw CheckpointError(path: folder.path, message: "no tokenizer.json in this folder") }
    return (scorer, tokenizer)
  }

  /// A reward model whose vocabulary is a policy's.
  public static func loadReward(_ path: String, for policy: Decoder, device: Device) throws -> ScalarModel {
    let (scorer, _) = try ScalarModel.load(try resolve(path), device: device, keepingBlocks: true)
    let (own, other) = (scorer.backbone.configuration.vocabularySize, policy.configuration.vocabularySize)
    guard own == other else {
      throw CheckpointError(
        path: path,
        message: "the reward model's vocabulary has \(own) tokens and the policy's \(other): they don't belong together"
      )
    }
    return scorer
  }

  /// Reads the publisher's settings for drawing text, for adapters those of the model that they stand over.
  public static func generationDefaults(_ path: String) throws -> GenerationDefaults {
    try GenerationDefaults(folder: try Checkpoint.base(underAdapters: try resolve(path)))
  }

  /// A small model that proposes tokens for another: its tokens must be the same.
  public static func loadDraft(
    _ path: String, for model: Decoder, _ tokenizer: Tokenizer, device: Device, weights: WeightFormat = .float32
  ) throws -> Decoder {
    let (draft, own, _) = try load(path, device: device, weights: weights)
    func refuse(_ problem: String) -> CheckpointError {
      CheckpointError(path: path, message: "it can't draft for the model: \(problem)")
    }
    do { try model.checkDraft(draft) } catch let error as ConfigurationError {
      throw refuse(error.description)
    }
    let count = min(own.vocabularySize, tokenizer.vocabularySize)
    if let id = (0..<count).first(where: { own.idToToken($0) != tokenizer.idToToken($0) }) {
      throw refuse("token \(id) is '\(own.idToToken(id) ?? "")' there and '\(tokenizer.idToToken(id) ?? "")' here")
    }
    return draft
  }

  /// A tokenizer without its model, where either may be: a `tokenizer.json`, a folder, a run, a GGUF file.
  ///
  /// - Parameter chatTemplate: a file with another chat template than its own.
  public static func loadTokenizer(_ path: String, chatTemplate: String? = nil) throws -> Tokenizer {
    try with(chatTemplate, try Checkpoint.loadTokenizer(try resolve(path)))
  }

  /// A model with its tokenizer, which must be there.
  ///
  /// - Parameters:
  ///   - keepingBlocks: whether a GGUF file's matrices stay in its own blocks.
  ///   - chatTemplate: a file with another chat template than its own.
  public static func load(
    _ path: String, device: Device, keepingBlocks: Bool = false, chatTemplate: String? = nil
  ) throws -> (model: Decoder, tokenizer: Tokenizer) {
    let folder = try resolve(path)
    let (model, tokenizer) = try Checkpoint.load(folder, device: device, keepingBlocks: keepingBlocks)
    guard let tokenizer else {
      throw CheckpointError(path: folder.path, message: "there is no tokenizer with this model")
    }
    return (model, try with(chatTemplate, tokenizer))
  }

  /// A model for inference with its tokenizer, which must be there, and the format in which its matrices are kept.
  ///
  /// - Parameters:
  ///   - weights: the format that was asked for.
  ///   - isExact: whether the model is measured, so that `auto` rounds nothing that its file has in full.
  ///   - chatTemplate: a file with another chat template than its own.
  public static func load(
    _ path: String, device: Device, weights: WeightFormat, isExact: Bool = false, chatTemplate: String? = nil
  ) throws -> (model: Decoder, tokenizer: Tokenizer, format: WeightFormat) {
    let folder = try resolve(path)
    let (model, tokenizer, format) = try Checkpoint.load(folder, weights: weights, device: device, isExact: isExact)
    guard let tokenizer else {
      throw CheckpointError(path: folder.path, message: "there is no tokenizer with this model")
    }
    return (model, try with(chatTemplate, tokenizer), format)
  }

  private static func with(_ chatTemplate: String?, _ tokenizer: Tokenizer) throws -> Tokenizer {
    guard let chatTemplate else { return tokenizer }
    let text = try FileContents.text(of: chatTemplate)
    do { return try Tokenizer(tokenizer, chatTemplate: text) } catch {
      throw DataError(
        .badData, path: chatTemplate, problem: "this is no chat template: \(error)",
        advice: "Give a Jinja template, as models have it in chat_template.jinja.")
    }
  }
}
