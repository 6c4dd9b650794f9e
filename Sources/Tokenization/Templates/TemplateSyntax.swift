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

/// What a call, filter or test is given.
struct TemplateArguments: Sendable {
  var positional: [TemplateExpression] = []
  var named: [(name: String, value: TemplateExpression)] = []
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
    case loop(
      targets: [String], over: TemplateExpression, condition: TemplateExpression?,
      body: [TemplateStatement], otherwise: [TemplateStatement])
    case set([TemplateTarget], TemplateExpression)
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

/// What `set` assigns to: a name, or an attribute of a namespace.
struct TemplateTarget: Sendable {
  var name: String
  var attribute: String?
}

/// A macro's definition.
final class TemplateMacro: Sendable {
  let name: String
  let parameters: [TemplateParameter]
  let body: [TemplateStatement]

  init(name: String, parameters: [TemplateParameter], body: [TemplateStatement]) {
    self.name = name
    self.parameters = parameters
    self.body = body
  }
}
