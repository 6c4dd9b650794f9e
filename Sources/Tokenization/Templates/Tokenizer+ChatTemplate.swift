public import Documents

extension Tokenizer {
  /// The chat template that came with the tokenizer, `nil` if none did.
  ///
  /// - Parameter name: Which of several, for files that hold more than the default one.
  public func chatTemplate(named name: String = "default") throws -> ChatTemplate? {
    switch configuration["chat_template"] {
    case .string(let source)?: return name == "default" ? try ChatTemplate(source) : nil
    case .array(let templates)?:
      let found = templates.first { $0["name"]?.string == name }
      return try found?["template"]?.string.map { try ChatTemplate($0) }
    default: return nil
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
    guard let template = try chatTemplate() else {
      throw TokenizationError(
        "the tokenizer has no chat template; put one in chat_template.jinja beside tokenizer.json")
    }
    var all = templateVariables
    for (name, value) in variables.members { all[name] = value }
    return try template.render(
      messages: messages, tools: tools, addGenerationPrompt: addGenerationPrompt, variables: all)
  }
}
