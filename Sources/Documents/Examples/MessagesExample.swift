/// A conversation: `{"messages": [{"role", "content"}, …]}`.
public struct MessagesExample: TrainingExample, Equatable {
  /// One turn of a conversation.
  public struct Message: Sendable, Equatable, Codable {
    /// The speaker: `system`, `user`, `assistant` or `tool`.
    public var role: String
    /// The text of the turn.
    public var content: String

    /// Makes a message.
    public init(role: String, content: String) {
      self.role = role
      self.content = content
    }
  }

  /// The turns, in order.
  public var messages: [Message]

  /// Makes an example.
  public init(messages: [Message]) { self.messages = messages }

  /// Takes the example out of a record.
  public init(record: Record, columns: ColumnNames) throws(DataError) {
    let field = columns.messages
    guard let turns = try record.value(in: field, role: "messages").array, !turns.isEmpty else {
      throw record.error(
        "the field '\(field)' is not an array of messages",
        advice: "Write [{\"role\": \"user\", \"content\": \"…\"}, …].")
    }
    messages = []
    for (index, turn) in turns.enumerated() {
      guard let role = turn["role"]?.string, let content = turn["content"]?.string else {
        throw record.error(
          "message \(index + 1) lacks a string 'role' or 'content'",
          advice: "Write {\"role\": \"user\", \"content\": \"…\"}.")
      }
      messages.append(Message(role: role, content: content))
    }
  }
}
