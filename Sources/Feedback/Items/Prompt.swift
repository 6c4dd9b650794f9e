public import Documents

/// A text as it stands, or the turns of a conversation so far, to be responded to.
///
/// In JSON it is a string or an array of `{"role", "content"}`, as TRL's `prompt` column is.
public enum Prompt: Sendable, Equatable, Hashable, Codable, ExpressibleByStringLiteral {
  /// A text that the response continues.
  case text(String)
  /// The turns that the response follows.
  case conversation([Message])

  /// One turn of a conversation.
  public typealias Message = MessagesExample.Message

  /// Makes a prompt of plain text.
  public init(stringLiteral value: String) { self = .text(value) }

  /// Reads a string or an array of messages.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      self = .text(text)
    } else {
      self = .conversation(try container.decode([Message].self))
    }
  }

  /// Writes a string or an array of messages.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let text): try container.encode(text)
    case .conversation(let messages): try container.encode(messages)
    }
  }

  /// The text of a plain prompt; nil for a conversation, which needs a chat template first.
  public var plainText: String? {
    if case .text(let text) = self { return text }
    return nil
  }

  /// Hashes the text or the turns.
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .text(let text): hasher.combine(text)
    case .conversation(let messages):
      for message in messages {
        hasher.combine(message.role)
        hasher.combine(message.content)
      }
    }
  }
}
