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
/// let policy = adapters.attached(to: model) { model(tokens) }
/// let reference = withoutGradients { model(tokens) }
/// ```
public final class LowRankAdapters: Module {
  /// The rank and the targets.
  public let configuration: LowRankConfiguration
  /// The adapters by the path of their layer in the network.
  @Child("base_model.model") public private(set) var layers: [String: LowRankAdapter]
  private var originals = Originals()

  /// The weights before ``merge(into:)``, hidden from the search for parameters.
  private struct Originals { var weights: [String: Tensor] = [:] }

  /// Fresh adapters for every ``Linear`` of `module` that the configuration names; nothing is attached yet.
  ///
  /// - Parameters:
  ///   - random: what dropout draws from; needed where the configuration has some.
  ///   - generator: draws the adapters' A.
  /// - Throws: ``AdapterError`` if no layer has one of the names.
  public init(
    _ configuration: LowRankConfiguration, for module: Module, random: RandomSource? = nil,
    generator: Generator
  ) throws {
    precondition(
      configuration.dropout == 0 || random != nil, "adapters with dropout need a RandomSource")
    self.configuration = configuration
    super.init()
    var made: [String: LowRankAdapter] = [:]
    let linear = Self.linearLayers(of: module)
    for (path, layer) in linear where configuration.targets.contains(where: { Self.names($0, path) }) {
      let shape = layer.weight.shape
      let adapter = LowRankAdapter(
        inputs: shape[1], outputs: shape[0], rank: configuration.rank, scale: configuration.scale,
        dropout: configuration.dropout > 0
          ? random.map { Dropout(configuration.dropout, random: $0) } : nil,
        generator: generator)
      adapter.to(layer.weight.dtype, device: layer.weight.device)
      made[path] = adapter
    }
    guard !made.isEmpty else {
      let known = Set(linear.map { $0.path.split(separator: ".").last.map(String.init) ?? $0.path })
      throw AdapterError(
        description: "no linear layer is called \(configuration.targets.joined(separator: ", ")); "
          + "the model has \(known.sorted().joined(separator: ", "))")
    }
    layers = made
  }

  /// Puts these adapters beside the layers of `module`, in place of any that are there.
  ///
  /// - Throws: ``AdapterError`` if `module` lacks one of the layers or one has another shape; nothing is changed then.
  public func attach(to module: Module) throws {
    for (layer, adapter) in try pairs(in: module) { layer.adapter = adapter }
  }

  /// Takes whatever adapters there are off the layers of `module`.
  public static func detach(from module: Module) {
    for (_, layer) in linearLayers(of: module) { layer.adapter = nil }
  }

  /// Runs `body` with these adapters beside the layers of `module`, and puts back what was there before.
  public func attached<Result>(to module: Module, _ body: () throws -> Result) throws -> Result {
    let pairs = try pairs(in: module)
    let before = pairs.map(\.layer.adapter)
    for (layer, adapter) in pairs { layer.adapter = adapter }
    defer { for ((layer, _), old) in zip(pairs, before) { layer.adapter = old } }
    return try body()
  }

  /// Adds the updates to the weights of `module` and detaches the adapters: the same outputs at the base's cost.
  ///
  /// - Parameter keepingOriginals: whether the weights before are kept for ``unmerge(from:)``, at their cost in memory.
  public func merge(into module: Module, keepingOriginals: Bool = false) throws {
    let pairs = try pairs(in: module)
    withoutGradients {
      for (path, (layer, adapter)) in zip(layers.keys.sorted(), pairs) {
        if keepingOriginals { originals.weights[path] = layer.weight.clone() }
        layer.weight.addInPlace(adapter.merged)
        layer.adapter = nil
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
      for (path, (layer, adapter)) in zip(layers.keys.sorted(), pairs) {
        if let original = originals.weights[path] { layer.weight.copyInPlace(original) }
        layer.adapter = adapter
      }
    }
    originals.weights = [:]
  }

  /// The layers in the order of their paths, each with its adapter.
  private func pairs(in module: Module) throws -> [(layer: Linear, adapter: LowRankAdapter)] {
    let linear = Dictionary(Self.linearLayers(of: module).map { ($0.path, $0.layer) }) { first, _ in first }
    return try layers.sorted { $0.key < $1.key }.map { path, adapter in
      guard let layer = linear[path] else {
        throw AdapterError(description: "the model has no linear layer \(path) for its adapter")
      }
      let (needed, found) = (layer.weight.shape, [adapter.up.size(0), adapter.down.size(1)])
      guard needed == found else {
        throw AdapterError(
          description: "the adapter of \(path) is for a weight \(found), but the layer's is \(needed)")
      }
      return (layer, adapter)
    }
  }

  private static func linearLayers(of module: Module) -> [(path: String, layer: Linear)] {
    module.modules.compactMap { name, module in (module as? Linear).map { (name, $0) } }
  }

  private static func names(_ target: String, _ path: String) -> Bool {
    path == target || path.hasSuffix(".\(target)")
  }
}

/// Why adapters and a model don't go together.
public struct AdapterError: Error, CustomStringConvertible, Sendable {
  /// What doesn't fit.
  public var description: String
}
