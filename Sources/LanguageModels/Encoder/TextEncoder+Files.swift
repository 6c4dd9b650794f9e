import Documents
public import Foundation
import NeuralNetworks
public import Tokenization
public import Torch

extension TextEncoder {
  /// Whether a folder's or GGUF file's model is an encoder.
  public static func isOne(_ url: URL) -> Bool {
    if GGUFFile.isOne(url) {
      return (try? GGUFFile(url)).map { $0.metadata["general.architecture"]?.string == Self.ggufName } ?? false
    }
    guard let data = try? Data(contentsOf: url.appendingPathComponent("config.json")) else { return false }
    let name = (try? JSONValue(parsing: [UInt8](data)))?["model_type"]?.string
    return name.flatMap(EncoderConfiguration.Family.init) != nil
  }

  /// Reads an encoder, and its tokenizer if there is one, from a Hugging Face folder or a GGUF file.
  ///
  /// - Throws: ``CheckpointError``, a tokenizer's or safetensors' own error, each with its path.
  public static func load(_ url: URL, device: Device = .cpu) throws -> (model: TextEncoder, tokenizer: Tokenizer?) {
    if GGUFFile.isOne(url) { return try loadGGUF(GGUFFile(url), device: device) }
    let settings = url.appendingPathComponent("config.json")
    guard FileManager.default.fileExists(atPath: settings.path) else {
      throw CheckpointError(path: url.path, message: "no config.json in this folder: is it a Hugging Face checkpoint?")
    }
    let found: EncoderConfiguration?
    do { found = try EncoderConfiguration(huggingFace: Data(contentsOf: settings)) } catch let error
      as ConfigurationError
    { throw CheckpointError(path: settings.path, message: error.description) }
    guard let c = found else {
      throw CheckpointError(
        path: settings.path,
        message: "this is no encoder's; supported are "
          + EncoderConfiguration.Family.allCases.map(\.rawValue).joined(separator: ", "))
    }
    let model = try read(c, RenamedWeights(file: try Safetensors(url)), names: c.names, path: url.path, device: device)
    guard FileManager.default.fileExists(atPath: url.appendingPathComponent("tokenizer.json").path) else {
      return (model, nil)
    }
    return (model, try Tokenizer(contentsOf: url))
  }

  private static func read(
    _ c: EncoderConfiguration, _ file: some WeightFile, names: TensorNames, path: String, device: Device
  ) throws -> TextEncoder {
    guard c.layers <= file.names.count else {
      throw CheckpointError(
        path: path, message: "config.json has \(c.layers) layers and the file only \(file.names.count) tensors")
    }
    var layout = CheckpointLayout(c.parameters, names: names, keyRows: c.width)
    // Heads for masked words, next sentences and classes, and the layer that they read.
    layout.ignoredPrefixes += [
      "cls.", "lm_head.", "classifier.", "qa_outputs.", "vocab_", "pooler.", "pre_classifier.",
    ]
    layout.ignoredPrefixes.append(names.prefix + "pooler.")
    _ = try layout.locate(in: file, path: path)
    try TorchLibrary.load()
    let model = TextEncoder(c, weights: InitialWeights(dtype: .float32, device: device))
    try layout.fromDisk(file, into: model.parameters, path: path)
    return model
  }

  // MARK: GGUF

  /// The architecture's name in GGUF files.
  private static let ggufName = "bert"

  private static func loadGGUF(_ file: GGUFFile, device: Device) throws -> (model: TextEncoder, tokenizer: Tokenizer?) {
    let path = file.url.path
    do {
      let reader = ConfigurationReader(file.metadata.under("bert."), place: ggufName)
      guard let table = file.shape(of: "token_embd.weight"), table.count == 2,
        let positions = file.shape(of: "position_embd.weight")
      else { throw ConfigurationError("there is no table of tokens or of positions") }
      var c = EncoderConfiguration(family: .bert)
      (c.vocabularySize, c.positions) = (table[0], positions[0])
      c.width = try reader.int("embedding_length")
      c.layers = try reader.int("block_count")
      c.heads = try reader.int("attention.head_count")
      c.feedForwardWidth = try reader.int("feed_forward_length")
      // Stored in single precision.
      let epsilon = try reader.optionalDouble("attention.layer_norm_epsilon") ?? 1e-12
      c.normEpsilon = Double("\(Float(epsilon))") ?? epsilon
      c.segments = file.shape(of: "token_types.weight")?.first ?? 0
      // The converter leaves out the rows that RoBERTa's padding takes.
      c.firstPosition = 0
      try reader.require("attention.causal", false)
      try c.validate()
      let names = TensorNames(
        prefix: "", tokenEmbedding: "token_embd", positionEmbedding: "position_embd", layer: "blk.#.",
        parts: [
          "self_attn.qkv_proj": ["attn_q", "attn_k", "attn_v"], "self_attn.o_proj": ["attn_output"],
          "attention_norm": ["attn_output_norm"], "mlp.up_proj": ["ffn_up"], "mlp.down_proj": ["ffn_down"],
          "output_norm": ["layer_output_norm"],
        ], norm: "token_embd_norm", others: ["embed_segments": "token_types"])
      let model = try read(c, file, names: names, path: path, device: device)
      return (model, try Checkpoint.tokenizer(of: file))
    } catch let error as ConfigurationError {
      throw CheckpointError(path: path, message: error.description)
    }
  }
}

