public import Documents

/// A part of a prompt, which becomes plain text or a turn of a conversation.
struct PromptMessage: Sendable, Equatable {
  enum Role: String, Sendable {
    case system, user, assistant
  }

  var role: Role
  var content: String
  /// What follows it in plain text.
  var delimiter = ""

  /// The parts as plain text.
  static func text(of messages: [PromptMessage]) -> String {
    messages.reduce(into: "") { $0 += $1.content + $1.delimiter }
  }

  /// The parts as turns, each for itself.
  static func turns(of messages: [PromptMessage]) -> [JSONValue] {
    messages.map { ["role": .string($0.role.rawValue), "content": .string($0.content)] }
  }

  /// The parts as one turn of the user, with the system's before it and the beginning of an answer behind it.
  static func singleTurn(of messages: [PromptMessage]) -> [JSONValue] {
    var rest = messages[...]
    var turns: [PromptMessage] = []
    if rest.first?.role == .system { turns.append(rest.removeFirst()) }
    let ending = rest.last?.role == .assistant ? rest.popLast() : nil
    if !rest.isEmpty { rest[rest.endIndex - 1].delimiter = "" }
    turns.append(PromptMessage(role: .user, content: text(of: Array(rest))))
    if let ending { turns.append(ending) }
    return Self.turns(of: turns)
  }
}

/// How prompts become conversations.
public struct ChatPrompting: Sendable {
  /// Renders turns by the model's template; `true` opens the assistant's turn, `false` goes on with the last one.
  public var render: @Sendable (_ turns: [JSONValue], _ opensTurn: Bool) throws -> String
  /// Whether examples are turns of their own.
  public var isMultiturn: Bool

  /// A way to make conversations.
  public init(isMultiturn: Bool = true, render: @escaping @Sendable ([JSONValue], Bool) throws -> String) {
    (self.isMultiturn, self.render) = (isMultiturn, render)
  }
}

/// Joins two texts, with a delimiter where neither has white space at the seam.
func joined(_ prefix: String, _ suffix: String, by delimiter: String) -> String {
  if prefix.isEmpty || suffix.isEmpty { return prefix + suffix }
  return needsDelimiter(prefix, suffix) ? prefix + delimiter + suffix : prefix + suffix
}

func needsDelimiter(_ prefix: String, _ suffix: String) -> Bool {
  !prefix.isEmpty && !PythonText.endsWithSpace(prefix) && !PythonText.beginsWithSpace(suffix)
}
