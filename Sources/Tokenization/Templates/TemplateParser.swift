/// Builds the statements of a template from its tokens.
struct TemplateParser {
  var tokens: [TemplateToken]
  var subject = TemplateEnvironment.chat.subject
  var position = 0
  /// The nesting of expressions and blocks at the moment.
  var depth = 0

  static let deepest = 120

  /// The statements of a whole template.
  static func parse(_ text: String, in environment: TemplateEnvironment = .chat) throws -> [TemplateStatement] {
    var parser = TemplateParser(
      tokens: try TemplateLexer.tokens(of: text, in: environment), subject: environment.subject)
    let body = try parser.statements(until: [])
    guard parser.current.kind == .end else {
      throw parser.fault("an unexpected {% \(parser.peekName ?? "") %}")
    }
    return body
  }

  var current: TemplateToken { tokens[min(position, tokens.count - 1)] }

  var next: TemplateToken { tokens[min(position + 1, tokens.count - 1)] }

  /// The name that a block tag starts with, when the parser stands at one.
  private var peekName: String? {
    if case .blockBegin = current.kind, case .name(let name) = next.kind { return name }
    return nil
  }

  func fault(_ what: String) -> TokenizationError {
    TokenizationError("\(subject), line \(current.line): \(what)")
  }

  /// Refuses chains so long that descending them could exhaust the stack.
  func checkChain(_ length: Int) throws {
    guard length <= Self.deepest else { throw fault("a chain of more than \(Self.deepest) links") }
  }

  mutating func nested<Result>(_ body: (inout TemplateParser) throws -> Result) throws -> Result {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepest else { throw fault("nested more than \(Self.deepest) levels deep") }
    return try body(&self)
  }

  // MARK: Tokens

  func isSymbol(_ symbol: String) -> Bool { current.kind == .symbol(symbol) }

  func isName(_ name: String) -> Bool { current.kind == .name(name) }

  mutating func accept(symbol: String) -> Bool {
    if isSymbol(symbol) {
      position += 1
      return true
    }
    return false
  }

  mutating func accept(name: String) -> Bool {
    if isName(name) {
      position += 1
      return true
    }
    return false
  }

  mutating func expect(symbol: String) throws {
    guard accept(symbol: symbol) else { throw fault("expected '\(symbol)'") }
  }

  mutating func identifier() throws -> String {
    guard case .name(let name) = current.kind else { throw fault("expected a name") }
    position += 1
    return name
  }

  private mutating func endBlock() throws {
    guard case .blockEnd = current.kind else { throw fault("expected the end of the tag") }
    position += 1
  }

  // MARK: Statements

  /// Statements up to a block tag with one of these names, which is left in place.
  private mutating func statements(until ends: Set<String>) throws -> [TemplateStatement] {
    try nested { parser in
      var body: [TemplateStatement] = []
      while true {
        let line = parser.current.line
        switch parser.current.kind {
        case .text(let text):
          parser.position += 1
          body.append(TemplateStatement(kind: .text(text), line: line))
        case .variableBegin:
          parser.position += 1
          let value = try parser.tupleOrExpression()
          guard case .variableEnd = parser.current.kind else {
            throw parser.fault("expected the end of the expression")
          }
          parser.position += 1
          body.append(TemplateStatement(kind: .output(value), line: line))
        case .blockBegin:
          guard let name = parser.peekName else { throw parser.fault("expected a tag name") }
          if ends.contains(name) { return body }
          parser.position += 2
          body.append(TemplateStatement(kind: try parser.statement(name), line: line))
        default:
          guard ends.isEmpty else {
            throw parser.fault("expected {% \(ends.sorted().joined(separator: " %} or {% ")) %}")
          }
          return body
        }
      }
    }
  }

  /// The body of a block up to `{% name %}`, which is consumed.
  private mutating func block(until name: String) throws -> [TemplateStatement] {
    try endBlock()
    let body = try statements(until: [name])
    position += 2
    // `{% endmacro name %}` may repeat the name.
    if name == "endmacro" || name == "endblock", case .name = current.kind { position += 1 }
    try endBlock()
    return body
  }

