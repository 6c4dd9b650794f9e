import Documents
import LanguageModels
import Tokenization

/// The tools of a chat request.
struct Tools: Sendable {
  enum Choice: Sendable, Equatable {
    case none, auto, required
    case named(String)
  }
  /// As the template gets them; null where there are none.
  var definitions: JSONValue = .null
  var choice = Choice.none
  /// The number of calls that an answer may have.
  private(set) var mostCalls = Int.max
  private var functions: [(name: String, parameters: JSONValue)] = []

  /// The functions that an answer may call, with the schemas of their parameters.
  var callable: [String: JSONValue] {
    choice == .none ? [:] : Dictionary(functions.map { ($0.name, $0.parameters) }) { first, _ in first }
  }

  /// Takes `tools`, `tool_choice` and `parallel_tool_calls` out of a request.
  ///
  /// - Parameter isFlat: whether a function's members stand beside its type, as in responses, and not in a `function`.
  init(_ fields: inout RequestFields, isFlat: Bool = false) throws {
    if try fields.bool("parallel_tool_calls") == false { mostCalls = 1 }
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
      guard let parameters = Self.parameters(own["parameters"] ?? .null) else {
        throw fields.wrong("tools[\(i)].parameters", "must be a JSON schema")
      }
      functions.append((name, parameters))
      shown.append(Self.shown(own, parameters))
    }
    definitions = .array(shown)
    switch fields.value("tool_choice") {
    case nil, .string("auto")?: choice = .auto
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

  /// A function's parameters as an object's schema: no parameters where there is none, or an empty one.
  private static func parameters(_ given: JSONValue) -> JSONValue? {
    if given.isNull || given.object?.members.isEmpty == true {
      return ["type": "object", "properties": [:], "additionalProperties": false]
    }
    guard var object = given.object else { return nil }
    // Anything but an object would be no arguments, whatever the schema leaves open.
    let deciding = ["type", "$ref", "anyOf", "oneOf", "allOf", "enum", "const"]
    if !deciding.contains(where: { object[$0] != nil }) { object["type"] = "object" }
    return .object(object)
  }

  /// A function as templates know functions, without members that say nothing.
  private static func shown(_ function: JSONValue, _ parameters: JSONValue) -> JSONValue {
    var own = JSONObject((function.object?.members ?? []).filter { $0.key != "type" && !$0.value.isNull })
    own["parameters"] = parameters
    return ["type": "function", "function": .object(own)]
  }

  /// The condition on the whole answer where a call is demanded: one JSON object with a name and arguments.
  func constraint() throws -> Constraint? {
    let wanted: [(name: String, parameters: JSONValue)]
    switch choice {
    case .none, .auto: return nil
    case .required: wanted = functions
    case .named(let name): wanted = functions.filter { $0.name == name }
    }
    return try .functionCall(wanted)
  }
}
