public import Documents
import Torch

/// The mismatches between a state dict and the module that loads it.
public struct StateDictError: UserFacingError {
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

  /// Compares a state dict with the tensors that it is meant for.
  ///
  /// - Parameters:
  ///   - aliases: the names under which a tensor may come, where not just its own.
  ///   - strict: also refuse tensors that there is no place for.
  static func check(
    _ own: [(name: String, tensor: Tensor)], against given: [String: Tensor],
    aliases: [String: [String]] = [:], strict: Bool = true
  ) throws {
    var error = StateDictError(missing: [], unexpected: [], mismatched: [])
    var known: Set<String> = []
    for (name, tensor) in own {
      let names = aliases[name] ?? [name]
      known.formUnion(names)
      let found = names.filter { given[$0] != nil }
      if found.isEmpty { error.missing.append(name) }
      let shape = tensor.shape
      for name in found {
        guard let other = given[name]?.shape, other != shape else { continue }
        error.mismatched.append(.init(name: name, expected: shape, found: other))
      }
    }
    if strict { error.unexpected = given.keys.filter { !known.contains($0) }.sorted() }
    guard error.isEmpty else { throw error }
  }

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
