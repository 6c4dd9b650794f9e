/// A model's call of a function that it was offered.
public struct ToolCall: Sendable, Equatable {
  /// The function's name.
  public var name: String
  /// Its arguments: a JSON document.
  public var arguments: String

  /// A call.
  public init(name: String, arguments: String) {
    self.name = name
    self.arguments = arguments
  }
}
