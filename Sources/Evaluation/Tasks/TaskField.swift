import Documents
import Tokenization

/// What a task file says of a document's prompt, target or choices: a column, a template, a value, a list.
struct TaskField: Sendable {
  enum Kind: Sendable {
    /// A template, or the name of a column where the data has one of that name.
    case text(TextTemplate)
    /// A value as it stands.
    case value(JSONValue)
  }

  let kind: Kind

  /// The setting under `key`, nil where it isn't there or null.
  init?(_ key: String, of file: TaskFile, in settings: JSONObject? = nil, called name: String? = nil) throws(DataError)
  {
    let name = name ?? key
    guard let value = (settings ?? file.settings)[key], !value.isNull else { return nil }
    if let function = value.pythonFunction {
      throw file.error(
        at: name, "this is the Python function \(function), and no Python is run here",
        advice:
          "Write it as a Jinja template, or use the task of this name that comes with apprentice, if there is one.")
    }
    guard case .string(let source) = value else {
      kind = .value(value)
      return
    }
    do { kind = .text(try TextTemplate(source)) } catch { throw file.error(at: name, "\(error)") }
  }

  /// The field of one document before anything is made of it: the column's value, the rendered text, or the value.
  func rendered(_ document: JSONObject, columns: Set<String>) throws -> (value: JSONValue, isTemplate: Bool) {
    switch kind {
    case .value(let value): return (value, false)
    case .text(let template):
      if columns.contains(template.source) { return (document[template.source] ?? .null, false) }
      return (.string(try template.render(document)), true)
    }
  }

  /// A prompt: text, or a whole number that chooses one of several.
  func prompt(of document: JSONObject, columns: Set<String>, hasChoices: Bool) throws -> JSONValue {
    let (value, isTemplate) = try rendered(document, columns: columns)
    guard isTemplate, hasChoices, let text = value.string, let number = Self.digits(text) else { return value }
    return .int(number)
  }

  /// A target: text, the number of a choice, or a list of texts.
  func target(of document: JSONObject, columns: Set<String>, hasChoices: Bool) throws -> JSONValue {
    let (value, isTemplate) = try rendered(document, columns: columns)
    guard isTemplate, let text = value.string else { return value }
    if hasChoices, let number = Self.digits(text) { return .int(number) }
    if text.utf8.count >= 2, text.first == "[", text.last == "]" { return PythonLiteral.value(of: text) ?? value }
    return value
  }

  /// Choices: the list that a column holds, that a template prints, or that stands in the file.
  func choices(of document: JSONObject, columns: Set<String>) throws -> [String] {
    let (value, isTemplate) = try rendered(document, columns: columns)
    var list = value
    if isTemplate, let text = value.string {
      guard let literal = PythonLiteral.value(of: text) else {
        throw TaskError("doc_to_choice gives no list: \(text.prefix(80).debugDescription)")
      }
      list = literal
    }
    if let members = list.object { list = .array(members.members.map(\.value)) }
    guard let elements = list.array else {
      throw TaskError("doc_to_choice gives no list but \(list.serialized().prefix(80))")
    }
    guard !elements.isEmpty else { throw TaskError("there is no choice") }
    return try elements.map { element in
      guard let text = element.string else {
        throw TaskError("a choice is no text but \(element.serialized().prefix(80))")
      }
      guard !text.isEmpty else { throw TaskError("a choice is empty") }
      return text
    }
  }

  /// Text, whatever the field holds: a setting such as a description or the beginning of an answer.
  func text(of document: JSONObject, columns: Set<String>) throws -> String {
    try rendered(document, columns: columns).value.pythonText
  }

  private static func digits(_ text: String) -> Int? {
    !text.isEmpty && text.utf8.allSatisfy({ (48...57).contains($0) }) ? Int(text) : nil
  }
}

/// An error in what a task makes of a document; whoever knows the task and the document says so.
struct TaskError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

extension JSONValue {
  /// The value as Python's `str` writes it.
  var pythonText: String {
    if case .string(let text) = self { return text }
    return (try? Self.printing.render(["value": self])) ?? serialized()
  }

  private static let printing: TextTemplate = {
    do { return try TextTemplate("{{value}}") } catch { preconditionFailure("\(error)") }
  }()

  /// The whole number that Python takes the value for: `True` is 1.
  var pythonInteger: Int? {
    switch self {
    case .int(let number): number
    case .bool(let flag): flag ? 1 : 0
    default: nil
    }
  }
}
