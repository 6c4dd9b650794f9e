/// The tests after `is`.
enum TemplateTests {
  static let names: Set<String> = [
    "defined", "undefined", "none", "string", "mapping", "iterable", "sequence", "number",
    "integer",
    "float", "boolean", "true", "false", "even", "odd", "divisibleby", "in", "equalto", "eq", "ne",
    "lt", "le", "gt", "ge", "lessthan", "greaterthan", "sameas", "callable", "lower", "upper",
    "filter", "test", "escaped",
  ]

  /// Whether `value` passes the test.
  static func passes(
    _ name: String, _ value: TemplateValue, _ arguments: [TemplateValue],
    _ machine: TemplateInterpreter
  ) throws -> Bool {
    func argument() throws -> TemplateValue {
      guard let first = arguments.first else {
        throw machine.fault("the test '\(name)' needs a value")
      }
      return first
    }
    func whole(_ value: TemplateValue) throws -> Int {
      guard let number = value.integer else {
        throw machine.fault("the test '\(name)' needs a whole number, not \(value.kind)")
      }
      return number
    }
    guard names.contains(name) else { throw machine.fault("no test named '\(name)'") }
    switch (name, value) {
    case ("filter", .string(let text)): return TemplateFilters.names.contains(text)
    case ("test", .string(let text)): return names.contains(text)
    case ("defined", .undefined): return false
    case ("defined", _): return true
    case ("undefined", .undefined): return true
    case ("none", .none): return true
    case ("string", .string): return true
    case ("mapping", .dictionary): return true
    case ("iterable", .string), ("iterable", .sequence), ("iterable", .dictionary),
      ("iterable", .undefined):
      return true
    case ("sequence", .string), ("sequence", .sequence), ("sequence", .dictionary),
      ("sequence", .undefined):
      return true
    case ("number", .int), ("number", .double), ("number", .bool): return true
    case ("integer", .int), ("float", .double), ("boolean", .bool): return true
    case ("true", .bool(let flag)): return flag
    case ("false", .bool(let flag)): return !flag
    case ("callable", .macro), ("callable", .function), ("callable", .method): return true
    case ("lower", .string(let text)): return text == text.lowercased() && text != text.uppercased()
    case ("upper", .string(let text)): return text == text.uppercased() && text != text.lowercased()
    case ("even", _): return try whole(value) % 2 == 0
    case ("odd", _): return try whole(value) % 2 != 0
    case ("divisibleby", _):
      let divisor = try whole(argument())
      guard divisor != 0 else { throw machine.fault("division by zero") }
      return try whole(value).remainderReportingOverflow(dividingBy: divisor).partialValue == 0
    case ("in", _): return try machine.contains(argument(), value)
    case ("equalto", _), ("eq", _), ("sameas", _): return try value == argument()
    case ("ne", _): return try value != argument()
    case ("lt", _), ("lessthan", _): return try machine.compare("<", value, argument())
    case ("le", _): return try machine.compare("<=", value, argument())
    case ("gt", _), ("greaterthan", _): return try machine.compare(">", value, argument())
    case ("ge", _): return try machine.compare(">=", value, argument())
    default: return false
    }
  }
}