extension JSONObject {
  /// The members whose keys begin with this, without it.
  fileprivate func under(_ prefix: String) -> JSONObject {
    JSONObject(
      members.compactMap { member in
        member.key.hasPrefix(prefix) ? (key: String(member.key.dropFirst(prefix.count)), value: member.value) : nil
      })
  }
}

extension EncoderConfiguration {
  /// The parameters and their shapes, in the order in which ``TextEncoder`` lists them.
  var parameters: [(name: String, shape: [Int])] {
    var found: [(String, [Int])] = [
      ("embed_tokens.weight", [vocabularySize, width]), ("embed_positions.weight", [positions, width]),
    ]
    func linear(_ name: String, _ rows: Int, _ columns: Int) {
      found += [("\(name).weight", [rows, columns]), ("\(name).bias", [rows])]
    }
    func norm(_ name: String) { found += [("\(name).weight", [width]), ("\(name).bias", [width])] }
    if segments > 0 { found.append(("embed_segments.weight", [segments, width])) }
    norm("norm")
    if distances > 0 { found.append(("distance_bias.weight", [distances, heads])) }
    for i in 0..<layers {
      let layer = "layers.\(i)."
      linear("\(layer)self_attn.qkv_proj", 3 * width, width)
      linear("\(layer)self_attn.o_proj", width, width)
      norm("\(layer)attention_norm")
      linear("\(layer)mlp.up_proj", feedForwardWidth, width)
      linear("\(layer)mlp.down_proj", width, feedForwardWidth)
      norm("\(layer)output_norm")
    }
    return found
  }

  /// The names of a family's tensors.
  var names: TensorNames {
    let (prefix, layer, parts): (String, String, [String: [String]])
    switch family {
    case .distilbert:
      prefix = "distilbert."
      layer = "transformer.layer.#."
      parts = [
        "self_attn.qkv_proj": ["attention.q_lin", "attention.k_lin", "attention.v_lin"],
        "self_attn.o_proj": ["attention.out_lin"], "attention_norm": ["sa_layer_norm"],
        "mlp.up_proj": ["ffn.lin1"], "mlp.down_proj": ["ffn.lin2"], "output_norm": ["output_layer_norm"],
      ]
    case .mpnet:
      prefix = "mpnet."
      layer = "encoder.layer.#."
      parts = [
        "self_attn.qkv_proj": ["attention.attn.q", "attention.attn.k", "attention.attn.v"],
        "self_attn.o_proj": ["attention.attn.o"], "attention_norm": ["attention.LayerNorm"],
        "mlp.up_proj": ["intermediate.dense"], "mlp.down_proj": ["output.dense"], "output_norm": ["output.LayerNorm"],
      ]
    case .bert, .roberta, .xlmRoberta, .camembert:
      prefix = family == .bert ? "bert." : "roberta."
      layer = "encoder.layer.#."
      parts = [
        "self_attn.qkv_proj": ["attention.self.query", "attention.self.key", "attention.self.value"],
        "self_attn.o_proj": ["attention.output.dense"], "attention_norm": ["attention.output.LayerNorm"],
        "mlp.up_proj": ["intermediate.dense"], "mlp.down_proj": ["output.dense"], "output_norm": ["output.LayerNorm"],
      ]
    }
    return TensorNames(
      prefix: prefix, tokenEmbedding: "embeddings.word_embeddings",
      positionEmbedding: "embeddings.position_embeddings", layer: layer, parts: parts, norm: "embeddings.LayerNorm",
      ignoredSuffixes: ["position_ids", "embeddings.token_type_ids"],
      others: [
        "embed_segments": "embeddings.token_type_embeddings",
        "distance_bias": "encoder.relative_attention_bias",
      ])
  }
}

/// A file whose norms' tensors may have the names that TensorFlow gave them: `gamma` and `beta`.
private struct RenamedWeights: WeightFile {
  let file: Safetensors
  let names: [String]
  private let originals: [String: String]

  init(file: Safetensors) {
    self.file = file
    let pairs = file.names.map { name -> (String, String) in
      for (old, new) in [(".gamma", ".weight"), (".beta", ".bias")] where name.hasSuffix(old) {
        return (String(name.dropLast(old.count)) + new, name)
      }
      return (name, name)
    }
    names = pairs.map(\.0)
    originals = Dictionary(pairs) { first, _ in first }
  }

  private func original(_ name: String) -> String { originals[name] ?? name }
  func shape(of name: String) -> [Int]? { file.shape(of: original(name)) }
  func tensor(_ name: String) throws -> Tensor { try file.tensor(original(name)) }
  func release(_ name: String) { file.release(original(name)) }
}
