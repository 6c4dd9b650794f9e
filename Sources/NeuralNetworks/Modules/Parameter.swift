public import Torch

/// A property of a module that holds a tensor.
protocol TensorBox: AnyObject {
  var name: String? { get }
  var tensor: Tensor { get set }
  var isBuffer: Bool { get }
  var isPresent: Bool { get }
}

/// A property of a module that holds another module under a name of its own.
protocol ChildBox: AnyObject {
  var name: String? { get }
  var content: Any { get }
}

/// A trainable tensor of a ``Module``; its name in a state dict is the property's unless another is given.
@propertyWrapper public final class Parameter: TensorBox {
  let name: String?
  let isBuffer = false
  private var value: Tensor?
  var isPresent: Bool { value != nil }
  var tensor: Tensor {
    get { wrappedValue }
    set { value = newValue }
  }

  /// A parameter that the module's initialiser sets.
  public init(_ name: String? = nil) { self.name = name }

  /// The tensor.
  public var wrappedValue: Tensor {
    get {
      guard let value else { preconditionFailure("parameter \(name ?? "") was read before it was set") }
      return value
    }
    set { value = newValue }
  }
}

/// A trainable tensor that may be absent, such as the bias of a layer without one.
@propertyWrapper public final class OptionalParameter: TensorBox {
  let name: String?
  let isBuffer = false
  /// The tensor, if there is one.
  public var wrappedValue: Tensor?
  var isPresent: Bool { wrappedValue != nil }
  var tensor: Tensor {
    get {
      guard let wrappedValue else { preconditionFailure("an absent parameter was read") }
      return wrappedValue
    }
    set { wrappedValue = newValue }
  }

  /// An absent parameter.
  public init(_ name: String? = nil) { self.name = name }
}

/// A tensor that belongs to the module's state but is not trained, such as running statistics.
@propertyWrapper public final class Buffer: TensorBox {
  let name: String?
  let isBuffer = true
  private var value: Tensor?
  var isPresent: Bool { value != nil }
  var tensor: Tensor {
    get { wrappedValue }
    set { value = newValue }
  }

  /// A buffer that the module's initialiser sets.
  public init(_ name: String? = nil) { self.name = name }

  /// The tensor.
  public var wrappedValue: Tensor {
    get {
      guard let value else { preconditionFailure("buffer \(name ?? "") was read before it was set") }
      return value
    }
    set { value = newValue }
  }
}

/// A child module (or an array or optional of modules) under the name that a state dict gives it.
@propertyWrapper public final class Child<Content>: ChildBox {
  let name: String?
  private var value: Content?
  var content: Any { value as Any }

  /// A child that the module's initialiser sets.
  public init(_ name: String? = nil) { self.name = name }

  /// The module or modules.
  public var wrappedValue: Content {
    get {
      guard let value else { preconditionFailure("child \(name ?? "") was read before it was set") }
      return value
    }
    set { value = newValue }
  }
}

/// Parameters whose names are worked out when the module is made, such as those of a number of layers.
///
/// Declare one as a stored property; its entries appear in the state dict under their own names.
public final class ParameterTable {
  private(set) var entries: [(name: String, box: any TensorBox)] = []

  /// A table to be filled by the module's initialiser.
  public init() {}

  /// Adds a parameter.
  public func append(_ name: String, _ tensor: Tensor) {
    let box = Parameter(name)
    box.wrappedValue = tensor
    entries.append((name, box))
  }

  /// The tensors in the order in which they were added.
  public var tensors: [Tensor] { entries.map(\.box.tensor) }
}
