public import Documents

/// An error in a regular expression, with its place.
public struct RegularExpressionSyntaxError: UserFacingError, Equatable {
  /// The expression as it was given, unless that is to be left out of the message.
  public private(set) var expression: String?
  /// The offset of the offending scalar, from 0.
  public let offset: Int
  /// The message: what is wrong.
  public let reason: String

  init(offset: Int, reason: String) {
    self.offset = offset
    self.reason = reason
  }

  func quoting(_ text: String) -> RegularExpressionSyntaxError {
    var error = self
    error.expression = text
    return error
  }

  /// The message for a person.
  public var description: String {
    "regular expression\(expression.map { " \"\($0)\"" } ?? ""), character \(offset + 1): \(reason)"
  }
}
