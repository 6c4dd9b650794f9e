import Documents
public import Foundation
import NeuralNetworks
public import Tokenization
public import Torch

/// A model on its way into another format: a Hugging Face folder or a GGUF file becomes either, adapters merged on the way.
///
/// ```swift
/// let conversion = try ModelConversion(of: URL(filePath: "runs/sft/checkpoints/step-000300"))
/// let report = try conversion.writeGGUF(to: URL(filePath: "sft.gguf"), as: .q4_K_M)
/// print(report.bytes, report.notes)
/// ```
///
/// One tensor at a time is in memory. What is written llama.cpp, Ollama and LM Studio read; a folder, `transformers`.
public final class ModelConversion {
  /// What became of a model.
  public struct Report: Sendable {
    /// How many tensors there are of each type, by the type's name.
    public var tensors: [String: Int] = [:]
    /// Bytes of the weights.
    public var bytes = 0
    /// What a reader of the file should know.
    public var notes: [String] = []
  }

  /// The model's shape.
  public var configuration: DecoderConfiguration { model.configuration }
  /// Its tokenizer, if it has one.
  public let tokenizer: Tokenizer?
  /// Whether adapters are merged on the way.
  public var mergesAdapters: Bool { model.isMerged }
  private let model: StoredModel
  private let chatTemplate: String?

  /// Opens a model, which may be a folder of adapters, and checks that all of it is there.
  ///
  /// - Parameters:
  ///   - adapters: folders of further adapters, PEFT's or ours, merged one after the other.
  ///   - chatTemplate: another chat template than the model's own.
  public init(of place: URL, adapters: [URL] = [], chatTemplate: String? = nil) throws {
    model = try StoredModel(try Checkpoint.located(place), adapters: adapters)
    self.chatTemplate = chatTemplate
    tokenizer = try model.tokenizer.map { own in
      try chatTemplate.map { try Tokenizer(own, chatTemplate: $0) } ?? own
    }
  }

  // MARK: GGUF

  /// Writes a GGUF file, complete or not at all.
  ///
  /// - Parameters:
  ///   - scheme: the types of the tensors; nil keeps those of the source, blocks as they are.
  ///   - name: the model's name inside the file.
  ///   - progress: is told how many tensors of how many are written.
  /// - Throws: ``ConfigurationError`` or ``CheckpointError`` for a model that llama.cpp can't run, before anything is written.
  public func writeGGUF(
    to url: URL, as scheme: QuantizationScheme? = nil, name: String? = nil, progress: (Int, Int) -> Void = { _, _ in }
  ) throws -> Report {
    guard model.extra.isEmpty else {
      throw CheckpointError(
        path: model.place.path,
        message:
          "a reward model's head (\(model.extra.keys.sorted().joined(separator: ", "))) has no place in a GGUF file")
    }
    guard url.standardizedFileURL.path != model.base.standardizedFileURL.path else {
      throw CheckpointError(path: url.path, message: "a model can't be converted onto itself: give another name")
    }
    var description = try GGUFArchitecture.describe(configuration)
    if let own = model.gguf?.metadata {
      // What its publisher wrote, and what we don't know, stays.
      description.metadata = JSONObject(own.members.filter { !$0.key.hasPrefix("split.") })
      if let chatTemplate { description.metadata["tokenizer.chat_template"] = .string(chatTemplate) }
    } else {
      try addTokenizer(to: &description)
    }
    let scheme = try scheme ?? storedScheme()
    if description.metadata["general.name"] == nil || name != nil {
      description.metadata["general.name"] = .string(readable(name ?? Checkpoint.name(of: model.place)))
    }
    description.metadata["general.file_type"] = .int((scheme ?? .f32).fileType)
    if scheme?.isQuantized ?? true { description.metadata["general.quantization_version"] = 2 }
    let mix = scheme.map {
      QuantizationMix(
        scheme: $0, architecture: description.metadata["general.architecture"]?.string ?? "",
        layers: configuration.layers,
        isTied: configuration.tiesEmbeddings, isGrouped: configuration.heads != configuration.keyValueHeads)
    }
    var report = Report(notes: description.notes)
    let tensors = pending(description, mix, &report)
    guard Set(tensors.map(\.name)).count == tensors.count else { throw StackedTensors(path: url.path) }
    try GGUFWriter(metadata: description.metadata, tensors: tensors).write(to: url) { progress($0, tensors.count) }
    for tensor in tensors { report.tensors[tensor.type.description, default: 0] += 1 }
    report.bytes = tensors.reduce(0) { $0 + $1.byteCount }
    return report
  }

