import Documents
public import Foundation
import NeuralNetworks
public import Tokenization
public import Torch

/// A model on disk: a Hugging Face folder with `config.json`, safetensors and a tokenizer, or one GGUF file.
///
/// What this writes, a folder always, `transformers` loads with the same logits, and the reverse.
public enum Checkpoint {
  /// Reads a model and, if the folder or GGUF file has one, its tokenizer.
  ///
  /// Files are mapped and read one tensor at a time, so that hardly more memory is needed than the model takes.
  /// - Parameters:
  ///   - dtype: the type of the weights in memory, whatever the file holds.
  ///   - keepingBlocks: whether the matrices of a GGUF file, also of one that a folder's adapters stand over, stay in its blocks, on the
  ///     CPU: the model then takes the file's size, and its products are those of ``PackedLinear/init(blocks:inputs:bias:)``.
  /// - Throws: ``CheckpointError``, ``ConfigurationError`` or a tokenizer's or safetensors' own error, each with its path.
  public static func load(
    _ folder: URL, dtype: DType = .float32, device: Device = .cpu, keepingBlocks: Bool = false
  ) throws -> (model: Decoder, tokenizer: Tokenizer?) {
    let folder = try located(folder)
    if GGUFFile.isOne(folder) {
      let file = try GGUFFile(folder)
      let tokenizer = try tokenizer(of: file)
      let model = try loadGGUF(file, dtype: dtype, device: device, keepingBlocks: keepingBlocks)
      try check(tokenizer, fits: model, folder)
      return (model, tokenizer)
    }
    let model =
      hasAdapters(folder)
      ? try loadMerged(folder, dtype: dtype, device: device, keepingBlocks: keepingBlocks)
      : try loadModel(folder, dtype: dtype, device: device)
    let tokenizerFile = folder.appendingPathComponent("tokenizer.json")
    guard FileManager.default.fileExists(atPath: tokenizerFile.path) else { return (model, nil) }
    let tokenizer = try Tokenizer(contentsOf: folder)
    try check(tokenizer, fits: model, folder)
    return (model, tokenizer)
  }

  static func check(_ tokenizer: Tokenizer?, fits model: Decoder, _ place: URL) throws {
    let (words, rows) = (tokenizer?.vocabularySize ?? 0, model.configuration.vocabularySize)
    guard words <= rows else {
      throw CheckpointError(
        path: place.path,
        message: "the tokenizer has \(words) tokens and the model's vocabulary only \(rows): "
          + "they don't belong together")
    }
  }

  /// Reads a model without its tokenizer.
  public static func loadModel(
    _ folder: URL, dtype: DType = .float32, device: Device = .cpu, keepingBlocks: Bool = false
  ) throws -> Decoder {
    let folder = try located(folder)
    if GGUFFile.isOne(folder) {
      return try loadGGUF(try GGUFFile(folder), dtype: dtype, device: device, keepingBlocks: keepingBlocks)
    }
    let configuration = try loadConfiguration(folder)
    let file = try weights(of: folder)
    try CheckpointLayout.checkSize(configuration, file, path: folder.path)
    let layout = CheckpointLayout.of(configuration)
    // Before memory is taken for a model of these sizes.
    _ = try layout.locate(in: file, path: folder.path)
    try TorchLibrary.load()
    let model = Decoder(configuration, weights: InitialWeights(dtype: dtype, device: device))
    try layout.fromDisk(file, into: model.parameters, path: folder.path)
    return model
  }

  /// Overwrites a model's weights with a folder's.
  ///
  /// Tensors whose names begin with `score.` belong to a head on top and are left to whoever wrote them.
  public static func loadWeights(_ folder: URL, into model: Decoder) throws {
    try CheckpointLayout.of(model.configuration)
      .fromDisk(try weights(of: folder), into: model.parameters, path: folder.path)
  }

  /// Reads a folder's `config.json`, or a GGUF file's metadata.
  public static func loadConfiguration(_ folder: URL) throws -> DecoderConfiguration {
    let folder = try located(folder)
    if GGUFFile.isOne(folder) { return try configuration(of: try GGUFFile(folder)) }
    let file = folder.appendingPathComponent("config.json")
    guard FileManager.default.fileExists(atPath: file.path) else { throw noModel(at: folder) }
    var configuration: DecoderConfiguration
    do { configuration = try DecoderConfiguration(huggingFace: try Data(contentsOf: file)) } catch let error
      as ConfigurationError
    { throw CheckpointError(path: file.path, message: error.description) }
    // Chat models name the end of a turn there and not in config.json.
    for id in try GenerationDefaults(folder: folder).ends where !configuration.isEnd(id) {
      guard id >= 0, id < configuration.vocabularySize else {
        throw CheckpointError(
          path: folder.appendingPathComponent("generation_config.json").path,
          message: "eos_token_id \(id) lies outside the vocabulary of \(configuration.vocabularySize)")
      }
      if configuration.endOfText == nil { configuration.endOfText = id } else { configuration.otherEnds.append(id) }
    }
    return configuration
  }

  /// Writes a model into a folder, which is made if need be.
  ///
  /// Files are replaced one by one, each whole or not at all; a caller that needs all or nothing writes to a fresh folder
  /// and renames it.
  public static func save(
    _ model: Decoder, tokenizer: Tokenizer?, to folder: URL,
    extra: [(String, Tensor)] = []
  ) throws {
    guard !model.isQuantized else {
      throw CheckpointError(
        path: folder.path,
        message: "the model's layers were quantized and can't be written: write its adapters, or load it in full")
    }
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw CheckpointError(path: folder.path, message: "can't make the folder: \(error.localizedDescription)")
    }
    let tensors = withoutGradients {
      CheckpointLayout.of(model.configuration).toDisk(model.parameters)
    }
    try Safetensors.write(tensors + extra, toFolder: folder)
    try writeDescription(of: model.configuration, tokenizer, to: folder)
  }

  /// Writes all of a folder but its weights.
  ///
  /// - Parameter dtype: the type that the weights are said to have.
  static func writeDescription(
    of configuration: DecoderConfiguration, _ tokenizer: Tokenizer?, dtype: DType = .float32, to folder: URL
  ) throws {
    var json = configuration.huggingFaceJSON
    json["torch_dtype"] = .string(dtype.name)
    try write(json, to: folder.appendingPathComponent("config.json"))
    var generation: [String: JSONValue] = ["_from_model_config": true]
    for key in ["bos_token_id", "eos_token_id"] {
      if let id = json[key], !id.isNull { generation[key] = id }
    }
    try write(generation, to: folder.appendingPathComponent("generation_config.json"))
    try tokenizer?.write(to: folder)
  }

  /// Numbers keep their kind: `transformers` refuses 4 where it wants 4.0.
  private static func write(_ json: [String: JSONValue], to file: URL) throws {
    let sorted = json.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) }
    let text = JSONValue.object(JSONObject(sorted)).serialized(indent: 2) + "\n"
    try DurableFile.write(text, to: file.path)
  }
}
