import Documents
public import Foundation
public import NeuralNetworks
public import Tokenization
public import Torch

// Several models over one base: a policy, a value function and a reward model that each are a set of adapters over the
// same weights, and the reference that is the base itself.

extension Decoder {
  /// The set of adapters that this model runs with; nil for a model of its own.
  public var adapters: LowRankAdapters? { adapted.adapters }

  /// The trained parts: the adapters where there are some, else the whole model.
  public var trained: Module { adapters ?? self }

  /// Asks for gradients of what is trained, and of nothing else.
  public func requireTraining() {
    guard let adapters else { return requireGradients() }
    requireGradients(false)
    adapters.requireGradients()
  }

  /// Another model with the same weights, the same tensors and not copies, and with these adapters beside them.
  ///
  /// ```swift
  /// let base = try Checkpoint.load(folder).model
  /// let policy = try base.adapted(.init(rank: 8), generator: generator)     // base + A
  /// let value = try base.adapted(.init(rank: 8), generator: generator)      // base + B
  /// // base itself is the reference; all three take the memory of one, and of the adapters.
  /// ```
  /// A change to the base's weights shows in every model over it; moving it to another device or type does not.
  /// - Throws: `AdapterError` if the model lacks one of the configuration's targets.
  public func adapted(
    _ configuration: LowRankConfiguration, generator: Generator
  ) throws -> Decoder {
    let random = RandomSource(seed: 0)
    var configuration = configuration
    configuration.isTransposed = self.configuration.family.description.names.transposesLinears
    configuration.task = configuration.task ?? "CAUSAL_LM"
    let made = try adapted(
      LowRankAdapters(configuration, for: self, random: random, generator: generator))
    made.random = random
    return made
  }

  /// The same with a set that exists, such as one read from a file.
  public func adapted(_ adapters: LowRankAdapters) throws -> Decoder {
    let made = Decoder(sharing: self)
    try adapters.attach(to: made)
    made.adapted.adapters = adapters
    return made
  }
}

extension Checkpoint {
  /// Whether a folder holds adapters rather than a model.
  public static func hasAdapters(_ folder: URL) -> Bool {
    FileManager.default.fileExists(
      atPath: folder.appendingPathComponent(LowRankAdapters.configurationFile).path)
  }

  /// Whether a folder's adapters are DoRA's, which measure the rows of the weights in full.
  public static func measuresRows(_ folder: URL) throws -> Bool {
    try LowRankAdapters.configuration(of: folder).isWeightDecomposed
  }

  /// Puts the adapters of a folder, PEFT's or ours, over a base.
  ///
  /// - Returns: the model, and the tensors in the folder that are trained whole (a head), by their names.
  /// - Throws: `AdapterError` that names the file.
  public static func loadAdapters(
    _ folder: URL, over base: Decoder
  ) throws -> (model: Decoder, extra: [String: Tensor]) {
    let configuration = try LowRankAdapters.configuration(of: folder)
    let model = try base.adapted(configuration, generator: Generator(seed: 0, device: base.device))
    guard let adapters = model.adapters else { return (model, [:]) }
    return (model, try adapters.load(from: folder))
  }

  /// Reads a folder of adapters together with the base that its settings name, merged into one model.
  ///
  /// The base may be such a folder itself: adapters that were trained over a model with adapters stand over both, merged. Beside
  /// weights in blocks all of them stay as they are.
  static func loadMerged(_ folder: URL, dtype: DType, device: Device, keepingBlocks: Bool = false) throws -> Decoder {
    let (place, chain) = try adapterChain(from: folder)
    // Rows with magnitudes of their own need the weights in full.
    let keepsBlocks =
      try keepingBlocks && !chain.contains { try LowRankAdapters.configuration(of: $0).isWeightDecomposed }
    let base = try loadModel(place, dtype: dtype, device: device, keepingBlocks: keepsBlocks)
    for folder in chain {
      let (model, _) = try loadAdapters(folder, over: base)
      try model.adapters?.merge(into: base)
    }
    return base
  }

  /// The place of the model that a folder's adapters are for; nil for a folder of another kind.
  public static func base(ofAdapters folder: URL) throws -> URL? {
    guard hasAdapters(folder) else { return nil }
    return try base(of: try LowRankAdapters.configuration(of: folder), in: folder)
  }

