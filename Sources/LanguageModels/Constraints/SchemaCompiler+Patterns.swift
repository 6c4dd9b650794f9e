import Documents
internal import Expressions

/// Rules for forms.
extension SchemaCompiler {
  /// The rule for what satisfies all of these.
  mutating func rule(for schemas: [PlacedSchema]) -> GrammarExpression {
    guard !schemas.isEmpty else { return .rule("value") }
    let name = schemas.map(\.name).joined(separator: " & ")
    if rules[name] == nil {
      rules[name] = .empty
      uncompiled.append((name, schemas))
    }
    return .rule(name)
  }

  mutating func pattern(_ given: SchemaForm, at schema: PlacedSchema, _ name: String) throws -> GrammarExpression {
    let form = try withoutExcluded(given, at: schema)
    if let values = form.values {
      let allowed = try values.filter { try admits(form, $0, strictly: true) }
      return .alternation(allowed.map { .literal($0.serialized(separators: (",", ":"))) })
    }
    if form.isFree { return .rule("value") }
    let kinds = form.writtenKinds
    var choices: [GrammarExpression] = []
    do {
      if kinds.contains(.object) { choices.append(try object(form, name)) }
      if kinds.contains(.array) { choices.append(try array(form, name)) }
      if kinds.contains(.string) { choices.append(try string(form.strings)) }
      if kinds.contains(.fraction) {
        let isWhole = form.numbers.isWhole && kinds.contains(.integer)
        choices.append(
          isWhole ? .rule("number") : try form.numbers.decimals(areFractions: !kinds.contains(.integer)))
      } else if kinds.contains(.integer) {
        choices.append(form.numbers.isWhole ? .rule("integer") : try form.numbers.integers())
      }
    } catch let problem as ConstraintError { throw schema.error(problem.description) }
    if kinds.contains(.boolean) {
      let left = [true, false].filter { !form.excluded.contains(.bool($0)) }
      choices.append(left.count == 2 ? .rule("boolean") : .alternation(left.map { .literal("\($0)") }))
    }
    if kinds.contains(.null) { choices.append(.rule("null")) }
    return .alternation(choices)
  }

  /// The pattern under a name of its own, so that it is compiled once however often it is used.
  mutating func named(_ pattern: GrammarExpression, _ name: String) -> GrammarExpression {
    var free = name
    var count = 1
    while rules[free] != nil {
      count += 1
      free = "\(name) (\(count))"
    }
    rules[free] = pattern
    return .rule(free)
  }

  private mutating func array(_ form: SchemaForm, _ name: String) throws -> GrammarExpression {
    let (least, most) = (form.leastElements, form.mostElements)
    if let most, most < least { return .alternation([]) }
    if form.areElementsUnique, let unique = try uniqueElements(form, name) {
      return .sequence([.literal("["), space, unique, space, .literal("]")])
    }
    let places = min(form.elements.map(\.first.count).max() ?? 0, most ?? .max)
    let rest = named(rule(for: form.schemas(at: .max)), "\(name) item")
    let others = counted(
      .sequence([comma, rest]), max(0, least - max(1, places)), most.map { max(0, $0 - max(1, places)) }, name)
    var later = others
    var first = later
    if places == 0 {
      first = most == 0 ? .empty : .sequence([rest, others])
      if least == 0 { first = first.optional }
    }
    for i in (0..<places).reversed() {
      later = named(later, "\(name) after item")
      let item = named(rule(for: form.schemas(at: i)), "\(name) item")
      first = .sequence([item, later])
      later = .sequence([comma, item, later])
      if i >= least { (first, later) = (first.optional, later.optional) }
    }
    return .sequence([.literal("["), space, first, space, .literal("]")])
  }

  private mutating func string(_ range: StringRange) throws -> GrammarExpression {
    if range.isWhole { return .rule("string") }
    if let most = range.most, most < range.least { return .alternation([]) }
    if let inside = try range.inside() { return quoted(inside) }
    return quoted(counted(.rule("character"), range.least, range.most, "string"))
  }

