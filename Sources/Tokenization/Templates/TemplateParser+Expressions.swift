extension TemplateParser {
  /// An expression, or several separated by commas, which make a tuple.
  mutating func tupleOrExpression(conditional: Bool = true) throws -> TemplateExpression {
    let first = conditional ? try expression() : try disjunction()
    guard isSymbol(",") else { return first }
    var elements = [first]
    while accept(symbol: ",") {
      switch current.kind {
      case .blockEnd, .variableEnd: break
      default:
        elements.append(conditional ? try expression() : try disjunction())
        continue
      }
      break
    }
    return .list(elements, isTuple: true)
  }

  /// `a if b else c`.
  mutating func expression() throws -> TemplateExpression {
    try nested { parser in
      var value = try parser.disjunction()
      while parser.accept(name: "if") {
        let condition = try parser.disjunction()
        let otherwise = parser.accept(name: "else") ? try parser.expression() : nil
        value = .conditional(value, condition: condition, otherwise: otherwise)
      }
      return value
    }
  }

  mutating func disjunction() throws -> TemplateExpression {
    var left = try conjunction()
    var length = 0
    while accept(name: "or") {
      length += 1
      try checkChain(length)
      left = .or(left, try conjunction())
    }
    return left
  }

  private mutating func conjunction() throws -> TemplateExpression {
    var left = try negation()
    var length = 0
    while accept(name: "and") {
      length += 1
      try checkChain(length)
      left = .and(left, try negation())
    }
    return left
  }

  private mutating func negation() throws -> TemplateExpression {
    guard isName("not") else { return try comparison() }
    return try nested { parser in
      parser.position += 1
      return .not(try parser.negation())
    }
  }

  private mutating func comparison() throws -> TemplateExpression {
    let first = try sum()
    var operands: [(symbol: String, operand: TemplateExpression)] = []
    while true {
      if case .symbol(let symbol) = current.kind,
        ["==", "!=", "<", "<=", ">", ">="].contains(symbol)
      {
        position += 1
        operands.append((symbol, try sum()))
      } else if accept(name: "in") {
        operands.append(("in", try sum()))
      } else if isName("not"), next.kind == .name("in") {
        position += 2
        operands.append(("not in", try sum()))
      } else {
        return operands.isEmpty ? first : .compare(first, operands)
      }
    }
  }

  private mutating func sum() throws -> TemplateExpression {
    try chain(of: ["+", "-"]) { try $0.concatenation() }
  }

  private mutating func concatenation() throws -> TemplateExpression {
    try chain(of: ["~"]) { try $0.product() }
  }

  private mutating func product() throws -> TemplateExpression {
    try chain(of: ["*", "/", "//", "%"]) { try $0.power() }
  }

  private mutating func power() throws -> TemplateExpression {
    try chain(of: ["**"]) { try $0.unary() }
  }

  /// Operands joined from the left by operators of one rank.
  private mutating func chain(
    of symbols: Set<String>, operand: (inout TemplateParser) throws -> TemplateExpression
  ) throws -> TemplateExpression {
    var left = try operand(&self)
    var length = 0
    while case .symbol(let symbol) = current.kind, symbols.contains(symbol) {
      position += 1
      length += 1
      try checkChain(length)
      left = .binary(symbol, left, try operand(&self))
    }
    return left
  }

  private mutating func unary(filtered: Bool = true) throws -> TemplateExpression {
    try nested { parser in
      var value: TemplateExpression
      if parser.accept(symbol: "-") {
        value = .negative(try parser.unary(filtered: false))
      } else if parser.accept(symbol: "+") {
        value = try parser.unary(filtered: false)
      } else {
        value = try parser.postfix(try parser.primary())
      }
      if filtered { value = try parser.filters(on: value) }
      return value
    }
  }

  private mutating func primary() throws -> TemplateExpression {
    let token = current
    position += 1
    switch token.kind {
    case .name("true"), .name("True"): return .literal(.bool(true))
    case .name("false"), .name("False"): return .literal(.bool(false))
    case .name("none"), .name("None"): return .literal(.none)
    case .name(let name): return .name(name)
    case .int(let value): return .literal(.int(value))
    case .double(let value): return .literal(.double(value))
    case .string(var text):
      while case .string(let more) = current.kind {
        text += more
        position += 1
      }
      return .literal(.string(text))
    case .symbol("("):
      var elements: [TemplateExpression] = []
      var isTuple = isSymbol(")")
      while !isSymbol(")") {
        elements.append(try expression())
        if !accept(symbol: ",") { break }
        isTuple = true
      }
      try expect(symbol: ")")
      return isTuple ? .list(elements, isTuple: true) : elements[0]
    case .symbol("["):
      var elements: [TemplateExpression] = []
      while !isSymbol("]") {
        elements.append(try expression())
        if !accept(symbol: ",") { break }
      }
      try expect(symbol: "]")
      return .list(elements, isTuple: false)
    case .symbol("{"):
      var members: [(key: TemplateExpression, value: TemplateExpression)] = []
      while !isSymbol("}") {
        let key = try expression()
        try expect(symbol: ":")
        members.append((key, try expression()))
        if !accept(symbol: ",") { break }
      }
      try expect(symbol: "}")
      return .dictionary(members)
    default:
      position -= 1
      throw fault("expected an expression")
    }
  }

  private mutating func postfix(_ start: TemplateExpression) throws -> TemplateExpression {
    var value = start
    var length = 0
    while true {
      // The interpreter descends once per link.
      length += 1
      guard length <= Self.deepest else {
        throw fault("a chain of more than \(Self.deepest) links")
      }
      if accept(symbol: ".") {
        if case .int(let index) = current.kind {
          position += 1
          value = .item(value, .literal(.int(index)))
        } else {
          value = .attribute(value, try identifier())
        }
      } else if accept(symbol: "[") {
        value = try subscripted(value)
      } else if isSymbol("(") {
        value = .call(value, try arguments())
      } else {
        return value
      }
    }
  }

  private mutating func subscripted(_ base: TemplateExpression) throws -> TemplateExpression {
    var bounds: [TemplateExpression?] = [nil]
    while !isSymbol("]") {
      if accept(symbol: ":") {
        bounds.append(nil)
        guard bounds.count <= 3 else { throw fault("a slice with more than three parts") }
      } else {
        guard bounds[bounds.count - 1] == nil else { throw fault("expected ']'") }
        bounds[bounds.count - 1] = try expression()
      }
    }
    try expect(symbol: "]")
    if bounds.count == 1 {
      guard let index = bounds[0] else { throw fault("an empty subscript") }
      return .item(base, index)
    }
    return .slice(
      base, start: bounds[0], stop: bounds[1], step: bounds.count > 2 ? bounds[2] : nil)
  }

  mutating func arguments() throws -> TemplateArguments {
    try expect(symbol: "(")
    var result = TemplateArguments()
    while !isSymbol(")") {
      if case .name(let name) = current.kind, next.kind == .symbol("=") {
        position += 2
        result.named.append((name, try expression()))
      } else if accept(symbol: "**") {
        result.mappings.append(try expression())
      } else if accept(symbol: "*") {
        result.spreads.insert(result.positional.count)
        result.positional.append(try expression())
      } else {
        result.positional.append(try expression())
      }
      if !accept(symbol: ",") { break }
    }
    try expect(symbol: ")")
    return result
  }

  /// A filter's name and arguments, after the bar.
  ///
  /// Whether there is such a filter is asked where it is reached: a template may have a branch for other programs.
  mutating func filterName() throws -> (name: String, arguments: TemplateArguments) {
    let name = try identifier()
    return (name, isSymbol("(") ? try arguments() : TemplateArguments())
  }

  private mutating func filters(on start: TemplateExpression) throws -> TemplateExpression {
    var value = start
    var length = 0
    while true {
      length += 1
      guard length <= Self.deepest else {
        throw fault("a chain of more than \(Self.deepest) links")
      }
      if accept(symbol: "|") {
        let filter = try filterName()
        value = .filter(value, filter.name, filter.arguments)
      } else if accept(name: "is") {
        value = try test(on: value)
      } else if isSymbol("(") {
        value = .call(value, try arguments())
      } else {
        return value
      }
    }
  }

  private mutating func test(on value: TemplateExpression) throws -> TemplateExpression {
    let isNegated = accept(name: "not")
    let name = try identifier()
    var arguments = TemplateArguments()
    switch current.kind {
    case .symbol("("): arguments = try self.arguments()
    case .name("else"), .name("or"), .name("and"), .name("if"), .name("is"), .name("not"),
      .name("in"):
      break
    case .name, .string, .int, .double, .symbol("["), .symbol("{"):
      arguments.positional = [try postfix(try primary())]
    default: break
    }
    return .test(value, name, arguments, isNegated: isNegated)
  }
}
