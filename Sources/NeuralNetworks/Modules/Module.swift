public import Torch

/// A part of a network: it owns parameters and other modules, and turns tensors into tensors.
///
/// Parameters and children are found by looking at the stored properties, so there is no list to keep by hand: declare a
/// tensor with ``Parameter`` (or ``Buffer``) and a child as a stored property, an array or an optional of modules, with
/// ``Child`` where its name in a state dict differs from the property's.
///
/// ```swift
/// final class MLP: Module {
///   @Child("c_fc") var up: Linear
///   @Child("c_proj") var down: Linear
///   init(width: Int, generator: Generator) {
///     super.init()
///     up = Linear(width, 4 * width, generator: generator)
///     down = Linear(4 * width, width, generator: generator)
///   }
///   func callAsFunction(_ x: Tensor) -> Tensor { down(up(x).gelu(tanhApproximation: true)) }
/// }
/// ```
/// Names follow Hugging Face: `c_fc.weight`, `h.0.attn.c_attn.bias`.
open class Module {
  /// Makes a module without parameters.
  public init() {}

  /// Whether dropout and batch statistics are on; set for the whole tree with ``train(_:)``.
  public private(set) var isTraining = false

  /// Called after ``train(_:)`` changed this module's mode.
  open func modeChanged() {}

  /// Switches this module and all below between training (true) and evaluation.
  public func train(_ on: Bool = true) {
    isTraining = on
    modeChanged()
    for (_, child) in children { child.train(on) }
  }

  /// The children with their names, in the order of declaration.
  public var children: [(name: String, module: Module)] {
    var found: [(String, Module)] = []
    for (label, value) in storedProperties {
      if let wrapped = value as? any ChildBox {
        Self.collect(wrapped.content, name: wrapped.name ?? label, into: &found)
      } else {
        Self.collect(value, name: label, into: &found)
      }
    }
    return found
  }

  /// This module (named "") and all below it with their full names, parents before children.
  public var modules: [(name: String, module: Module)] {
    [("", self)]
      + children.flatMap { name, child in
        child.modules.map { ($0.name.isEmpty ? name : "\(name).\($0.name)", $0.module) }
      }
  }

  /// The trainable tensors of the whole tree with their full names; a tied one under its first name only.
  ///
  /// The tree is walked by reflection, at some microseconds a module: loops that run per step keep the list, as an
  /// ``Optimizer`` does.
  public var parameters: [(name: String, tensor: Tensor)] { Self.withoutTies(named(buffers: false)) }

  /// The trainable tensors and the buffers, with their full names: what a checkpoint holds.
  ///
  /// Tied tensors are there once.
  public var state: [(name: String, tensor: Tensor)] { Self.withoutTies(allNamed) }

  /// The number of trained numbers.
  public var parameterCount: Int { parameters.reduce(0) { $0 + $1.tensor.count } }

  /// Turns gradients on or off for every parameter.
  public func requireGradients(_ on: Bool = true) {
    for (_, tensor) in parameters { tensor.requiringGrad(on) }
  }

  /// Forgets all gradients.
  public func zeroGradients() {
    for (_, tensor) in parameters { tensor.grad = nil }
  }

  /// Moves or converts every parameter and buffer in place of the old ones; tied ones stay tied.
  ///
  /// Buffers of whole numbers keep their type. What held the old tensors, such as an ``Optimizer``, does not follow.
  public func to(_ dtype: DType? = nil, device: Device? = nil) {
    let places = modules.flatMap { $0.module.boxes }.filter(\.isPresent)
    let olds = places.map(\.tensor)  // all kept alive, so that an address stands for one tensor
    var moved: [OpaquePointer: Tensor] = [:]
    for (place, old) in zip(places, olds) {
      let target = old.dtype.isFloatingPoint ? dtype ?? old.dtype : old.dtype
      if target == old.dtype, (device ?? old.device) == old.device { continue }
      if let tied = moved[old.pointer] {
        place.tensor = tied
        continue
      }
      let new = withoutGradients { old.to(target, device: device) }.detached()
      if old.requiresGrad { new.requiringGrad() }
      moved[old.pointer] = new
      place.tensor = new
    }
    withExtendedLifetime(olds) {}
  }

  /// Copies a state dict into the parameters and buffers.
  ///
  /// A tied tensor may come under any of its names; its first name wins where several are there.
  /// - Parameter strict: also refuse tensors that this module has no place for.
  /// - Throws: ``StateDictError`` that lists everything missing, unexpected or of another shape; nothing is copied then.
  public func load(_ state: [String: Tensor], strict: Bool = true) throws {
    let all = allNamed
    var aliases: [OpaquePointer: [String]] = [:]
    for (name, tensor) in all { aliases[tensor.pointer, default: []].append(name) }
    let own = self.state
    let names = Dictionary(own.map { ($0.name, aliases[$0.tensor.pointer] ?? []) }) { first, _ in first }
    try StateDictError.check(own, against: state, aliases: names, strict: strict)
    withoutGradients {
      for (name, tensor) in own {
        let given = (names[name] ?? []).lazy.compactMap { state[$0] }.first
        if let given { tensor.copyInPlace(given) }
      }
    }
  }

  /// The layers that can get low-rank adapters: every ``Linear`` under its path, unless a network names them otherwise.
  open var adaptableLayers: [AdaptableLayer] {
    modules.compactMap { name, module in
      (module as? Linear).map { AdaptableLayer(path: name, layer: $0) }
    }
  }

  // MARK: Looking at the stored properties

  private var storedProperties: [(String, Any)] {
    var found: [(String, Any)] = []
    var mirror: Mirror? = Mirror(reflecting: self)
    var levels: [Mirror] = []
    while let level = mirror, level.subjectType != Module.self {
      levels.append(level)
      mirror = level.superclassMirror
    }
    for level in levels.reversed() {
      for (label, value) in level.children {
        guard let label else { continue }
        if let table = value as? ParameterTable {
          found += table.entries.map { ($0.name, $0.box) }
          continue
        }
        found.append((label.hasPrefix("_") ? String(label.dropFirst()) : label, value))
      }
    }
    return found
  }

  private var boxes: [any TensorBox] { storedProperties.compactMap { $0.1 as? any TensorBox } }

  private var allNamed: [(name: String, tensor: Tensor)] {
    named(buffers: false) + named(buffers: true)
  }

  private static func withoutTies(
    _ list: [(name: String, tensor: Tensor)]
  ) -> [(name: String, tensor: Tensor)] {
    var seen: Set<OpaquePointer> = []
    return list.filter { seen.insert($0.tensor.pointer).inserted }
  }

  private func named(buffers: Bool, prefix: String = "") -> [(name: String, tensor: Tensor)] {
    var found: [(String, Tensor)] = []
    for (label, value) in storedProperties {
      if let box = value as? any TensorBox, box.isBuffer == buffers, box.isPresent {
        found.append((prefix + (box.name ?? label), box.tensor))
      }
    }
    for (name, child) in children {
      found += child.named(buffers: buffers, prefix: "\(prefix)\(name).")
    }
    return found
  }

  private static func collect(_ value: Any, name: String, into found: inout [(String, Module)]) {
    switch value {
    case let module as Module: found.append((name, module))
    case let list as [Module]:
      for (i, module) in list.enumerated() { found.append(("\(name).\(i)", module)) }
    case let dictionary as [String: Module]:
      for (key, module) in dictionary.sorted(by: { $0.key < $1.key }) {
        found.append(("\(name).\(key)", module))
      }
    case let optional as Module?:
      if let module = optional { found.append((name, module)) }
    default: break
    }
  }
}
