/// A value that can stand in a trace: one number, or a list of them.
public protocol Recordable {
  /// The value as numbers.
  var numbers: [Double] { get }
}

extension Double: Recordable {
  /// The number itself.
  public var numbers: [Double] { [self] }
}

extension Int: Recordable {
  /// The number itself.
  public var numbers: [Double] { [Double(self)] }
}

extension Bool: Recordable {
  /// 1 for true, 0 for false.
  public var numbers: [Double] { [self ? 1 : 0] }
}

extension Dual: Recordable {
  /// The value, its derivatives dropped.
  public var numbers: [Double] { [value] }
}

extension Array: Recordable where Element: Recordable {
  /// The elements' numbers, one after the other.
  public var numbers: [Double] { flatMap(\.numbers) }
}

/// Named lists of numbers, in the order in which the names came up.
struct Variables: Sendable {
  private(set) var names: [String] = []
  private(set) var values: [[Double]] = []

  /// Adds numbers to those of a name.
  mutating func append(_ numbers: [Double], to name: String) {
    if let index = names.firstIndex(of: name) {
      values[index] += numbers
    } else {
      names.append(name)
      values.append(numbers)
    }
  }

  subscript(name: String) -> [Double]? { names.firstIndex(of: name).map { values[$0] } }
}

/// The named values of one execution of a model.
struct NamedDraw: Sendable {
  var posterior = Variables()
  var logLikelihood = Variables()
  var predictions = Variables()
  var observed = Variables()
}

/// Collects what an execution has under names; only executions whose draw is kept have one.
final class VariableRecorder {
  var draw = NamedDraw()
}
