import Documents

/// Rules for forms.
extension SchemaCompiler {
  /// The rule for what satisfies all of these.
  mutating func rule(for schemas: [PlacedSchema]) -> Pattern {
    guard !schemas.isEmpty else { return .rule("value") }
    let name = schemas.map(\.name).joined(separator: " & ")
    if rules[name] == nil {
      rules[name] = .empty
      uncompiled.append((name, schemas))
    }
    return .rule(name)
  }

  mutating func pattern(_ form: SchemaForm, at schema: PlacedSchema, _ name: String) throws -> Pattern {
    if let values = form.values {
      let allowed = try values.filter { try admits(form, $0, strictly: true) }
      return .alternatives(allowed.map { .literal($0.serialized(separators: (",", ":"))) })
    }
    var kinds = form.kinds
    if !form.isTyped {
      if form.meant.isEmpty { return .rule("value") }
      kinds.formIntersection(form.meant)
    }
    var choices: [Pattern] = []
    do {
      if kinds.contains(.object) { choices.append(object(form, name)) }
      if kinds.contains(.array) { choices.append(array(form, name)) }
      if kinds.contains(.string) { choices.append(try string(form.strings)) }
      if kinds.contains(.fraction) {
        choices.append(form.numbers.isWhole ? .rule("number") : try form.numbers.decimals())
      } else if kinds.contains(.integer) {
        choices.append(form.numbers.isWhole ? .rule("integer") : try form.numbers.integers())
      }
    } catch let problem as ConstraintError { throw schema.error(problem.description) }
    if kinds.contains(.boolean) { choices.append(.rule("boolean")) }
    if kinds.contains(.null) { choices.append(.rule("null")) }
    return .alternatives(choices)
  }

  /// The pattern under a name of its own, so that it is compiled once however often it is used.
  private mutating func named(_ pattern: Pattern, _ name: String) -> Pattern {
    var free = name
    var count = 1
    while rules[free] != nil {
      count += 1
      free = "\(name) (\(count))"
    }
    rules[free] = pattern
    return .rule(free)
  }

  private mutating func object(_ form: SchemaForm, _ name: String) -> Pattern {
    let names = form.names
    let known = names.map { member in
      let inner = rule(for: form.schemas(of: member))
      return (
        pattern: named(.sequence([.literal(JSONValue.string(member).serialized()), colon, inner]), "\(name) member"),
        isRequired: form.required.contains(member)
      )
    }
    // Others are left out where schemas don't speak of them but do of members.
    let additional = form.members.compactMap(\.additional)
    var extra: Pattern?
    if !additional.isEmpty {
      extra = additional.contains { $0.value.bool == false } ? nil : rule(for: additional)
    } else if names.isEmpty {
      extra = .rule("value")
    }
    extra = extra.map { named(.sequence([quoted(Self.other(than: names)), colon, $0]), "\(name) other member") }
    return members(known, extra: extra, name)
  }

  /// An object with these members in order, those that aren't required left out at will, then any number of others.
  private mutating func members(
    _ known: [(pattern: Pattern, isRequired: Bool)], extra: Pattern?, _ name: String
  ) -> Pattern {
    // What may follow when something stands before it (with a comma), and when nothing does; made from the end.
    var later = extra.map { Pattern.any(.sequence([comma, $0])) } ?? .empty
    var first = extra.map { Pattern.optional(.sequence([$0, .any(.sequence([comma, $0]))])) } ?? .empty
    for (pattern, isRequired) in known.reversed() {
      later = named(later, "\(name) after member")
      let taken = Pattern.sequence([pattern, later])
      first = named(isRequired ? taken : .alternatives([taken, first]), "\(name) from member")
      later =
        isRequired
        ? .sequence([comma, pattern, later]) : .sequence([.optional(.sequence([comma, pattern])), later])
    }
    return .sequence([.literal("{"), space, first, space, .literal("}")])
  }

  /// The inside of a string that is none of these names, of characters that need no escape.
  private static func other(than names: [String]) -> Pattern {
    let plain = CodePoints([0...0x1F, 0x22...0x22, 0x5C...0x5C]).inverted
    // Long names are told apart by how they begin.
    func differing(_ names: [ArraySlice<Unicode.Scalar>], depth: Int) -> Pattern {
      guard !names.isEmpty else { return .any(.characters(plain)) }
      let heads = Set(names.compactMap(\.first))
      var choices: [Pattern] = names.contains { $0.isEmpty } ? [] : [.empty]
      let rest = plain.subtracting(CodePoints(heads.map { $0.value...$0.value }))
      choices.append(.sequence([.characters(rest), .any(.characters(plain))]))
      for head in heads.sorted() where depth < 256 && plain.contains(head.value) {
        choices.append(
          .sequence([
            .characters(CodePoints([head.value...head.value])),
            differing(names.filter { $0.first == head }.map { $0.dropFirst() }, depth: depth + 1),
          ]))
      }
      return .alternatives(choices)
    }
    return differing(names.map { Array($0.unicodeScalars)[...] }, depth: 0)
  }

