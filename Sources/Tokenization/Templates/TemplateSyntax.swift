/// An expression of a template.
indirect enum TemplateExpression: Sendable {
  case literal(TemplateLiteral)
  case name(String)
  case list([TemplateExpression], isTuple: Bool)
  case dictionary([(key: TemplateExpression, value: TemplateExpression)])
  case attribute(TemplateExpression, String)
  case item(TemplateExpression, TemplateExpression)
  case slice(
    TemplateExpression, start: TemplateExpression?, stop: TemplateExpression?,
    step: TemplateExpression?)
  case call(TemplateExpression, TemplateArguments)
  case filter(TemplateExpression, String, TemplateArguments)
  case test(TemplateExpression, String, TemplateArguments, isNegated: Bool)
  case negative(TemplateExpression)
  case not(TemplateExpression)
  case and(TemplateExpression, TemplateExpression)
  case or(TemplateExpression, TemplateExpression)
  case binary(String, TemplateExpression, TemplateExpression)
  case compare(TemplateExpression, [(symbol: String, operand: TemplateExpression)])
  case conditional(
    TemplateExpression, condition: TemplateExpression, otherwise: TemplateExpression?)
}

/// A value written in a template.
enum TemplateLiteral: Sendable {
  case none
  case bool(Bool)
  case int(Int)
  case double(Double)
  case string(String)
}

/// The arguments of a call, filter or test.
struct TemplateArguments: Sendable {
  /// The values by place; `spreads` says which are lists of several, written `*list`.
  var positional: [TemplateExpression] = []
  var named: [(name: String, value: TemplateExpression)] = []
  /// The places of `*list` among the positional ones.
  var spreads: Set<Int> = []
  /// Mappings of named values, written `**mapping`.
  var mappings: [TemplateExpression] = []
}

/// One parameter of a macro.
struct TemplateParameter: Sendable {
  var name: String
  var fallback: TemplateExpression?
}

/// A statement of a template and the line it is on.
struct TemplateStatement: Sendable {
  indirect enum Kind: Sendable {
    case text(String)
    case output(TemplateExpression)
    case branch(
      [(condition: TemplateExpression, body: [TemplateStatement])], otherwise: [TemplateStatement])
    case loop(TemplateLoopStatement)
    case set(TemplateTarget, TemplateExpression)
    case capture(
      TemplateTarget, filters: [(name: String, arguments: TemplateArguments)],
      body: [TemplateStatement])
    case macro(TemplateMacro)
    case call(TemplateMacro, TemplateExpression)
    case filtered([(name: String, arguments: TemplateArguments)], body: [TemplateStatement])
    case with([(name: String, value: TemplateExpression)], body: [TemplateStatement])
    case generation([TemplateStatement])
    case stop
    case skip
  }

  var kind: Kind
  var line: Int
}

/// The target of `set` and `for`.
indirect enum TemplateTarget: Sendable {
  case name(String)
  /// An attribute of a namespace.
  case attribute(String, of: String)
  /// A value's elements, each to its own.
  case several([TemplateTarget])
}

/// A loop as it is written.
final class TemplateLoopStatement: Sendable {
  let target: TemplateTarget
  let values: TemplateExpression
  let condition: TemplateExpression?
  let body: [TemplateStatement]
  let otherwise: [TemplateStatement]
  /// Whether `loop(…)` runs the body again over other values.
  let isRecursive: Bool

  init(
    _ target: TemplateTarget, over values: TemplateExpression, condition: TemplateExpression?,
    body: [TemplateStatement], otherwise: [TemplateStatement], isRecursive: Bool
  ) {
    (self.target, self.values, self.condition) = (target, values, condition)
    (self.body, self.otherwise, self.isRecursive) = (body, otherwise, isRecursive)
  }
}

/// A macro's definition.
final class TemplateMacro: Sendable {
  let name: String
  let parameters: [TemplateParameter]
  let body: [TemplateStatement]
  /// The names in its body.
  private let names: Set<String>

  init(name: String, parameters: [TemplateParameter], body: [TemplateStatement], names: Set<String>) {
    self.name = name
    self.parameters = parameters
    self.body = body
    self.names = names
  }

  /// Whether its body has this name: `varargs` and `kwargs` take further arguments where they are mentioned.
  func mentions(_ name: String) -> Bool { names.contains(name) }
}
