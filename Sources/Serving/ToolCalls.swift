import Foundation
import LanguageModels
import Tokenization

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

  /// Takes `tools` and `tool_choice` out of a request.
  init(_ fields: inout RequestFields) throws {
    guard let list = try fields.list("tools"), !list.isEmpty else {
      if let choice = fields.value("tool_choice"), choice.string != "none" {
        throw fields.wrong("tool_choice", "is only for requests with 'tools'")
      }
      return
    }
    guard list.count <= 128 else { throw fields.wrong("tools", "has more than 128 entries") }
    definitions = .array(list)
    for (i, tool) in list.enumerated() {
      guard tool["type"]?.string == "function", let name = tool["function"]?["name"]?.string, !name.isEmpty else {
        throw fields.wrong("tools[\(i)]", "must be a function with a name")
      }
      functions.append((name, tool["function"]?["parameters"] ?? ["type": "object"]))
    }
    switch fields.value("tool_choice") {
    case nil, .string("auto")?: choice = .auto
    case .string("none")?:
      choice = .none
      definitions = .null
    case .string("required")?: choice = .required
    case let value?:
      guard value["type"]?.string == "function", let name = value["function"]?["name"]?.string,
        functions.contains(where: { $0.name == name })
      else { throw fields.wrong("tool_choice", "must be none, auto, required or one of the tools") }
      choice = .named(name)
    }
  }

  /// What the whole answer must look like where a call is demanded: one JSON object with a name and arguments.
  func constraint() throws -> Constraint? {
    let wanted: [(name: String, parameters: JSONValue)]
    switch choice {
    case .none, .auto: return nil
    case .required: wanted = functions
    case .named(let name): wanted = functions.filter { $0.name == name }
    }
    let calls = wanted.map { function -> JSONValue in
      [
        "type": "object", "additionalProperties": false, "required": ["name", "arguments"],
        "properties": ["name": ["const": .string(function.name)], "arguments": function.parameters],
      ]
    }
    // References inside a tool's parameters mean that tool's own definitions.
    return try .jsonSchema(calls.count == 1 ? calls[0] : ["anyOf": .array(calls)])
  }

  /// What a model writes before a call, by family: Qwen and Hermes, Mistral, Llama 3.
  private static let markers = ["<tool_call>", "[TOOL_CALLS]", "<|python_tag|>"]

  /// How much of a text may be shown already: all of it but what may be, or become, a call.
  func shownLength(of text: String) -> Int {
    guard choice != .none else { return text.utf8.count }
    if text.drop(while: \.isWhitespace).isEmpty { return 0 }
    if let first = text.first(where: { !$0.isWhitespace }), first == "{" || first == "[" { return 0 }
    var shown = text.utf8.count
    for marker in Self.markers {
      if let range = text.range(of: marker) { shown = min(shown, text.utf8.distance(from: text.startIndex, to: range.lowerBound)) }
      for length in stride(from: min(marker.utf8.count - 1, text.utf8.count), to: 0, by: -1)
      where text.utf8.suffix(length).elementsEqual(marker.utf8.prefix(length)) {
        shown = min(shown, text.utf8.count - length)
        break
      }
    }
    return shown
  }

  /// The calls in a finished text, and the text without them.
  func calls(in text: String) -> (content: String, calls: [Call]) {
    guard choice != .none else { return (text, []) }
    var content = text
    var calls: [Call] = []
    while let open = content.range(of: "<tool_call>") {
      let close = content.range(of: "</tool_call>", range: open.upperBound..<content.endIndex)
      let inner = content[open.upperBound..<(close?.lowerBound ?? content.endIndex)]
      guard let found = parse(String(inner)) else { break }
      calls += found
      content.removeSubrange(open.lowerBound..<(close?.upperBound ?? content.endIndex))
    }
    if calls.isEmpty {
      var body = text.trimmingCharacters(in: .whitespacesAndNewlines)
      for marker in Self.markers where body.hasPrefix(marker) { body.removeFirst(marker.count) }
      if let found = parse(body) { return ("", found) }
    }
    return (calls.isEmpty ? text : content.trimmingCharacters(in: .whitespacesAndNewlines), calls)
  }

  /// One call or a list of them; nil for anything else, and for functions that were not offered.
  private func parse(_ text: String) -> [Call]? {
    guard let value = try? JSONValue(parsing: text.trimmingCharacters(in: .whitespacesAndNewlines)) else { return nil }
    let list = value.array ?? [value]
    let calls = list.compactMap { item -> Call? in
      guard let name = item["name"]?.string, functions.contains(where: { $0.name == name }) else { return nil }
      let arguments = item["arguments"] ?? item["parameters"] ?? [:]
      return Call(name: name, arguments: arguments.string ?? arguments.serialized())
    }
    return calls.isEmpty || calls.count != list.count ? nil : calls
  }
}
