public import Expressions

/// A count of the texts that have the form of a regular expression.
///
/// The expression is matched against the whole text in time linear in its length, never by
/// backtracking: `Teaching` learns such expressions from examples, and their notation is a subset of
/// PCRE's.
///
/// ```swift
/// let check = try FormatCheck("[0-9]{4}-[0-9]{2}-[0-9]{2}")
/// print(check.share(of: answers))    // 0.940 [0.838, 0.979], n = 50
/// ```
public struct FormatCheck: Sendable {
  /// The form.
  public let expression: RegularExpression
  private let automaton: PositionAutomaton

  /// Makes a check from an expression as `apprentice teach regex` prints it.
  public init(_ pattern: String) throws(RegularExpressionSyntaxError) {
    self.init(try RegularExpression(parsing: pattern))
  }

  /// Makes a check from an expression that was induced.
  public init(_ expression: RegularExpression) {
    self.expression = expression
    automaton = PositionAutomaton(expression)
  }

  /// Whether the whole text has the form.
  public func accepts(_ text: String) -> Bool { automaton.accepts(text) }

  /// The share of texts that have the form, with Wilson's 95% interval.
  public func share(of texts: [String]) -> Estimate {
    Estimate.wilson(successes: Double(texts.count(where: accepts)), n: texts.count)
  }
}
