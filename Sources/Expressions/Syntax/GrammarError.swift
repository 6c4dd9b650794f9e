/// A grammar that can't be read or compiled, and why.
package struct GrammarError: Error, CustomStringConvertible, Sendable {
  /// The message: what is wrong and where.
  package var description: String

  init(_ description: String) { self.description = description }
}