  /// A name that doesn't make llama.cpp look for tokens that the model lacks: it stops at one with `phi3` in it that has no `</s>`.
  private func readable(_ name: String) -> String {
    let needed = ["</s>", "<unk>", "<s>", "<|endoftext|>"]
    guard needed.contains(where: { tokenizer?.tokenToID($0) == nil }) else { return name }
    return name.replacing(/([Pp][Hh][Ii])-?3/) { "\($0.1)_3" }
  }

  /// The scheme that keeps a folder's type; nil, which keeps every tensor's own, for a GGUF file.
  private func storedScheme() throws -> QuantizationScheme? {
    guard model.gguf == nil || model.isMerged else { return nil }
    if model.gguf != nil {
      throw CheckpointError(
        path: model.place.path,
        message: "adapters are merged into weights in blocks, which are made anew: say in which type")
    }
    return model.storedType(of: "embed_tokens.weight").flatMap { QuantizationScheme(name: $0.description) } ?? .f32
  }

  private func addTokenizer(to description: inout GGUFArchitecture.Description) throws {
    guard let tokenizer else {
      throw CheckpointError(
        path: model.place.path,
        message: "there is no tokenizer with this model, without which no program could run the file")
    }
    var keys: JSONObject
    do { keys = try tokenizer.ggufMetadata(rows: configuration.vocabularySize) } catch let error as TokenizationError {
      throw CheckpointError(path: model.place.path, message: "\(error)")
    }
    let prefix = "tokenizer.ggml."
    for (key, id) in [("bos_token_id", configuration.beginningOfText), ("eos_token_id", configuration.endOfText)]
    where keys[prefix + key] == nil { keys[prefix + key] = id.map(JSONValue.int) }
    if keys[prefix + "eos_token_id"] == nil {
      description.notes.append("the model has no token that ends a text; llama.cpp takes token 11 or 2 for one then")
    }
    description.metadata.members += keys.members
    if tokenizer.document["normalizer"].map({ !$0.isNull }) ?? false, keys[prefix + "model"] == "gpt2" {
      description.notes.append("the tokenizer normalises text first, which llama.cpp doesn't")
    }
  }

  private func pending(
    _ description: GGUFArchitecture.Description, _ mix: QuantizationMix?, _ report: inout Report
  ) -> [GGUFWriter.Pending] {
    var made: [GGUFWriter.Pending] = []
    var again: Set<BlockType> = []
    if let divisors = description.divisors, let type = BlockType(name: "F32") {
      let own = model.gguf?.bytes(of: GGUFArchitecture.frequencies)
      made.append(
        .init(name: GGUFArchitecture.frequencies, shape: divisors.shape, type: type) { take in
          if let own { try take(own) } else { try type.encoded(divisors).withUnsafeBytes(take) }
        })
    }
    for entry in description.layout.entries {
      var row = 0
      for part in entry.parts {
        let rows = row..<row + part.rows
        row += part.rows
        let shape = [part.rows] + entry.shape.dropFirst()
        let stored = model.part(of: entry.name, rows: rows)
        let storedType = model.storedType(of: entry.name)
        let type =
          mix?.type(of: part.name, shape: shape) ?? stored.flatMap { model.gguf?.type(of: $0.place) } ?? storedType
        guard let type else { continue }
        // Blocks that stay what they are aren't made anew.
        if let gguf = model.gguf, let stored, stored.part.storage == part.storage, gguf.type(of: stored.place) == type,
          let bytes = gguf.bytes(of: stored.place)
        {
          made.append(
            .init(name: part.name, shape: shape, type: type) { take in
              try take(bytes)
              gguf.release(stored.place)
            })
          continue
        }
        if let storedType, storedType.plain == nil, storedType != type, type.plain == nil { again.insert(storedType) }
        made.append(
          .init(name: part.name, shape: shape, type: type) { [model] take in
            try Self.encode(model, entry.name, rows: rows, storage: part.storage, as: type, take)
            if rows.upperBound == entry.shape[0] { model.release(entry.name) }
          })
      }
    }
    if !again.isEmpty {
      report.notes.append(
        "blocks of \(again.map(\.description).sorted().joined(separator: ", ")) are rounded a second time: convert from the "
          + "publisher's float weights where you can")
    }
    return made
  }