  /// So many of a pattern, in few states however many they are: counts are written in base 256.
  private mutating func counted(_ part: GrammarExpression, _ least: Int, _ most: Int?, _ name: String)
    -> GrammarExpression
  {
    let base = 256
    guard max(least, most ?? 0) > base else { return .repetition(part, minimum: least, maximum: most) }
    // A unit is so many of the one before; fewer than a unit are some of the one before and fewer than that.
    var units = [named(part, "\(name) one")]
    var fewer = [GrammarExpression.empty]
    var sizes = [1]
    while let size = sizes.last, let unit = units.last, max(least, most ?? 0) / base >= size {
      fewer.append(
        named(.sequence([.repetition(unit, minimum: 0, maximum: base - 1), fewer[fewer.count - 1]]), "\(name) fewer"))
      units.append(named(.repetition(unit, minimum: base, maximum: base), "\(name) unit"))
      sizes.append(size * base)
    }
    var parts: [GrammarExpression] = []
    var rest = least
    for (unit, size) in zip(units, sizes).reversed() {
      parts.append(.repetition(unit, minimum: rest / size, maximum: rest / size))
      rest %= size
    }
    guard let most else { return .sequence(parts + [units[0].star]) }
    func atMost(_ count: Int, _ level: Int) -> GrammarExpression {
      guard count > 0 else { return .empty }
      let whole = count / sizes[level]
      let after = level > 0 ? atMost(count % sizes[level], level - 1) : .empty
      guard whole > 0 else { return after }
      return .alternation([
        .sequence([.repetition(units[level], minimum: whole, maximum: whole), after]),
        .sequence([.repetition(units[level], minimum: 0, maximum: whole - 1), fewer[level]]),
      ])
    }
    return .sequence(parts + [atMost(most - least, units.count - 1)])
  }

  // MARK: What every document has

  var space: GrammarExpression { .rule("space") }
  var colon: GrammarExpression { .sequence([.literal(":"), space]) }
  var comma: GrammarExpression { .sequence([.literal(","), space]) }

  func quoted(_ inner: GrammarExpression) -> GrammarExpression {
    .sequence([.literal("\""), inner, .literal("\"")])
  }

  mutating func addBasics() {
    rules["space"] = .alternation([
      .empty, .literal(" "),
      .sequence([.literal("\n"), .repetition(.characters(CharacterClass(of: " \t")), minimum: 0, maximum: 20)]),
    ])
    rules["character"] = Self.character
    rules["string"] = quoted(.rule("character").star)
    let nonzero = GrammarExpression.characters(CharacterClass(ranges: [0x31...0x39]))
    let digit = GrammarExpression.characters(.digit)
    rules["integer"] = .sequence([
      .literal("-").optional,
      .alternation([
        .literal("0"), .sequence([nonzero, .repetition(digit, minimum: 0, maximum: NumberRange.mostDigits - 1)]),
      ]),
    ])
    rules["number"] = .sequence([
      .rule("integer"),
      .sequence([.literal("."), .repetition(digit, minimum: 1, maximum: 16)]).optional,
      .sequence([
        .characters(CharacterClass(of: "eE")), .characters(CharacterClass(of: "+-")).optional,
        .repetition(digit, minimum: 1, maximum: 2),
      ]).optional,
    ])
    rules["boolean"] = .alternation([.literal("true"), .literal("false")])
    rules["null"] = .literal("null")
    rules["value"] = .alternation(
      ["object", "array", "string", "number", "boolean", "null"].map { .rule($0) })
    rules["object"] = members([], extra: .sequence([.rule("string"), colon, .rule("value")]), "object")
    rules["array"] = .sequence([
      .literal("["), space,
      .sequence([.rule("value"), .sequence([comma, .rule("value")]).star]).optional, space, .literal("]"),
    ])
  }

  private static let character: GrammarExpression = {
    let hex = GrammarExpression.characters(.hexadecimal)
    func of(_ text: String) -> GrammarExpression { .characters(CharacterClass(of: text)) }
    let plain = GrammarExpression.characters(CharacterClass.escapedInJSON.inverted)
    let high = GrammarExpression.sequence([of("dD"), of("89abAB"), hex, hex])
    let low = GrammarExpression.sequence([of("dD"), of("cdefCDEF"), hex, hex])
    let whole = GrammarExpression.alternation([
      .sequence([
        .characters(CharacterClass(ranges: [0x30...0x39, 0x41...0x43, 0x45...0x46, 0x61...0x63, 0x65...0x66])), hex,
        hex, hex,
      ]),
      .sequence([of("dD"), of("01234567"), hex, hex]),
    ])
    return .alternation([
      plain, .sequence([.literal("\\"), of("\"\\/bfnrt")]), .sequence([.literal("\\u"), whole]),
      .sequence([.literal("\\u"), high, .literal("\\u"), low]),
    ])
  }()
}
