public import Documents
public import Torch

/// A set of low-rank adapters for one network: a module of its own, so that several sets can share a frozen base.
///
/// A policy, a value function and a reward model can each be a set over the same weights, and the reference policy is the
/// base with no set attached. The state dict has PEFT's names (`base_model.model.PATH.lora_A.weight`), as an
/// `adapter_model.safetensors` holds them.
///
/// ```swift
/// model.requireGradients(false)
/// let adapters = try LowRankAdapters(.init(rank: 8, targets: ["q_proj", "v_proj"]), for: model, generator: generator)
/// adapters.requireGradients()
/// let optimizer = AdamW(ParameterGroup.standard(for: adapters, weightDecay: 0))
/// let policy = try adapters.attached(to: model) { model(tokens) }
/// let reference = withoutGradients { model(tokens) }
/// ```
public final class LowRankAdapters: Module {
  /// The rank and the targets.
  public let configuration: LowRankConfiguration
  /// The adapters by the path of their layer in the network.
  @Child("base_model.model") public private(set) var layers: [String: LowRankAdapter]
  private var originals = Originals()

  /// The weights before ``merge(into:keepingOriginals:)``, hidden from the search for parameters.
  private struct Originals { var weights: [String: Tensor] = [:] }

  /// Fresh adapters for every layer of `module` that the configuration names; nothing is attached yet.
  ///
  /// - Parameters:
  ///   - random: what dropout draws from; needed where the configuration has some.
  ///   - generator: draws the adapters' A.
  /// - Throws: ``AdapterError`` if no layer has one of the names, or some name fits none.
  public init(
    _ configuration: LowRankConfiguration, for module: Module, random: RandomSource? = nil,
    generator: Generator
  ) throws {
    precondition(
      configuration.dropout == 0 || random != nil, "adapters with dropout need a RandomSource")
    self.configuration = configuration
    super.init()
    let known = module.adaptableLayers
    let isAll = configuration.targets == [LowRankConfiguration.allLinear]
    for target in configuration.targets where !isAll {
      guard !known.contains(where: { $0.isNamed(by: [target]) }) else { continue }
      let names = Set(known.map { $0.path.split(separator: ".").last.map(String.init) ?? $0.path })
      throw AdapterError(
        description: "no linear layer is called \(target); the model has "
          + names.sorted().joined(separator: ", "))
    }
    var made: [String: LowRankAdapter] = [:]
    for place in known where isAll || place.isNamed(by: configuration.targets) {
      let weight = place.weight
      guard !(place.layer.isQuantized && configuration.isWeightDecomposed) else {
        throw AdapterError(
          description: "DoRA measures the base's rows, and those of \(place.path) were quantized: train LoRA over it, "
            + "or DoRA over the model in full")
      }
      let adapter = LowRankAdapter(
        inputs: weight.size(1), outputs: place.outputs, rank: configuration.rank,
        scale: configuration.scale,
        dropout: configuration.dropout > 0
          ? random.map { Dropout(configuration.dropout, random: $0) } : nil,
        generator: generator)
      adapter.to(weight.dtype, device: weight.device)
      if configuration.isWeightDecomposed { adapter.decompose(weight) }
      made[place.path] = adapter
    }
    guard !made.isEmpty else { throw AdapterError(description: "the model has no linear layers to adapt") }
    layers = made
  }

  /// Puts these adapters beside the layers of `module`, in place of any that are there.
  ///
  /// - Throws: ``AdapterError`` if `module` lacks one of the layers or one has another shape; nothing is changed then.
  public func attach(to module: Module) throws {
    let pairs = try pairs(in: module)
    Self.detach(from: module)
    for (place, adapter) in pairs {
      place.layer.attachments.append(.init(rows: place.rows, adapter: adapter))
      place.layer.attachments.sort { ($0.rows?.lowerBound ?? 0) < ($1.rows?.lowerBound ?? 0) }
    }
  }

