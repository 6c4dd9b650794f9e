/// A text that isn't JSON: where it goes wrong, and why.
public struct JSONSyntaxError: UserFacingError, Equatable {
  /// The line, counted from 1.
  public var line: Int
  /// The column in bytes, counted from 1.
  public var column: Int
  /// The problem, as a clause.
  public var problem: String

  /// Place and problem.
  public var description: String { "line \(line), column \(column): invalid JSON: \(problem)" }
}
