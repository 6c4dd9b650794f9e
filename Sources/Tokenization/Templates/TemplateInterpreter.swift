/// Runs a template's statements, within bounds on steps, depth and size.
final class TemplateInterpreter {
  /// The most evaluations that one rendering may take; published templates take some thousands.
  static let mostSteps = 4_000_000
  /// The most bytes that a text may have.
  static let mostBytes = 64 << 20
  /// The deepest nesting of expressions, blocks and macros while running.
  static let deepest = 200
  /// The most parts, nested ones included, that a list or mapping may have.
  static let heaviest = 1_000_000

  /// The effect of a statement on the loop around it.
  private enum Flow {
    case on, stop, skip
  }

  /// The text so far.
  private(set) var output = ""
  /// The byte ranges of `output` inside `{% generation %}` blocks.
  private(set) var generations: [Range<Int>] = []
  /// The clock for `strftime_now`.
  let clock: TemplateClock
  private var line = 1
  private var steps = 0
  private var depth = 0
  /// The number of captures (macros, block sets) that are open; generation ranges count only outside them.
  private var captures = 0
  private var scopesWithMacros: [TemplateScope] = []
  /// Every namespace made.
  var namespaces: [TemplateNamespace] = []

  /// What its environment decides.
  private let environment: TemplateEnvironment

  init(clock: TemplateClock, environment: TemplateEnvironment = .chat) {
    self.clock = clock
    self.environment = environment
  }

  /// Runs a whole template.
  func run(_ statements: [TemplateStatement], in scope: TemplateScope) throws {
    // Macros and namespaces may refer to the scopes that hold them; emptied, nothing keeps itself.
    defer {
      for scope in scopesWithMacros { scope.removeAll() }
      for namespace in namespaces { namespace.attributes = TemplateDictionary() }
    }
    _ = try execute(statements, in: scope)
  }

  func fault(_ what: String) -> TokenizationError {
    TokenizationError("\(environment.subject), line \(line): \(what)")
  }

  /// Counts work; long texts count by their length.
  func charge(_ amount: Int = 1) throws {
    steps += amount
    guard steps <= Self.mostSteps else {
      throw fault("takes more than \(Self.mostSteps) steps; is there an endless loop?")
    }
  }

  /// The text, unless it is longer than any prompt.
  func bounded(_ text: String) throws -> String {
    let count = text.utf8.count
    guard count <= Self.mostBytes else {
      throw fault("a text of more than \(Self.mostBytes) bytes")
    }
    try charge(count / 256)
    return text
  }

  /// Refuses what is undefined, where the environment is strict about it.
  func requireDefined(_ value: TemplateValue) throws {
    if environment.isStrict, case .undefined(let why) = value { throw fault(why) }
  }

  /// The truth of a condition.
  func truth(_ value: TemplateValue) throws -> Bool {
    try requireDefined(value)
    return value.isTrue
  }

  /// Prints a value; large values count as work.
  func text(of value: TemplateValue) throws -> String {
    if case .string(let text) = value { return text }
    try requireDefined(value)
    try charge(value.weight)
    return try bounded(value.text)
  }

  private func emit(_ text: String) throws {
    guard output.utf8.count + text.utf8.count <= Self.mostBytes else {
      throw fault("output of more than \(Self.mostBytes) bytes")
    }
    output += text
  }

  func nested<Result>(_ body: () throws -> Result) throws -> Result {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepest else { throw fault("nested more than \(Self.deepest) levels deep") }
    return try body()
  }

  /// Captures what `body` outputs and keeps it out of the main output.
  private func captured(_ body: () throws -> Void) throws -> String {
    let before = output
    output = ""
    captures += 1
    defer {
      output = before
      captures -= 1
    }
    try body()
    return output
  }

  // MARK: Statements

  private func execute(_ statements: [TemplateStatement], in scope: TemplateScope) throws -> Flow {
    try nested {
      for statement in statements {
        line = statement.line
        try charge()
        let flow = try execute(statement, in: scope)
        if flow != .on { return flow }
      }
      return .on
    }
  }

  private func execute(_ statement: TemplateStatement, in scope: TemplateScope) throws -> Flow {
    switch statement.kind {
    case .text(let text): try emit(text)
    case .output(let expression): try emit(text(of: evaluate(expression, in: scope)))
    case .branch(let cases, let otherwise):
      for (condition, body) in cases where try truth(evaluate(condition, in: scope)) {
        return try execute(body, in: scope)
      }
      return try execute(otherwise, in: scope)
    case .loop(let statement):
      try loop(statement, over: evaluate(statement.values, in: scope), in: scope)
    case .set(let target, let expression):
      try assign(evaluate(expression, in: scope), to: target, in: scope)
    case .capture(let target, let filters, let body):
      let inner = TemplateScope(in: scope)
      let text = try captured { _ = try execute(body, in: inner) }
      try assign(filtered(text, filters, in: scope), to: target, in: scope)
    case .macro(let macro):
      scope[macro.name] = .macro(macro, scope)
      scopesWithMacros.append(scope)
    case .call(let caller, let call):
      let inner = TemplateScope(in: scope)
      inner["caller"] = .macro(caller, scope)
      scopesWithMacros.append(scope)
      try emit(text(of: evaluate(call, in: inner)))
    case .filtered(let filters, let body):
      let text = try captured { _ = try execute(body, in: TemplateScope(in: scope)) }
      try emit(self.text(of: filtered(text, filters, in: scope)))
    case .with(let values, let body):
      let inner = TemplateScope(in: scope)
      for (name, value) in values { inner[name] = try evaluate(value, in: scope) }
      return try execute(body, in: inner)
    case .generation(let body):
      let start = output.utf8.count
      let flow = try execute(body, in: scope)
      if captures == 0 { generations.append(start..<output.utf8.count) }
      return flow
    case .stop: return .stop
    case .skip: return .skip
    }
    return .on
  }

