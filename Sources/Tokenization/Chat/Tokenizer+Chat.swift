public import Documents
import Synchronization

extension Tokenizer {
  /// The model's format of conversations, `nil` where it came without a chat template.
  ///
  /// - Throws: ``TokenizationError`` for a template that can't be parsed.
  public var chatFormat: ChatFormat? { get throws { try chatFormat(offeringTools: false) } }

  /// The same for a conversation with or without tools, for which some models have a template of its own.
  ///
  /// - Throws: ``TokenizationError`` for a template that can't be parsed.
  public func chatFormat(offeringTools: Bool) throws -> ChatFormat? {
    if offeringTools, let own = try chatFormats.format(named: "tool_use", of: self) { return own }
    return try chatFormats.format(named: "default", of: self)
  }

  /// The chat template that came with the tokenizer, `nil` if none did.
  ///
  /// - Parameter name: Which of several, for files that hold more than the default one.
  public func chatTemplate(named name: String = "default") throws -> ChatTemplate? {
    try chatFormats.format(named: name, of: self)?.template
  }

  /// The source of a chat template.
  fileprivate func templateSource(named name: String) -> String? {
    switch configuration["chat_template"] {
    case .string(let source)?: name == "default" ? source : nil
    case .array(let templates)?: templates.first { $0["name"]?.string == name }?["template"]?.string
    default: nil
    }
  }

  /// The control tokens by the names that templates use for them.
  public var templateVariables: JSONObject {
    var variables = JSONObject()
    let tokens: [(String, Int?)] = [
      ("bos_token", specialTokens.bos), ("eos_token", specialTokens.eos),
      ("pad_token", specialTokens.pad), ("unk_token", specialTokens.unknown),
    ]
    for (name, id) in tokens {
      if let token = id.flatMap(idToToken) { variables[name] = .string(token) }
    }
    return variables
  }

  /// A conversation as this model's template writes it.
  ///
  /// Encode the result with `addSpecialTokens: false, allowSpecial: true`: the template has written
  /// the control tokens already.
  public func applyChatTemplate(
    messages: JSONValue, tools: JSONValue? = nil, addGenerationPrompt: Bool = false,
    variables: JSONObject = JSONObject()
  ) throws -> String {
    guard let format = try chatFormat(offeringTools: tools != nil) else {
      throw TokenizationError(
        "the tokenizer has no chat template; put one in chat_template.jinja beside tokenizer.json")
    }
    return try format.render(
      messages: messages, tools: tools, opensTurn: addGenerationPrompt, variables: variables)
  }
}

extension Tokenizer {
  /// A conversation up to the point at which the assistant speaks, as tokens: by the chat template, or as a ``transcript(of:)``
  /// where there is none.
  public func chatPrompt(messages: [JSONValue], tools: JSONValue? = nil) throws -> [Int] {
    try writtenChatPrompt(messages: messages, tools: tools).tokens
  }

  /// The same with its text, which may have opened the reasoning that an answer goes on with.
  package func writtenChatPrompt(
    messages: [JSONValue], tools: JSONValue? = nil
  ) throws -> (text: String, tokens: [Int]) {
    guard let format = try chatFormat(offeringTools: tools != nil) else {
      let text = Self.transcript(of: messages) + "assistant:"
      return (text, encode(text))
    }
    let text = try format.render(messages: .array(messages), tools: tools, opensTurn: true)
    return (text, encode(text, addSpecialTokens: false, allowSpecial: true))
  }

  /// A conversation for a model that has no chat template: a line for each turn, which begins with its speaker.
  public static func transcript(of messages: [JSONValue]) -> String {
    messages.map { "\($0["role"]?.string ?? ""): \($0["content"]?.string ?? "")\n" }.joined()
  }
}

/// A tokenizer's chat formats, each made when it is first asked for.
final class ChatFormatStore: Sendable {
  private let made = Mutex<[String: Result<ChatFormat, any Error>]>([:])

  /// The format of that name, if the tokenizer has its template.
  func format(named name: String, of tokenizer: Tokenizer) throws -> ChatFormat? {
    guard let source = tokenizer.templateSource(named: name) else { return nil }
    return try made.withLock { made in
      if let known = made[name] { return try known.get() }
      let result = Result { ChatFormat(try ChatTemplate(source), tokenizer: tokenizer) }
      made[name] = result
      return try result.get()
    }
  }
}