  /// Takes whatever adapters there are off the layers of `module`.
  public static func detach(from module: Module) {
    for place in module.adaptableLayers { place.layer.attachments = [] }
  }

  /// Runs `body` with these adapters, and no others, beside the layers of `module`; puts back what was there before.
  public func attached<Result>(to module: Module, _ body: () throws -> Result) throws -> Result {
    let before = module.adaptableLayers.map { ($0.layer, $0.layer.attachments) }
    try attach(to: module)
    defer { for (layer, old) in before { layer.attachments = old } }
    return try body()
  }

  /// Runs `body` with no adapters beside the layers of `module`, and puts back what was there before.
  public static func detached<Result>(
    from module: Module, _ body: () throws -> Result
  ) rethrows -> Result {
    let before = module.adaptableLayers.map { ($0.layer, $0.layer.attachments) }
    detach(from: module)
    defer { for (layer, old) in before { layer.attachments = old } }
    return try body()
  }

  /// Adds the updates to the weights of `module` and detaches the adapters: the same outputs at the base's cost.
  ///
  /// A weight in blocks, which can't take an update in, has it beside it from then on (``Linear/frozen``).
  ///
  /// - Parameter keepingOriginals: whether the weights before are kept for ``unmerge(from:)``, at their cost in memory.
  /// - Throws: ``AdapterError`` for weights that can have it neither way; nothing is changed then.
  public func merge(into module: Module, keepingOriginals: Bool = false) throws {
    let pairs = try pairs(in: module)
    for (place, adapter) in pairs where place.layer.packed != nil {
      guard place.layer.isQuantized else {
        throw AdapterError(
          description: "the weight of \(place.path) is packed for inference and must not change: unpack the model first"
        )
      }
      guard place.layer.packed?.takesUpdates == true, adapter.magnitude == nil, !keepingOriginals else {
        throw AdapterError(
          description:
            "the weight of \(place.path) was quantized, so that nothing can be merged into it: load the model in full")
      }
    }
    Self.detach(from: module)
    withoutGradients {
      for (place, adapter) in pairs {
        guard !place.layer.isQuantized else {
          adapter.requireGradients(false)
          adapter.train(false)
          place.layer.frozen.append(.init(rows: place.rows, adapter: adapter))
          continue
        }
        let weight = place.weight
        if keepingOriginals { originals.weights[place.path] = weight.clone() }
        weight.copyInPlace(adapter.merged(into: weight))
      }
    }
  }

  /// Puts the weights from before ``merge(into:keepingOriginals:)`` back, bit for bit, and attaches the adapters.
  ///
  /// - Throws: ``AdapterError`` if the originals were not kept.
  public func unmerge(from module: Module) throws {
    let pairs = try pairs(in: module)
    guard originals.weights.count == layers.count else {
      throw AdapterError(
        description: "the adapters were not merged with their originals kept, so they can't be taken out")
    }
    withoutGradients {
      for (place, _) in pairs {
        if let original = originals.weights[place.path] { place.weight.copyInPlace(original) }
      }
    }
    originals.weights = [:]
    try attach(to: module)
  }

  /// The places in the order of their paths, each with its adapter.
  private func pairs(in module: Module) throws -> [(place: AdaptableLayer, adapter: LowRankAdapter)] {
    let places = Dictionary(module.adaptableLayers.map { ($0.path, $0) }) { first, _ in first }
    return try layers.sorted { $0.key < $1.key }.map { path, adapter in
      guard let place = places[path] else {
        throw AdapterError(description: "the model has no linear layer \(path) for its adapter")
      }
      let (needed, found) = (place.weight.shape, [adapter.up.size(0), adapter.down.size(1)])
      guard needed == found else {
        throw AdapterError(
          description: "the adapter of \(path) is for a weight \(found), but the layer's is \(needed)")
      }
      return (place, adapter)
    }
  }
}

/// A mismatch between adapters and a model.
public struct AdapterError: UserFacingError {
  /// The message: what is wrong.
  public var description: String
  /// An error with this text.
  public init(description: String) { self.description = description }
}
