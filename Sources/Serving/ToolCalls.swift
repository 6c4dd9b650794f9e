import Documents
import Foundation
import LanguageModels

/// The tools of a chat request, and the calls that a model's text makes of them.
struct Tools: Sendable {
  enum Choice: Sendable, Equatable {
    case none, auto, required
    case named(String)
  }
  struct Call: Sendable, Equatable {
    var name: String
    /// A JSON document.
    var arguments: String

    func json(index: Int?) -> JSONValue {
      var object: JSONObject = [
        "id": .identifier("call_"), "type": "function",
        "function": ["name": .string(name), "arguments": .string(arguments)],
      ]
      if let index { object["index"] = .int(index) }
      return .object(object)
    }
  }

  /// As the template gets them; null where there are none.
  var definitions: JSONValue = .null
  var choice = Choice.none
  private var functions: [(name: String, parameters: JSONValue)] = []

  /// Takes `tools`, `tool_choice` and `parallel_tool_calls` out of a request.
  ///
  /// - Parameter isFlat: whether a function's members stand beside its type, as in responses, and not in a `function`.
  init(_ fields: inout RequestFields, isFlat: Bool = false) throws {
    let allowsSeveral = try fields.bool("parallel_tool_calls") ?? true
    guard let list = try fields.list("tools"), !list.isEmpty else {
      if let choice = fields.value("tool_choice"), choice.string != "none" {
        throw fields.wrong("tool_choice", "is only for requests with 'tools'")
      }
      return
    }
    guard list.count <= 128 else { throw fields.wrong("tools", "has more than 128 entries") }
    func function(_ value: JSONValue) -> JSONValue? {
      guard value["type"]?.string == "function" else { return nil }
      return isFlat ? value : value["function"]
    }
    var shown: [JSONValue] = []
    for (i, tool) in list.enumerated() {
      guard let own = function(tool), let name = own["name"]?.string, !name.isEmpty else {
        throw fields.wrong("tools[\(i)]", "must be a function with a name")
      }
      let parameters = own["parameters"].flatMap { $0.isNull ? nil : $0 } ?? ["type": "object"]
      guard parameters.object != nil else { throw fields.wrong("tools[\(i)].parameters", "must be a JSON schema") }
      functions.append((name, parameters))
      shown.append(isFlat ? Self.nested(own) : tool)
    }
    definitions = .array(shown)
    switch fields.value("tool_choice") {
    case nil, .string("auto")?:
      guard allowsSeveral else {
        throw fields.wrong("parallel_tool_calls", "can't be false: what a model calls on its own is not limited")
      }
      choice = .auto
    case .string("none")?:
      choice = .none
      definitions = .null
    case .string("required")?: choice = .required
    case let value?:
      guard let name = function(value)?["name"]?.string, functions.contains(where: { $0.name == name })
      else { throw fields.wrong("tool_choice", "must be none, auto, required or one of the tools") }
      choice = .named(name)
    }
  }

  /// A flat function as templates know functions.
  private static func nested(_ function: JSONValue) -> JSONValue {
    let members = function.object?.members.filter { $0.key != "type" } ?? []
    return ["type": "function", "function": .object(JSONObject(members))]
  }

  /// What the whole answer must look like where a call is demanded: one JSON object with a name and arguments.
  func constraint() throws -> Constraint? {
    let wanted: [(name: String, parameters: JSONValue)]
    switch choice {
    case .none, .auto: return nil
    case .required: wanted = functions
    case .named(let name): wanted = functions.filter { $0.name == name }
    }
    return try .functionCall(wanted)
  }

  /// What a model writes before a call and after it, by family: Qwen, Hermes and SmolLM; Phi-4 and Granite; Mistral; Llama 3.
  private static let marks: [(open: String, close: String)] = [
    ("<tool_call>", "</tool_call>"), ("<|tool_call|>", "<|/tool_call|>"), ("[TOOL_CALLS]", "[TOOL_CALLS]"),
    ("<|python_tag|>", "<|eom_id|>"),
  ]

  /// How much of a text may be shown already: all of it but what may be, or become, a call.
  ///
  /// - Parameter shown: how many bytes have been; a call can only begin after them.
  func shownLength(of text: String, after shown: Int) -> Int {
    guard choice != .none else { return text.utf8.count }
    if shown == 0 {
      guard let first = text.first(where: { !$0.isWhitespace }), first != "{", first != "[" else { return 0 }
    }
    let bytes = Array(text.utf8.dropFirst(shown))
    for i in bytes.indices where bytes[i] == UInt8(ascii: "<") || bytes[i] == UInt8(ascii: "[") {
      // A mark, or what may become one when more has come.
      if Self.marks.contains(where: {
        bytes[i...].prefix($0.open.utf8.count).elementsEqual($0.open.utf8.prefix(bytes.count - i))
      }) {
        return shown + i
      }
    }
    return shown + bytes.count
  }

  /// The calls in a finished text, and the text without them.
  func calls(in text: String) -> (content: String, calls: [Call]) {
    guard choice != .none else { return (text, []) }
    for (open, close) in Self.marks {
      var content = text
      var calls: [Call] = []
      while let start = content.range(of: open) {
        let end = content.range(of: close, range: start.upperBound..<content.endIndex)
        guard let found = parse(content[start.upperBound..<(end?.lowerBound ?? content.endIndex)]) else { break }
        calls += found
        // Where one mark opens and closes, the next call begins with what closes this one.
        let next = open == close ? end?.lowerBound : end?.upperBound
        content.removeSubrange(start.lowerBound..<(next ?? content.endIndex))
      }
      if !calls.isEmpty { return (content.trimmingCharacters(in: .whitespacesAndNewlines), calls) }
    }
    // Marks that are control tokens don't show; a text that is nothing but calls is calls.
    return parse(text[...]).map { ("", $0) } ?? (text, [])
  }

  /// One call, a list of them or several with semicolons between; nil for anything else, and for functions that were not offered.
  private func parse(_ text: Substring) -> [Call]? {
    let body = text.trimmingCharacters(in: .whitespacesAndNewlines)
    if let value = try? JSONValue(parsing: body) {
      let list = value.array ?? [value]
      let calls = list.compactMap(call)
      return calls.isEmpty || calls.count != list.count ? nil : calls
    }
    // Mistral's later form: the name, then the arguments.
    if let brace = body.firstIndex(of: "{"), brace > body.startIndex {
      let name = body[..<brace].replacing("[ARGS]", with: "").trimmingCharacters(in: .whitespacesAndNewlines)
      if let arguments = try? JSONValue(parsing: String(body[brace...])) {
        return call(["name": .string(name), "arguments": arguments]).map { [$0] }
      }
    }
    let parts = body.split(separator: ";")
    guard parts.count > 1 else { return nil }
    let calls = parts.compactMap {
      (try? JSONValue(parsing: String($0).trimmingCharacters(in: .whitespacesAndNewlines))).flatMap(call)
    }
    return calls.count == parts.count ? calls : nil
  }

  private func call(_ value: JSONValue) -> Call? {
    guard let name = value["name"]?.string, functions.contains(where: { $0.name == name }) else { return nil }
    let arguments = value["arguments"] ?? value["parameters"] ?? [:]
    return Call(name: name, arguments: arguments.string ?? arguments.serialized())
  }
}
