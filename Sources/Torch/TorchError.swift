import CTorch
public import Documents
import Foundation

/// The refusal of an op: its name, the shapes it was given, and libtorch's own words.
public struct TorchError: UserFacingError {
  /// The op's name, as in libtorch.
  public var operation: String
  /// The operands' shapes and types, or an empty string.
  public var operands: String = ""
  /// libtorch's message.
  public var message: String

  /// Arguments are checked before they reach an op.
  public var exitStatus: ExitStatus { .internal }

  /// One line with all three.
  public var description: String {
    operands.isEmpty ? "\(operation): \(message)" : "\(operation)(\(operands)): \(message)"
  }
}

/// The first error of a `withTensorErrors` scope; one per thread, like libtorch's own state.
final class ErrorScope {
  var first: TorchError?

  static let key = "apprentice.torch.errors"
  static var current: ErrorScope? {
    get { Thread.current.threadDictionary[key] as? ErrorScope }
    set { Thread.current.threadDictionary[key] = newValue }
  }
}

/// Runs `body` and throws the first tensor error in it instead of trapping.
///
/// Outside such a scope the misuse of an op is a programmer's error: it stops the program with the op's name and the
/// operands' shapes. Inside, the failed op yields an undefined tensor and `body` runs on, its later ops failing quietly,
/// until it ends and the first error is thrown. Servers, the command line and tests stand at such edges.
public func withTensorErrors<Result>(_ body: () throws -> Result) throws -> Result {
  try TorchLibrary.load()
  let outer = ErrorScope.current
  let scope = ErrorScope()
  ErrorScope.current = scope
  defer { ErrorScope.current = outer }
  let result: Result
  do {
    result = try body()
  } catch {
    throw scope.first ?? error
  }
  if let error = scope.first { throw error }
  return result
}

/// libtorch's words about the last failure on this thread.
func lastMessage() -> String { torch.pointee.error().map { String(cString: $0) } ?? "" }

@inline(never)
func failed(_ operation: StaticString, _ operands: [Tensor]) {
  let error = TorchError(
    operation: "\(operation)",
    operands: operands.map { $0.isDefined ? "\($0.shape) \($0.dtype)" : "undefined" }
      .joined(separator: ", "),
    message: lastMessage())
  guard let scope = ErrorScope.current else { fatalError("\(error)") }
  if scope.first == nil { scope.first = error }
}

/// Wraps an owned handle, or reports the failure and yields an undefined tensor.
@inline(__always)
func made(
  _ operation: StaticString, _ handle: OpaquePointer?, _ operands: @autoclosure () -> [Tensor]
) -> Tensor {
  if let handle { return Tensor(owning: handle) }
  failed(operation, operands())
  return Tensor.undefined
}

@inline(__always)
func done(_ operation: StaticString, _ status: Int32, _ operands: @autoclosure () -> [Tensor]) {
  if status != 0 { failed(operation, operands()) }
}

/// Several results: on failure all of them are undefined.
func several(
  _ operation: StaticString, _ count: Int, _ operands: @autoclosure () -> [Tensor],
  _ body: (UnsafeMutablePointer<OpaquePointer?>) -> Int32
) -> [Tensor] {
  var out = [OpaquePointer?](repeating: nil, count: count)
  let status = out.withUnsafeMutableBufferPointer { buffer -> Int32 in
    guard let base = buffer.baseAddress else { return 0 }
    return body(base)
  }
  done(operation, status, operands())
  return out.map { pointer in pointer.map { Tensor(owning: $0) } ?? .undefined }
}
