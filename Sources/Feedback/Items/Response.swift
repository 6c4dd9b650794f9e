public import Documents

/// A text that answers a prompt, and which policy wrote it.
///
/// The answer to a conversation may be more than one message of text: a call of a function, or several turns in which the other
/// side speaks too. Then it has ``messages``, and its text is theirs.
public struct Response: Sendable, Codable, Equatable, Hashable, ExpressibleByStringLiteral {
  /// The text.
  public var text: String
  /// The turns, where they are more than one text of the assistant's; nil else.
  public var messages: [Prompt.Message]?
  /// The policy that wrote it, where that is known.
  public var policy: PolicyVersion?

  /// Makes a response.
  public init(_ text: String, policy: PolicyVersion? = nil) {
    self.text = text
    self.policy = policy
  }

  /// Makes a response of turns of a conversation.
  public init(_ turns: [Prompt.Message], policy: PolicyVersion? = nil) {
    self.init(turns.map(\.content).joined(separator: "\n\n"), policy: policy)
    let isText = turns.count == 1 && turns[0].role == "assistant" && turns[0].others.members.isEmpty
    if !isText { messages = turns }
  }

  /// The response as turns of a conversation.
  public var turns: [Prompt.Message] { messages ?? [Prompt.Message(role: "assistant", content: text)] }

  /// Hashes the text and the policy.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(text)
    hasher.combine(policy)
  }

  /// Makes a response of unknown origin.
  public init(stringLiteral value: String) { self.init(value) }
}

/// A policy at one moment of its training.
public struct PolicyVersion: Sendable, Codable, Equatable, Hashable {
  /// The policy, such as the name of its run.
  public var name: String
  /// Which of its states, such as `step-000400`.
  public var version: String?

  /// Names a policy's state.
  public init(_ name: String, version: String? = nil) {
    self.name = name
    self.version = version
  }
}