  private mutating func statement(_ name: String) throws -> TemplateStatement.Kind {
    switch name {
    case "if": return try branch()
    case "for": return try loop()
    case "set": return try assignment()
    case "macro":
      let name = try identifier()
      let parameters = isSymbol("(") ? try self.parameters() : []
      let start = position
      let body = try block(until: "endmacro")
      return .macro(
        TemplateMacro(name: name, parameters: parameters, body: body, names: names(from: start)))
    case "call":
      let parameters = isSymbol("(") ? try self.parameters() : []
      let call = try expression()
      guard case .call = call else { throw fault("{% call %} needs a call") }
      let start = position
      let body = try block(until: "endcall")
      return .call(
        TemplateMacro(name: "caller", parameters: parameters, body: body, names: names(from: start)), call)
    case "filter":
      var filters = [try filterName()]
      while accept(symbol: "|") { filters.append(try filterName()) }
      return .filtered(filters, body: try block(until: "endfilter"))
    case "with":
      var values: [(name: String, value: TemplateExpression)] = []
      while case .name = current.kind {
        let name = try identifier()
        try expect(symbol: "=")
        values.append((name, try expression()))
        if !accept(symbol: ",") { break }
      }
      return .with(values, body: try block(until: "endwith"))
    case "block":
      // Nothing inherits here, so a block is what stands in it.
      _ = try identifier()
      return .with([], body: try block(until: "endblock"))
    case "generation": return .generation(try block(until: "endgeneration"))
    case "break":
      try endBlock()
      return .stop
    case "continue":
      try endBlock()
      return .skip
    default:
      throw fault("{% \(name) %} is not supported in chat templates")
    }
  }

  /// The names among the tokens since one.
  private func names(from start: Int) -> Set<String> {
    Set(tokens[start..<position].compactMap { if case .name(let name) = $0.kind { name } else { nil } })
  }

  private mutating func branch() throws -> TemplateStatement.Kind {
    var cases: [(condition: TemplateExpression, body: [TemplateStatement])] = []
    var condition = try tupleOrExpression()
    while true {
      try endBlock()
      let body = try statements(until: ["elif", "else", "endif"])
      cases.append((condition, body))
      position += 1
      switch try identifier() {
      case "elif":
        condition = try tupleOrExpression()
      case "else":
        return .branch(cases, otherwise: try block(until: "endif"))
      default:
        try endBlock()
        return .branch(cases, otherwise: [])
      }
    }
  }

  private mutating func loop() throws -> TemplateStatement.Kind {
    let target = try targets()
    guard accept(name: "in") else { throw fault("expected 'in'") }
    let values = try tupleOrExpression(conditional: false)
    let condition = accept(name: "if") ? try expression() : nil
    let isRecursive = accept(name: "recursive")
    try endBlock()
    let body = try statements(until: ["else", "endfor"])
    position += 1
    var otherwise: [TemplateStatement] = []
    if try identifier() == "else" {
      otherwise = try block(until: "endfor")
    } else {
      try endBlock()
    }
    return .loop(
      TemplateLoopStatement(
        target, over: values, condition: condition, body: body, otherwise: otherwise, isRecursive: isRecursive))
  }

  /// Reads the target of an assignment: a name, an attribute, or several with commas between or brackets around.
  private mutating func targets() throws -> TemplateTarget {
    try nested { parser in
      var list: [TemplateTarget] = []
      var isTuple = false
      repeat {
        if parser.accept(symbol: "(") {
          list.append(try parser.targets())
          try parser.expect(symbol: ")")
        } else {
          let name = try parser.identifier()
          list.append(parser.accept(symbol: ".") ? .attribute(try parser.identifier(), of: name) : .name(name))
        }
        guard parser.accept(symbol: ",") else { break }
        isTuple = true
        // A comma may stand at the end.
        if parser.isSymbol(")") || parser.isSymbol("=") || parser.isName("in") { break }
      } while true
      return isTuple ? .several(list) : list[0]
    }
  }

  private mutating func assignment() throws -> TemplateStatement.Kind {
    let target = try targets()
    if accept(symbol: "=") {
      let value = try tupleOrExpression()
      try endBlock()
      return .set(target, value)
    }
    if case .several = target { throw fault("expected '='") }
    var filters: [(name: String, arguments: TemplateArguments)] = []
    while accept(symbol: "|") { filters.append(try filterName()) }
    return .capture(target, filters: filters, body: try block(until: "endset"))
  }

  private mutating func parameters() throws -> [TemplateParameter] {
    try expect(symbol: "(")
    var result: [TemplateParameter] = []
    while !isSymbol(")") {
      let name = try identifier()
      result.append(
        TemplateParameter(name: name, fallback: accept(symbol: "=") ? try expression() : nil))
      if !accept(symbol: ",") { break }
    }
    try expect(symbol: ")")
    return result
  }
}
