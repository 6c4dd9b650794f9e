public import Documents

/// A text as it stands, or the turns of a conversation so far, to be responded to.
///
/// In JSON it is a string or an array of `{"role", "content"}`, as TRL's `prompt` column is; where functions are offered, an object
/// of both, `{"messages", "tools"}`.
public enum Prompt: Sendable, Equatable, Hashable, Codable, ExpressibleByStringLiteral {
  /// A text that the response continues.
  case text(String)
  /// The turns that the response follows, and the functions that are offered.
  case conversation([Message], tools: JSONValue? = nil)

  /// One turn of a conversation.
  public typealias Message = MessagesExample.Message

  /// Makes a prompt of plain text.
  public init(stringLiteral value: String) { self = .text(value) }

  private struct Offering: Codable {
    var messages: [Message]
    var tools: JSONValue?
  }

  /// Reads a string, an array of messages, or an object of messages and tools.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      self = .text(text)
    } else if let offering = try? container.decode(Offering.self) {
      self = .conversation(offering.messages, tools: offering.tools)
    } else {
      self = .conversation(try container.decode([Message].self))
    }
  }

  /// Writes a string, an array of messages, or an object of messages and tools.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let text): try container.encode(text)
    case .conversation(let messages, nil): try container.encode(messages)
    case .conversation(let messages, let tools?):
      try container.encode(Offering(messages: messages, tools: tools))
    }
  }

  /// The text of a plain prompt; nil for a conversation, which needs a chat template first.
  public var plainText: String? {
    if case .text(let text) = self { return text }
    return nil
  }

  /// The functions that a conversation offers; nil where there are none.
  public var tools: JSONValue? {
    if case .conversation(_, let tools) = self { return tools }
    return nil
  }

  /// Hashes the text or the turns.
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .text(let text): hasher.combine(text)
    case .conversation(let messages, _):
      for message in messages {
        hasher.combine(message.role)
        hasher.combine(message.content)
      }
    }
  }
}