  private mutating func array(_ form: SchemaForm, _ name: String) -> Pattern {
    let (least, most) = (form.leastElements, form.mostElements)
    if let most, most < least { return .alternatives([]) }
    let places = min(form.elements.map(\.first.count).max() ?? 0, most ?? .max)
    let rest = named(rule(for: form.schemas(at: .max)), "\(name) item")
    let others = counted(
      .sequence([comma, rest]), max(0, least - max(1, places)), most.map { max(0, $0 - max(1, places)) }, name)
    var later = others
    var first = later
    if places == 0 {
      first = most == 0 ? .empty : .sequence([rest, others])
      if least == 0 { first = .optional(first) }
    }
    for i in (0..<places).reversed() {
      later = named(later, "\(name) after item")
      let item = named(rule(for: form.schemas(at: i)), "\(name) item")
      first = .sequence([item, later])
      later = .sequence([comma, item, later])
      if i >= least { (first, later) = (.optional(first), .optional(later)) }
    }
    return .sequence([.literal("["), space, first, space, .literal("]")])
  }

  private mutating func string(_ range: StringRange) throws -> Pattern {
    if range.isWhole { return .rule("string") }
    if let most = range.most, most < range.least { return .alternatives([]) }
    if let inside = try range.inside() { return quoted(inside) }
    return quoted(counted(.rule("character"), range.least, range.most, "string"))
  }

  /// So many of a pattern, in few states however many they are: counts are written in base 256.
  private mutating func counted(_ part: Pattern, _ least: Int, _ most: Int?, _ name: String) -> Pattern {
    let base = 256
    guard max(least, most ?? 0) > base else { return .repeated(part, least: least, most: most) }
    // A unit is so many of the one before; fewer than a unit are some of the one before and fewer than that.
    var units = [named(part, "\(name) one")]
    var fewer = [Pattern.empty]
    var sizes = [1]
    while let size = sizes.last, let unit = units.last, max(least, most ?? 0) / base >= size {
      fewer.append(
        named(.sequence([.repeated(unit, least: 0, most: base - 1), fewer[fewer.count - 1]]), "\(name) fewer"))
      units.append(named(.repeated(unit, least: base, most: base), "\(name) unit"))
      sizes.append(size * base)
    }
    var parts: [Pattern] = []
    var rest = least
    for (unit, size) in zip(units, sizes).reversed() {
      parts.append(.repeated(unit, least: rest / size, most: rest / size))
      rest %= size
    }
    guard let most else { return .sequence(parts + [.any(units[0])]) }
    func atMost(_ count: Int, _ level: Int) -> Pattern {
      guard count > 0 else { return .empty }
      let whole = count / sizes[level]
      let after = level > 0 ? atMost(count % sizes[level], level - 1) : .empty
      guard whole > 0 else { return after }
      return .alternatives([
        .sequence([.repeated(units[level], least: whole, most: whole), after]),
        .sequence([.repeated(units[level], least: 0, most: whole - 1), fewer[level]]),
      ])
    }
    return .sequence(parts + [atMost(most - least, units.count - 1)])
  }

  // MARK: What every document has

  private var space: Pattern { .rule("space") }
  private var colon: Pattern { .sequence([.literal(":"), space]) }
  private var comma: Pattern { .sequence([.literal(","), space]) }

  private func quoted(_ inner: Pattern) -> Pattern {
    .sequence([.literal("\""), inner, .literal("\"")])
  }

  mutating func addBasics() {
    rules["space"] = .alternatives([
      .empty, .literal(" "),
      .sequence([.literal("\n"), .repeated(.characters(CodePoints(" \t")), least: 0, most: 20)]),
    ])
    rules["character"] = Self.character
    rules["string"] = quoted(.any(.rule("character")))
    let nonzero = Pattern.characters(CodePoints([0x31...0x39]))
    let digit = Pattern.characters(.digits)
    rules["integer"] = .sequence([
      .optional(.literal("-")),
      .alternatives([
        .literal("0"), .sequence([nonzero, .repeated(digit, least: 0, most: NumberRange.mostDigits - 1)]),
      ]),
    ])
    rules["number"] = .sequence([
      .rule("integer"),
      .optional(.sequence([.literal("."), .repeated(digit, least: 1, most: 16)])),
      .optional(
        .sequence([
          .characters(CodePoints("eE")), .optional(.characters(CodePoints("+-"))),
          .repeated(digit, least: 1, most: 2),
        ])),
    ])
    rules["boolean"] = .alternatives([.literal("true"), .literal("false")])
    rules["null"] = .literal("null")
    rules["value"] = .alternatives(
      ["object", "array", "string", "number", "boolean", "null"].map { .rule($0) })
    rules["object"] = members([], extra: .sequence([.rule("string"), colon, .rule("value")]), "object")
    rules["array"] = .sequence([
      .literal("["), space,
      .optional(.sequence([.rule("value"), .any(.sequence([comma, .rule("value")]))])), space, .literal("]"),
    ])
  }

  private static let character: Pattern = {
    let hex = Pattern.characters(CodePoints([0x30...0x39, 0x41...0x46, 0x61...0x66]))
    func of(_ text: String) -> Pattern { .characters(CodePoints(text)) }
    let plain = Pattern.characters(CodePoints([0...0x1F, 0x22...0x22, 0x5C...0x5C]).inverted)
    let high = Pattern.sequence([of("dD"), of("89abAB"), hex, hex])
    let low = Pattern.sequence([of("dD"), of("cdefCDEF"), hex, hex])
    let whole = Pattern.alternatives([
      .sequence([
        .characters(CodePoints([0x30...0x39, 0x41...0x43, 0x45...0x46, 0x61...0x63, 0x65...0x66])), hex, hex, hex,
      ]),
      .sequence([of("dD"), of("01234567"), hex, hex]),
    ])
    return .alternatives([
      plain, .sequence([.literal("\\"), of("\"\\/bfnrt")]), .sequence([.literal("\\u"), whole]),
      .sequence([.literal("\\u"), high, .literal("\\u"), low]),
    ])
  }()
}
