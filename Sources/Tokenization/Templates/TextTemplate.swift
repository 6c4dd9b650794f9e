public import Documents
import Foundation

/// A Jinja template over the fields of a record, such as a task's prompt: fields in, text out.
///
/// ```swift
/// let template = try TextTemplate("Question: {{question}}\nAnswer:")
/// let text = try template.render(["question": "Is it so?"])
/// ```
///
/// The language of ``ChatTemplate`` with the white space of plain Jinja: tags take no line break along, the last one stays, and a
/// name that isn't there is an error, unless `is defined` or `default` asks. `regex_replace(pattern, replacement)` is there too.
public struct TextTemplate: Sendable {
  /// The template as written.
  public let source: String
  private let statements: [TemplateStatement]

  /// Parses a template of at most 1 MB.
  ///
  /// - Throws: ``TokenizationError`` with the line.
  public init(_ source: String) throws {
    guard source.utf8.count <= 1 << 20 else { throw TokenizationError("template: more than 1 MB") }
    self.source = source
    statements = try TemplateParser.parse(source, in: .text)
  }

  /// The text of a record.
  ///
  /// - Throws: ``TokenizationError`` for a field that isn't there, and for work beyond the bounds.
  public func render(_ fields: JSONObject) throws -> String {
    var names: [String: TemplateValue] = [:]
    for (name, value) in fields.members { names[name] = TemplateValue(value) }
    let interpreter = TemplateInterpreter(clock: TemplateClock(now: .distantPast), environment: .text)
    try interpreter.run(statements, in: TemplateScope(names))
    return interpreter.output
  }
}
