import Documents
public import Foundation
import NeuralNetworks
public import Tokenization
import Torch

extension WhisperModel {
  /// What a folder holds besides weights.
  public struct Companions {
    /// The tokenizer.
    public var tokenizer: Tokenizer
    /// Tokens that are never drawn: signs that nobody speaks, and control tokens.
    public var suppressed: [Int]
    /// Tokens that a text doesn't begin with.
    public var suppressedAtBegin: [Int]
  }

  /// Reads the weights of a folder of `transformers` (`config.json`, `*.safetensors`) or of CTranslate2 (`model.bin`).
  ///
  /// - Throws: ``WhisperError``, or safetensors' own error, each with its path.
  public static func load(_ folder: URL) throws -> WhisperModel {
    let manager = FileManager.default
    func has(_ name: String) -> Bool { manager.fileExists(atPath: folder.appendingPathComponent(name).path) }
    guard manager.fileExists(atPath: folder.path) else {
      throw DataError(
        .noInput, path: folder.path, problem: "there is no such folder",
        advice: "Scripts/fetch-models whisper-base makes models/whisper-base.")
    }
    let isConverted = has("model.bin") && !has(Safetensors.fileName) && !has(Safetensors.indexName)
    guard isConverted || has("config.json") else {
      throw WhisperError(
        path: folder.path, message: "there is neither a config.json with safetensors nor CTranslate2's model.bin")
    }
    return try isConverted
      ? converted(CTranslate2File(folder.appendingPathComponent("model.bin"))) : huggingFace(folder)
  }

  /// Reads the tokenizer of a folder and which tokens its settings suppress.
  ///
  /// - Throws: a tokenizer's or JSON file's own error.
  public static func companions(of folder: URL) throws -> Companions {
    var lists: [String: [Int]] = [:]
    // The generation's settings stand over the model's; CTranslate2 has its own names in its own file.
    for name in ["config.json", "generation_config.json"] {
      let path = folder.appendingPathComponent(name).path
      guard FileManager.default.fileExists(atPath: path) else { continue }
      let json = try JSONValue(contentsOf: path)
      for (key, ours) in [
        ("suppress_tokens", "all"), ("suppress_ids", "all"), ("begin_suppress_tokens", "begin"),
        ("suppress_ids_begin", "begin"),
      ] {
        if let list = json[key]?.array { lists[ours] = list.compactMap(\.int) }
      }
    }
    return Companions(
      tokenizer: try Tokenizer(contentsOf: folder), suppressed: lists["all"] ?? [],
      suppressedAtBegin: lists["begin"] ?? [])
  }

  private static func huggingFace(_ folder: URL) throws -> WhisperModel {
    let path = folder.appendingPathComponent("config.json").path
    let c = try WhisperConfiguration(huggingFace: JSONValue(contentsOf: path), path: path)
    let file = try Safetensors(folder)
    try TorchLibrary.load()
    let model = WhisperModel(c)
    var state: [String: Tensor] = [:]
    for name in file.names {
      // The head is the table of tokens; some files leave the first part of the names out.
      if name == "proj_out.weight" { continue }
      state[name.hasPrefix("model.") ? name : "model.\(name)"] = try file.tensor(name)
    }
    try model.load(state)
    return model
  }

