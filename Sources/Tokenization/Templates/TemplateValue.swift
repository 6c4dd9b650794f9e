import Documents

/// A value while a template runs; strings compare and count by code point, as in Python.
enum TemplateValue {
  case undefined(String)
  case none
  case bool(Bool)
  case int(Int)
  case double(Double)
  case string(String)
  case sequence(TemplateList)
  case dictionary(TemplateDictionary)
  case namespace(TemplateNamespace)
  case loop(TemplateLoop)
  case macro(TemplateMacro, TemplateScope)
  case function(String)
  case method(String, of: [TemplateValue])

  /// A list or tuple.
  static func list(_ elements: [TemplateValue], isTuple: Bool = false) -> TemplateValue {
    .sequence(TemplateList(elements, isTuple: isTuple))
  }

  /// The number of parts that the value has, nested ones included; what printing or comparing it costs.
  var weight: Int {
    switch self {
    case .sequence(let list): list.weight
    case .dictionary(let dictionary): dictionary.weight
    case .string(let text): 1 + text.utf8.count / 64
    default: 1
    }
  }

  /// The depth to which the value nests.
  var height: Int {
    switch self {
    case .sequence(let list): list.height
    case .dictionary(let dictionary): dictionary.height
    default: 0
    }
  }

  /// The value of a JSON document.
  init(_ json: JSONValue) {
    switch json {
    case .null: self = .none
    case .bool(let value): self = .bool(value)
    case .int(let value): self = .int(value)
    case .double(let value): self = .double(value)
    case .string(let value): self = .string(value)
    case .array(let elements): self = .list(elements.map { TemplateValue($0) })
    case .object(let object):
      var dictionary = TemplateDictionary()
      for (key, value) in object.members { dictionary[.string(key)] = TemplateValue(value) }
      self = .dictionary(dictionary)
    }
  }

  /// The value of a literal.
  init(_ literal: TemplateLiteral) {
    switch literal {
    case .none: self = .none
    case .bool(let value): self = .bool(value)
    case .int(let value): self = .int(value)
    case .double(let value): self = .double(value)
    case .string(let value): self = .string(value)
    }
  }

  /// Python's truth.
  var isTrue: Bool {
    switch self {
    case .undefined, .none: false
    case .bool(let value): value
    case .int(let value): value != 0
    case .double(let value): value != 0
    case .string(let value): !value.isEmpty
    case .sequence(let list): !list.elements.isEmpty
    case .dictionary(let dictionary): !dictionary.members.isEmpty
    case .namespace, .loop, .macro, .function, .method: true
    }
  }