  private static func base(of configuration: LowRankConfiguration, in folder: URL) throws -> URL {
    let file = folder.appendingPathComponent(LowRankAdapters.configurationFile).path
    guard let name = configuration.base else {
      throw CheckpointError(
        path: file, message: "base_model_name_or_path does not say which model these adapters are for")
    }
    let place = name.hasPrefix("/") ? URL(fileURLWithPath: name) : folder.appendingPathComponent(name)
    guard FileManager.default.fileExists(atPath: place.path) else {
      throw CheckpointError(
        path: folder.path,
        message:
          "these adapters are for the model '\(name)', and there is no such file or folder: put it back, or name its new "
          + "place under base_model_name_or_path in \(LowRankAdapters.configurationFile)")
    }
    if let trained = configuration.baseFingerprint, let found = Fingerprint.ofWeights(place.path), found != trained {
      throw CheckpointError(
        path: folder.path,
        message:
          "these adapters were trained over another model than '\(name)' is now (\(trained) then, \(found) now): put that one "
          + "back, or name its place under base_model_name_or_path in \(LowRankAdapters.configurationFile)")
    }
    return place
  }

  /// The place of the model under all adapters that stand over each other; the place itself for a model.
  ///
  /// - Throws: ``CheckpointError`` for a base that isn't there, is another one by now, or stands over itself.
  public static func base(underAdapters place: URL) throws -> URL { try adapterChain(from: place).base }

  /// Follows the bases that adapters name: the model under all of them, and their folders from the innermost on; none for a model.
  static func adapterChain(from place: URL) throws -> (base: URL, adapters: [URL]) {
    var (base, chain, seen) = (place, [URL](), Set<String>())
    while hasAdapters(base) {
      guard seen.insert(base.resolvingSymlinksInPath().path).inserted else {
        throw CheckpointError(path: base.path, message: "these adapters name each other as their base")
      }
      let next = try Self.base(of: try LowRankAdapters.configuration(of: base), in: base)
      chain.insert(base, at: 0)
      base = next
    }
    return (try located(base), chain)
  }

  /// Writes what is trained of a model: its adapters in PEFT's layout where it has some, else the whole.
  public static func saveTrained(
    _ model: Decoder, tokenizer: Tokenizer?, to folder: URL, extra: [(String, Tensor)] = []
  ) throws {
    guard let adapters = model.adapters else {
      return try save(model, tokenizer: tokenizer, to: folder, extra: extra)
    }
    try adapters.save(to: folder, extra: extra)
    try tokenizer?.write(to: folder)
  }

  /// Reads back what ``saveTrained(_:tokenizer:to:extra:)`` wrote, into the same model.
  public static func loadTrained(_ folder: URL, into model: Decoder) throws {
    guard let adapters = model.adapters else { return try loadWeights(folder, into: model) }
    try adapters.load(from: folder)
  }
}

extension CheckpointLayout {
  /// The linear layers of a decoder, each published one with its rows.
  func adaptableLayers(of model: Decoder) -> [AdaptableLayer] {
    var linear: [String: Linear] = [:]
    for (i, layer) in model.layers.enumerated() {
      linear["layers.\(i).self_attn.qkv_proj.weight"] = layer.attention?.queryKeyValue
      linear["layers.\(i).self_attn.o_proj.weight"] = layer.attention?.output
      for (name, layer) in layer.latentAttention?.adaptable ?? [] {
        linear["layers.\(i).self_attn.\(name).weight"] = layer
      }
      // Of several feed-forward parts only the shared one: what the others get depends on the router.
      for (name, part) in [("mlp", layer.feedForward), ("mlp.shared_expert", layer.experts?.shared)] {
        linear["layers.\(i).\(name).up_proj.weight"] = part?.up
        linear["layers.\(i).\(name).down_proj.weight"] = part?.down
      }
    }
    return entries.flatMap { entry -> [AdaptableLayer] in
      guard let layer = linear[entry.name] else { return [] }
      var row = 0
      return entry.parts.map { part in
        defer { row += part.rows }
        return AdaptableLayer(
          path: String(part.name.dropLast(".weight".count)), layer: layer,
          rows: entry.parts.count == 1 ? nil : row..<row + part.rows)
      }
    }
  }
}