  private static func converted(_ file: CTranslate2File) throws -> WhisperModel {
    guard file.specification == "WhisperSpec" else {
      throw WhisperError(path: file.url.path, message: "this is a \(file.specification), not a WhisperSpec")
    }
    var c = WhisperConfiguration()
    func layers(_ part: String) -> Int {
      (0...).first { !file.contains("\(part)/layer_\($0)/ffn/linear_0/weight") } ?? 0
    }
    guard let conv = file.shape(of: "encoder/conv1/weight"), conv.count == 3,
      let table = file.shape(of: "decoder/embeddings/weight"), table.count == 2,
      let source = file.shape(of: "encoder/position_encodings/encodings"), source.count == 2,
      let target = file.shape(of: "decoder/position_encodings/encodings"), target.count == 2,
      let encoderInner = file.shape(of: "encoder/layer_0/ffn/linear_0/weight"), encoderInner.count == 2,
      let inner = file.shape(of: "decoder/layer_0/ffn/linear_0/weight"), inner.count == 2
    else { throw WhisperError(path: file.url.path, message: "a table of a Whisper model is missing") }
    (c.width, c.melBands, c.vocabularySize) = (conv[0], conv[1], table[0])
    (c.sourcePositions, c.targetPositions) = (source[0], target[0])
    (c.encoderLayers, c.decoderLayers) = (layers("encoder"), layers("decoder"))
    (c.encoderFeedForwardWidth, c.feedForwardWidth) = (encoderInner[0], inner[0])
    (c.heads, c.decoderHeads) = (try file.number("encoder/num_heads"), try file.number("decoder/num_heads"))
    guard c.heads > 0, c.decoderHeads > 0, c.width % c.heads == 0, c.width % c.decoderHeads == 0 else {
      throw WhisperError(path: file.url.path, message: "\(c.width) features don't fall into \(c.heads) heads")
    }
    try TorchLibrary.load()
    let model = WhisperModel(c)
    try model.load(try ConvertedNames(file: file, width: c.width).state(c))
    return model
  }
}

/// The way from CTranslate2's names to those of `transformers`.
private struct ConvertedNames {
  let file: CTranslate2File
  let width: Int
  private var state: [String: Tensor] = [:]

  init(file: CTranslate2File, width: Int) {
    self.file = file
    self.width = width
  }

  mutating func read(_ c: WhisperConfiguration) throws {
    for (part, count) in [("encoder", c.encoderLayers), ("decoder", c.decoderLayers)] {
      state["model.\(part).embed_positions.weight"] = try file.tensor("\(part)/position_encodings/encodings")
      try norm("model.\(part).layer_norm", "\(part)/layer_norm")
      for i in 0..<count {
        let (ours, theirs) = ("model.\(part).layers.\(i).", "\(part)/layer_\(i)/")
        try attention(ours + "self_attn", theirs + "self_attention", isFused: true)
        if part == "decoder" { try attention(ours + "encoder_attn", theirs + "attention", isFused: false) }
        try norm(ours + "final_layer_norm", theirs + "ffn/layer_norm")
        try linear(ours + "fc1", theirs + "ffn/linear_0")
        try linear(ours + "fc2", theirs + "ffn/linear_1")
      }
    }
    for i in 1...2 { try linear("model.encoder.conv\(i)", "encoder/conv\(i)") }
    state["model.decoder.embed_tokens.weight"] = try file.tensor("decoder/embeddings/weight")
  }

  func state(_ c: WhisperConfiguration) throws -> [String: Tensor] {
    var made = self
    try made.read(c)
    return made.state
  }

  private mutating func norm(_ ours: String, _ theirs: String) throws {
    state["\(ours).weight"] = try file.tensor("\(theirs)/gamma")
    state["\(ours).bias"] = try file.tensor("\(theirs)/beta")
  }

  private mutating func linear(_ ours: String, _ theirs: String) throws {
    state["\(ours).weight"] = try file.tensor("\(theirs)/weight")
    state["\(ours).bias"] = try file.tensor("\(theirs)/bias")
  }

  /// Queries, keys and values lie in one matrix, or queries in one and the others in a second; keys have a bias of zeros there.
  private mutating func attention(_ ours: String, _ theirs: String, isFused: Bool) throws {
    try norm("\(ours)_layer_norm", "\(theirs)/layer_norm")
    let names = isFused ? ["q_proj", "k_proj", "v_proj"] : ["k_proj", "v_proj"]
    if !isFused { try linear("\(ours).q_proj", "\(theirs)/linear_0") }
    let fused = "\(theirs)/linear_\(isFused ? 0 : 1)"
    for (suffix, rank) in [("weight", 2), ("bias", 1)] {
      let whole = try file.tensor("\(fused)/\(suffix)")
      guard whole.rank == rank, whole.size(0) == names.count * width else {
        throw WhisperError(path: file.url.path, message: "\(fused)/\(suffix) has the shape \(whole.shape)")
      }
      for (i, name) in names.enumerated() where !(name == "k_proj" && suffix == "bias") {
        state["\(ours).\(name).\(suffix)"] = whole.slice(i * width..<(i + 1) * width)
      }
    }
    try linear("\(ours).out_proj", "\(theirs)/linear_\(isFused ? 1 : 2)")
  }
}