  /// The number, booleans counting as 0 and 1.
  var number: Double? {
    switch self {
    case .bool(let value): value ? 1 : 0
    case .int(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }

  /// The whole number, booleans counting as 0 and 1.
  var integer: Int? {
    switch self {
    case .bool(let value): value ? 1 : 0
    case .int(let value): value
    default: nil
    }
  }

  /// The text that `{{ }}` prints.
  var text: String {
    switch self {
    case .undefined: ""
    case .string(let value): value
    default: representation
    }
  }

  /// Python's `repr`.
  var representation: String {
    switch self {
    case .undefined: return "Undefined"
    case .none: return "None"
    case .bool(let value): return value ? "True" : "False"
    case .int(let value): return String(value)
    case .double(let value):
      if value.isNaN { return "nan" }
      return value.isInfinite ? (value < 0 ? "-inf" : "inf") : JSONValue.text(of: value)
    case .string(let value): return Self.quoted(value)
    case .sequence(let list):
      let inner = list.elements.map(\.representation).joined(separator: ", ")
      if !list.isTuple { return "[\(inner)]" }
      return list.elements.count == 1 ? "(\(inner),)" : "(\(inner))"
    case .dictionary(let dictionary):
      let inner = dictionary.members.map { "\($0.key.representation): \($0.value.representation)" }
      return "{" + inner.joined(separator: ", ") + "}"
    case .namespace: return "<Namespace>"
    case .loop(let loop): return "<LoopContext \(loop.index + 1)/\(loop.elements.count)>"
    case .macro(let macro, _): return "<Macro \(Self.quoted(macro.name))>"
    case .function(let name), .method(let name, _): return "<function \(name)>"
    }
  }

  private static func quoted(_ text: String) -> String {
    let scalars = text.unicodeScalars
    let quote: Unicode.Scalar = scalars.contains("'") && !scalars.contains("\"") ? "\"" : "'"
    var view = String.UnicodeScalarView([quote])
    for scalar in scalars {
      switch scalar {
      case quote, "\\":
        view.append("\\")
        view.append(scalar)
      case "\n": view.append(contentsOf: "\\n".unicodeScalars)
      case "\r": view.append(contentsOf: "\\r".unicodeScalars)
      case "\t": view.append(contentsOf: "\\t".unicodeScalars)
      default:
        if scalar.value < 0x20 || scalar.value == 0x7F {
          let digits = String(scalar.value, radix: 16)
          let code = "\\x\(digits.count < 2 ? "0" : "")\(digits)"
          view.append(contentsOf: code.unicodeScalars)
        } else {
          view.append(scalar)
        }
      }
    }
    view.append(quote)
    return String(view)
  }

  /// The kind of value, in Python's words.
  var kind: String {
    switch self {
    case .undefined: "undefined"
    case .none: "None"
    case .bool: "a boolean"
    case .int, .double: "a number"
    case .string: "a string"
    case .sequence(let list): list.isTuple ? "a tuple" : "a list"
    case .dictionary: "a mapping"
    case .namespace: "a namespace"
    case .loop: "a loop"
    case .macro, .function, .method: "a function"
    }
  }

  /// The value as JSON, `nil` for what has none.
  var json: JSONValue? {
    switch self {
    case .none: return .null
    case .bool(let value): return .bool(value)
    case .int(let value): return .int(value)
    case .double(let value): return .double(value)
    case .string(let value): return .string(value)
    case .sequence(let list):
      let converted = list.elements.compactMap(\.json)
      return converted.count == list.elements.count ? .array(converted) : nil
    case .dictionary(let dictionary):
      var object = JSONObject()
      for (key, value) in dictionary.members {
        guard let value = value.json else { return nil }
        let name: String
        switch key {
        case .string(let text): name = text
        case .int, .double: name = key.representation
        case .bool(let flag): name = flag ? "true" : "false"
        case .none: name = "null"
        default: return nil
        }
        object.members.append((name, value))
      }
      return .object(object)
    default: return nil
    }
  }
}

extension TemplateValue: Equatable {
  static func == (a: TemplateValue, b: TemplateValue) -> Bool {
    switch (a, b) {
    case (.undefined, .undefined), (.none, .none): return true
    case (.string(let x), .string(let y)): return x.utf8.elementsEqual(y.utf8)
    case (.sequence(let x), .sequence(let y)):
      return x.isTuple == y.isTuple && x.elements == y.elements
    case (.dictionary(let x), .dictionary(let y)):
      return x.members.count == y.members.count && x.members.allSatisfy { y[$0.key] == $0.value }
    case (.namespace(let x), .namespace(let y)): return x === y
    case (.macro(let x, _), .macro(let y, _)): return x === y
    case (.function(let x), .function(let y)): return x == y
    case (.int(let x), .int(let y)): return x == y
    default:
      if let x = a.number, let y = b.number { return x == y }
      return false
    }
  }
}

/// A list or tuple, which knows its size so that work on it can be bounded.
struct TemplateList {
  let elements: [TemplateValue]
  let isTuple: Bool
  let weight: Int
  let height: Int

  init(_ elements: [TemplateValue], isTuple: Bool) {
    self.elements = elements
    self.isTuple = isTuple
    var weight = 1
    var height = 0
    for element in elements {
      weight += element.weight
      height = max(height, element.height)
    }
    self.weight = weight
    self.height = height + 1
  }
}

/// A mapping that keeps the order of its keys.
struct TemplateDictionary {
  private(set) var members: [(key: TemplateValue, value: TemplateValue)] = []
  private(set) var weight = 1
  private(set) var height = 1

  init(members: [(key: TemplateValue, value: TemplateValue)] = []) {
    self.members = members
    for member in members { grow(member.key, member.value) }
  }

  private mutating func grow(_ key: TemplateValue, _ value: TemplateValue) {
    weight += key.weight + value.weight
    height = max(height, value.height + 1, key.height + 1)
  }

  subscript(key: TemplateValue) -> TemplateValue? {
    get { members.first { $0.key == key }?.value }
    set {
      if let newValue { grow(key, newValue) }
      let index = members.firstIndex { $0.key == key }
      if let index {
        if let newValue { members[index].value = newValue } else { members.remove(at: index) }
      } else if let newValue {
        members.append((key, newValue))
      }
    }
  }
}

/// The state of a loop: the value of `loop` inside it.
struct TemplateLoop {
  let elements: [TemplateValue]
  let index: Int
  /// The number of recursive loops that it stands in.
  let depth: Int
  /// The loop itself, and the scope that it stands in.
  let statement: TemplateLoopStatement
  let scope: TemplateScope
  let memory: TemplateLoopMemory

  /// The attribute of that name.
  subscript(name: String) -> TemplateValue? {
    let count = elements.count
    switch name {
    case "index": return .int(index + 1)
    case "index0": return .int(index)
    case "first": return .bool(index == 0)
    case "last": return .bool(index == count - 1)
    case "length": return .int(count)
    case "revindex": return .int(count - index)
    case "revindex0": return .int(count - index - 1)
    case "depth": return .int(depth + 1)
    case "depth0": return .int(depth)
    case "previtem": return index > 0 ? elements[index - 1] : nil
    case "nextitem": return index + 1 < count ? elements[index + 1] : nil
    case "cycle": return .method("cycle", of: [.int(index)])
    case "changed": return .method("changed", of: [.loop(self)])
    default: return nil
    }
  }
}

/// The arguments that `loop.changed` was given last.
final class TemplateLoopMemory {
  var last: [TemplateValue]?
}

/// The value of `namespace()`: attributes that may be set from inner scopes.
final class TemplateNamespace {
  var attributes = TemplateDictionary()
}

/// The names of a block, inside those around it.
final class TemplateScope {
  private var names: [String: TemplateValue]
  private let outer: TemplateScope?

  init(_ names: [String: TemplateValue] = [:], in outer: TemplateScope? = nil) {
    self.names = names
    self.outer = outer
  }

  subscript(name: String) -> TemplateValue? {
    get {
      var scope: TemplateScope? = self
      while let current = scope {
        if let value = current.names[name] { return value }
        scope = current.outer
      }
      return nil
    }
    set { names[name] = newValue }
  }

  func removeAll() { names = [:] }
}