  private func filtered(
    _ text: String, _ filters: [(name: String, arguments: TemplateArguments)],
    in scope: TemplateScope
  ) throws -> TemplateValue {
    var value = TemplateValue.string(text)
    for (name, arguments) in filters {
      value = try TemplateFilters.apply(name, to: value, evaluated(arguments, in: scope), self)
    }
    return value
  }

  private func assign(_ value: TemplateValue, to target: TemplateTarget, in scope: TemplateScope) throws {
    switch target {
    case .name(let name): scope[name] = value
    case .attribute(let attribute, let name):
      guard case .namespace(let namespace)? = scope[name] else {
        throw fault("only attributes of a namespace can be set; '\(name)' is none")
      }
      namespace.attributes[.string(attribute)] = value
    case .several(let targets):
      let values = try elements(of: value)
      guard values.count == targets.count else {
        throw fault("\(targets.count) names are set, but there are \(values.count) values")
      }
      for (target, value) in zip(targets, values) { try assign(value, to: target, in: scope) }
    }
  }

  private func loop(
    _ statement: TemplateLoopStatement, over values: TemplateValue, in scope: TemplateScope, depth: Int = 0
  ) throws {
    func bound(_ element: TemplateValue) throws -> TemplateScope {
      let inner = TemplateScope(in: scope)
      try assign(element, to: statement.target, in: inner)
      return inner
    }
    var chosen = try elements(of: values)
    if let condition = statement.condition {
      chosen = try chosen.filter { try truth(evaluate(condition, in: bound($0))) }
    }
    if chosen.isEmpty {
      _ = try execute(statement.otherwise, in: TemplateScope(in: scope))
      return
    }
    let memory = TemplateLoopMemory()
    for (index, element) in chosen.enumerated() {
      let inner = try bound(element)
      inner["loop"] = .loop(
        TemplateLoop(
          elements: chosen, index: index, depth: depth, statement: statement, scope: scope, memory: memory))
      if try execute(statement.body, in: inner) == .stop { return }
    }
  }

  /// The output of a recursive loop's body over other values.
  func again(_ loop: TemplateLoop, over values: TemplateValue) throws -> TemplateValue {
    guard loop.statement.isRecursive else { throw fault("only a recursive loop can be called") }
    let callLine = line
    defer { line = callLine }
    return .string(
      try bounded(captured { try self.loop(loop.statement, over: values, in: loop.scope, depth: loop.depth + 1) }))
  }

  // MARK: Calls

  /// Runs a macro and returns what it outputs.
  func call(
    _ macro: TemplateMacro, in scope: TemplateScope, caller: TemplateValue?,
    _ arguments: EvaluatedArguments
  ) throws -> TemplateValue {
    let inner = TemplateScope(in: scope)
    if let caller { inner["caller"] = caller }
    let extra = arguments.positional.dropFirst(macro.parameters.count)
    guard extra.isEmpty || macro.mentions("varargs") else {
      throw fault(
        "macro '\(macro.name)' takes \(macro.parameters.count) values, not "
          + "\(arguments.positional.count)")
    }
    for (index, parameter) in macro.parameters.enumerated() {
      if index < arguments.positional.count {
        inner[parameter.name] = arguments.positional[index]
      } else if let value = arguments.named[parameter.name] {
        inner[parameter.name] = value
      } else if let fallback = parameter.fallback {
        inner[parameter.name] = try evaluate(fallback, in: inner)
      } else {
        inner[parameter.name] = .undefined("parameter '\(parameter.name)' was not provided")
      }
    }
    let known = Set(macro.parameters.map(\.name))
    let others = arguments.names.filter { !known.contains($0) && $0 != "caller" }
    if let name = others.min(), !macro.mentions("kwargs") {
      throw fault("macro '\(macro.name)' has no parameter '\(name)'")
    }
    if macro.mentions("varargs") { inner["varargs"] = .list(Array(extra), isTuple: true) }
    if macro.mentions("kwargs") {
      inner["kwargs"] = .dictionary(
        TemplateDictionary(members: others.map { (.string($0), arguments.named[$0] ?? .none) }))
    }
    let callLine = line
    defer { line = callLine }
    return .string(try bounded(captured { _ = try execute(macro.body, in: inner) }))
  }

  /// Returns the elements of a value, as a loop or filter sees them.
  func elements(of value: TemplateValue) throws -> [TemplateValue] {
    switch value {
    case .sequence(let list):
      try charge(list.elements.count / 16)
      return list.elements
    case .dictionary(let dictionary): return dictionary.members.map(\.key)
    case .string(let text):
      try charge(text.utf8.count / 16)
      return text.unicodeScalars.map { .string(String($0)) }
    case .undefined:
      try requireDefined(value)
      return []
    default: throw fault("\(value.kind) can't be iterated over")
    }
  }
}

/// Arguments after evaluation.
struct EvaluatedArguments {
  var positional: [TemplateValue] = []
  var named: [String: TemplateValue] = [:]
  /// The names in the order written.
  var names: [String] = []

  /// The argument at a place or of a name.
  func value(_ index: Int, _ name: String) -> TemplateValue? {
    index < positional.count ? positional[index] : named[name]
  }
}
