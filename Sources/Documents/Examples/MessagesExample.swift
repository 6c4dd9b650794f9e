/// A conversation: `{"messages": [{"role", "content"}, …]}`, with `tools` where functions are offered.
///
/// ShareGPT's form, `{"conversations": [{"from", "value"}, …]}`, is read as the same.
public struct MessagesExample: TrainingExample, Equatable {
  /// One turn of a conversation.
  public struct Message: Sendable, Equatable, Codable {
    /// The speaker: `system`, `user`, `assistant` or `tool`.
    public var role: String
    /// The text of the turn; empty where it only calls functions.
    public var content: String
    /// The turn's other members as they stand, such as `tool_calls` and `tool_call_id`.
    public var others: JSONObject

    /// Makes a message.
    public init(role: String, content: String, others: JSONObject = JSONObject()) {
      self.role = role
      self.content = content
      self.others = others
    }

    /// The message as chat templates and OpenAI's interface have it.
    public var document: JSONValue {
      let content: JSONValue = content.isEmpty && others["tool_calls"] != nil ? .null : .string(content)
      return .object(
        JSONObject([(key: "role", value: .string(role)), (key: "content", value: content)] + others.members))
    }

    /// Reads a message; its `content` is a text, parts of text, or nothing.
    ///
    /// - Returns: nil where it has no role or its content is something else.
    public init?(_ document: JSONValue) {
      guard let members = document.object, let role = members["role"]?.string ?? Self.role(members["from"]) else {
        return nil
      }
      let others = members.members.filter {
        !["role", "from", "content", "value"].contains($0.key) && !$0.value.isNull
      }
      self.init(role: role, content: "", others: JSONObject(others))
      switch members["content"] ?? members["value"] ?? .null {
      case .string(let text): content = text
      case .array(let parts):
        let texts = parts.map { $0["type"]?.string == "text" ? $0["text"]?.string : nil }
        guard !texts.contains(nil) else { return nil }
        content = texts.compactMap(\.self).joined()
      case .null where self.others["tool_calls"] != nil: break
      default: return nil
      }
    }

    /// The role of a speaker in ShareGPT's form.
    private static func role(_ speaker: JSONValue?) -> String? {
      switch speaker?.string {
      case "human": "user"
      case "gpt", "chatgpt", "model", "bot": "assistant"
      case "function_response", "observation": "tool"
      case let other: other
      }
    }

    /// Reads `{"role", "content"}` and whatever else the message holds.
    public init(from decoder: any Decoder) throws {
      guard let made = Self(try JSONValue(from: decoder)) else {
        throw DecodingError.dataCorrupted(
          .init(codingPath: decoder.codingPath, debugDescription: "a message lacks a string 'role' or 'content'"))
      }
      self = made
    }

    /// Writes the message with all its members.
    public func encode(to encoder: any Encoder) throws { try document.encode(to: encoder) }
  }

  /// The turns, in order.
  public var messages: [Message]
  /// The functions that are offered, in JSON schema; nil where there are none.
  public var tools: JSONValue?

  /// Makes an example.
  public init(messages: [Message], tools: JSONValue? = nil) {
    self.messages = messages
    self.tools = tools
  }

  /// Takes the example out of a record.
  public init(record: Record, columns: ColumnNames) throws(DataError) {
    let field = record.holds(columns.messages) || !record.holds("conversations") ? columns.messages : "conversations"
    messages = try record.messages(in: field, role: "messages")
    tools = try record.tools()
  }
}

extension Record {
  /// The turns of a conversation in a field.
  ///
  /// - Throws: ``DataError`` that names the turn which is none.
  public func messages(in field: String, role: String) throws(DataError) -> [MessagesExample.Message] {
    guard let turns = try value(in: field, role: role).array, !turns.isEmpty else {
      throw error(
        "the field '\(field)' is not an array of messages",
        advice: "Write [{\"role\": \"user\", \"content\": \"…\"}, …].")
    }
    var messages: [MessagesExample.Message] = []
    for (index, turn) in turns.enumerated() {
      guard let message = MessagesExample.Message(turn) else {
        throw error(
          "message \(index + 1) lacks a string 'role' or 'content'",
          advice: "Write {\"role\": \"user\", \"content\": \"…\"}.")
      }
      messages.append(message)
    }
    return messages
  }

  /// The functions that a conversation offers, a list or, as data sets of one column type keep them, a list written as text.
  public func tools() throws(DataError) -> JSONValue? {
    switch self["tools"] ?? .null {
    case .null: return nil
    case .array(let tools): return tools.isEmpty ? nil : .array(tools)
    case .string(let text):
      if text.isEmpty { return nil }
      guard let tools = (try? JSONValue(parsing: text))?.array else {
        throw error("the field 'tools' is a text, and not one of a JSON array")
      }
      return tools.isEmpty ? nil : .array(tools)
    case let other: throw error("the field 'tools' is \(other.kind), not an array of functions")
    }
  }
}
