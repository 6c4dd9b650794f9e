public import Documents
public import Foundation

/// A model's chat template: messages and tools in, the text that the model was trained on out.
///
/// ```swift
/// let template = try ChatTemplate("{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% endfor %}")
/// let text = try template.render(messages: [["role": "user", "content": "Hi"]])
/// ```
///
/// The Jinja that published templates use, printing what `transformers`' `apply_chat_template` prints:
/// loops, conditions, filters, tests, macros, namespaces, formats, white-space control, `raise_exception`,
/// `strftime_now` and `{% generation %}`. Templates come from strangers, so time, nesting and size are
/// bounded, and nothing outside the given values can be reached. Left out: `include`, `import`,
/// inheritance, and methods that change lists or mappings (which `transformers`'
/// sandbox refuses too).
public struct ChatTemplate: Sendable {
  /// The template as written.
  public let source: String
  private let statements: [TemplateStatement]

  /// The result of rendering.
  public struct Rendering: Sendable, Equatable {
    /// The text.
    public var text: String
    /// The ranges of UTF-8 bytes that `{% generation %}` marks: what the assistant said, for training
    /// on that alone.
    public var generations: [Range<Int>]
  }

  /// Parses a template of at most 1 MB.
  public init(_ source: String) throws {
    guard source.utf8.count <= 1 << 20 else {
      throw TokenizationError("chat template: more than 1 MB")
    }
    self.source = source
    statements = try TemplateParser.parse(source)
  }

  /// The text of a conversation.
  ///
  /// - Parameters:
  ///   - messages: An array of objects with `role`, `content` and whatever else the template reads.
  ///   - tools: An array of tool definitions in JSON schema, if any.
  ///   - addGenerationPrompt: Ends with the opening of the assistant's turn.
  ///   - variables: Further values by name, such as `bos_token`, `documents` or `enable_thinking`.
  ///   - now: What `strftime_now` prints.
  public func render(
    messages: JSONValue, tools: JSONValue? = nil, addGenerationPrompt: Bool = false,
    variables: JSONObject = JSONObject(), now: Date = Date()
  ) throws -> String {
    try rendering(
      messages: messages, tools: tools, addGenerationPrompt: addGenerationPrompt,
      variables: variables, now: now
    ).text
  }

  /// The text of a conversation with the ranges that the assistant said.
  public func rendering(
    messages: JSONValue, tools: JSONValue? = nil, addGenerationPrompt: Bool = false,
    variables: JSONObject = JSONObject(), now: Date = Date()
  ) throws -> Rendering {
    var names: [String: TemplateValue] = [
      "messages": TemplateValue(messages), "tools": tools.map { TemplateValue($0) } ?? .none,
      "documents": .none, "add_generation_prompt": .bool(addGenerationPrompt),
    ]
    for (name, value) in variables.members { names[name] = TemplateValue(value) }
    let interpreter = TemplateInterpreter(clock: TemplateClock(now: now))
    try interpreter.run(statements, in: TemplateScope(names))
    return Rendering(text: interpreter.output, generations: interpreter.generations)
  }
}
