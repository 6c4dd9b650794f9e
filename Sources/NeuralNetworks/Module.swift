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

  /// The trainable tensors of the whole tree with their full names.
  public var parameters: [(name: String, tensor: Tensor)] { named(buffers: false, prefix: "") }

  /// The trainable tensors and the buffers, with their full names: what a checkpoint holds.
  public var state: [(name: String, tensor: Tensor)] {
    named(buffers: false, prefix: "") + named(buffers: true, prefix: "")
  }

  /// How many numbers are trained.
  public var parameterCount: Int { parameters.reduce(0) { $0 + $1.tensor.count } }

  /// Turns gradients on or off for every parameter.
  public func requireGradients(_ on: Bool = true) {
    for (_, tensor) in parameters { tensor.requiringGrad(on) }
  }

  /// Forgets all gradients.
  public func zeroGradients() {
    for (_, tensor) in parameters { tensor.grad = nil }
  }

  /// Moves or converts every parameter and buffer in place of the old ones.
  public func to(_ dtype: DType? = nil, device: Device? = nil) {
    for box in boxes {
      let old = box.tensor
      let moved = withoutGradients { old.to(dtype, device: device) }.detached()
      box.tensor = moved.requiringGrad(old.requiresGrad)
    }
    for (_, child) in children { child.to(dtype, device: device) }
  }

  /// Copies a state dict into the parameters and buffers.
  ///
  /// - Parameter strict: also refuse tensors that this module has no place for.
  /// - Throws: ``StateDictError`` that lists everything missing, unexpected or of another shape; nothing is copied then.
  public func load(_ state: [String: Tensor], strict: Bool = true) throws {
    let own = self.state
    let names = Set(own.map(\.name))
    let error = StateDictError(
      missing: own.map(\.name).filter { state[$0] == nil },
      unexpected: strict ? state.keys.filter { !names.contains($0) }.sorted() : [],
      mismatched: own.compactMap { name, tensor in
        guard let given = state[name], given.shape != tensor.shape else { return nil }
        return .init(name: name, expected: tensor.shape, found: given.shape)
      })
    guard error.isEmpty else { throw error }
    withoutGradients {
      for (name, tensor) in own { if let given = state[name] { tensor.copyInPlace(given) } }
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
        found.append((label.hasPrefix("_") ? String(label.dropFirst()) : label, value))
      }
    }
    return found
  }

  private var boxes: [any TensorBox] { storedProperties.compactMap { $0.1 as? any TensorBox } }

  private func named(buffers: Bool, prefix: String) -> [(name: String, tensor: Tensor)] {
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

/// What did not fit when a state dict was loaded.
public struct StateDictError: Error, CustomStringConvertible, Sendable {
  /// A tensor of another shape than the module's.
  public struct Mismatch: Sendable {
    /// The tensor's name.
    public var name: String
    /// The module's shape.
    public var expected: [Int]
    /// The state dict's shape.
    public var found: [Int]
  }
  /// Names that the module has and the state dict lacks.
  public var missing: [String]
  /// Names that the state dict has and the module lacks.
  public var unexpected: [String]
  /// Tensors of the wrong shape.
  public var mismatched: [Mismatch]

  var isEmpty: Bool { missing.isEmpty && unexpected.isEmpty && mismatched.isEmpty }

  /// All three lists, long ones cut.
  public var description: String {
    func list(_ title: String, _ names: [String]) -> String? {
      guard !names.isEmpty else { return nil }
      let shown = names.prefix(12).joined(separator: ", ")
      return "\(title) \(names.count): \(shown)\(names.count > 12 ? ", …" : "")"
    }
    return "the tensors don't fit the model; "
      + [
        list("missing", missing), list("unexpected", unexpected),
        list(
          "of the wrong shape",
          mismatched.map { "\($0.name) (\($0.found) where \($0.expected) is needed)" }),
      ].compactMap { $0 }.joined(separator: "; ")
  }
}