  /// Hands a tensor over in pieces of some megabytes.
  private static func encode(
    _ model: StoredModel, _ name: String, rows: Range<Int>, storage: CheckpointLayout.Storage, as type: BlockType,
    _ take: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    do {
      try withoutGradients {
        guard storage == .plain else {
          return try type.encoded(storage.stored(try model.parameter(name, rows: rows))).withUnsafeBytes(take)
        }
        let width = try model.parameter(name, rows: rows.lowerBound..<rows.lowerBound + 1).count
        for start in stride(from: rows.lowerBound, to: rows.upperBound, by: max(1, (16 << 20) / width)) {
          let some = start..<min(start + max(1, (16 << 20) / width), rows.upperBound)
          try type.encoded(try model.parameter(name, rows: some)).withUnsafeBytes(take)
        }
      }
    } catch let error as TorchError {
      throw CheckpointError(path: model.place.path, message: "\(name): \(error.message)")
    }
  }

  // MARK: Folders

  /// Writes a Hugging Face folder: config.json, safetensors, tokenizer.
  ///
  /// - Parameters:
  ///   - dtype: the type of the weights; nil keeps a folder's, and restores blocks to float32.
  public func writeFolder(to folder: URL, dtype: DType? = nil) throws -> Report {
    guard folder.standardizedFileURL.path != model.base.standardizedFileURL.path else {
      throw CheckpointError(path: folder.path, message: "a model can't be written over itself: give another folder")
    }
    let kept = model.storedType(of: "embed_tokens.weight")?.plain
    let dtype = dtype ?? kept ?? .float32
    var report = Report()
    var tensors: [Safetensors.Pending] = []
    for entry in CheckpointLayout.of(configuration).entries {
      var row = 0
      for part in entry.parts {
        let rows = row..<row + part.rows
        row += part.rows
        var shape = [part.rows] + entry.shape.dropFirst()
        if part.storage == .transposed { shape.reverse() }
        tensors.append(
          .init(part.name, shape: shape, dtype: dtype) { [model] in
            defer { if rows.upperBound == entry.shape[0] { model.release(entry.name) } }
            return try withoutGradients {
              part.storage.stored(try model.parameter(entry.name, rows: rows)).to(dtype).contiguous().clone()
            }
          })
      }
    }
    for (name, tensor) in model.extra.sorted(by: { $0.key < $1.key }) {
      tensors.append(.init(name, shape: tensor.shape, dtype: tensor.dtype) { tensor })
    }
    try Safetensors.write(tensors, toFolder: folder)
    try Checkpoint.writeDescription(of: configuration, tokenizer, dtype: dtype, to: folder)
    let settings = model.base.appendingPathComponent("generation_config.json")
    if let text = try? Data(contentsOf: settings) {
      try DurableFile.write(text, to: folder.appendingPathComponent("generation_config.json").path)
    }
    report.tensors[dtype.name] = tensors.count
    report.bytes = tensors.reduce(0) { $0 + $1.shape.reduce(1, *) * $1.dtype.size }
    return report
  }
}
