import Tokenization

/// Turns a JSON schema into rules.
struct SchemaCompiler {
  private static let largest = 262_144
  private static let deepest = 64
  /// Keywords that say something to people only.
  private static let annotations: Set<String> = [
    "title", "description", "default", "examples", "example", "$schema", "$id", "$comment", "deprecated",
    "readOnly", "writeOnly", "$defs", "definitions",
  ]
  /// What each type understands besides the keywords of all types.
  private static let keywords: [String: Set<String>] = [
    "object": ["properties", "required", "additionalProperties"],
    "array": ["items", "minItems", "maxItems"],
    "string": ["minLength", "maxLength", "pattern", "format"],
    "integer": [], "number": [], "boolean": [], "null": [],
  ]

  private let schema: JSONValue
  private(set) var rules: [String: Pattern] = [:]
  private var unresolved: [String] = []

  init(_ schema: JSONValue) { self.schema = schema }

  /// The name of the rule for the whole document.
  mutating func compile() throws -> String {
    guard schema.serialized().utf8.count <= Self.largest else {
      throw ConstraintError("the JSON schema has more than \(Self.largest) bytes")
    }
    rules["space"] = .alternatives([
      .empty, .literal(" "),
      .sequence([
        .literal("\n"), .repeated(.characters(CodePoints(" \t")), least: 0, most: 20),
      ]),
    ])
    rules["character"] = Self.character
    rules["string"] = quoted(.any(.rule("character")))
    // Digits are bounded so that every number fits a double and integers keep their value.
    let nonzero = Pattern.characters(CodePoints([0x31...0x39]))
    let digit = Pattern.characters(.digits)
    rules["integer"] = .sequence([
      .optional(.literal("-")),
      .alternatives([
        .literal("0"), .sequence([nonzero, .repeated(digit, least: 0, most: 14)]),
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
    rules["object"] = members([], extra: .sequence([.rule("string"), colon, .rule("value")]), at: "")
    rules["array"] = list(of: .rule("value"), least: 0, most: nil)
    rules["#"] = .empty
    unresolved = ["#"]
    while let pointer = unresolved.popLast() {
      rules[pointer] = try pattern(try resolve(pointer), at: pointer, depth: 0)
    }
    return "#"
  }

  private static let character: Pattern = {
    let hex = Pattern.characters(CodePoints([0x30...0x39, 0x41...0x46, 0x61...0x66]))
    func of(_ text: String) -> Pattern { .characters(CodePoints(text)) }
    let plain = Pattern.characters(CodePoints([0...0x1F, 0x22...0x22, 0x5C...0x5C]).inverted)
    let high = Pattern.sequence([of("dD"), of("89abAB"), hex, hex])
    let low = Pattern.sequence([of("dD"), of("cdefCDEF"), hex, hex])
    let whole = Pattern.alternatives([
      .sequence([.characters(CodePoints([0x30...0x39, 0x41...0x43, 0x45...0x46, 0x61...0x63, 0x65...0x66])), hex, hex, hex]),
      .sequence([of("dD"), of("01234567"), hex, hex]),
    ])
    return .alternatives([
      plain, .sequence([.literal("\\"), of("\"\\/bfnrt")]), .sequence([.literal("\\u"), whole]),
      .sequence([.literal("\\u"), high, .literal("\\u"), low]),
    ])
  }()

  private var space: Pattern { .rule("space") }
  private var colon: Pattern { .sequence([.literal(":"), space]) }
  private var comma: Pattern { .sequence([.literal(","), space]) }

  private func quoted(_ inner: Pattern) -> Pattern {
    .sequence([.literal("\""), inner, .literal("\"")])
  }

  // MARK: Schemas

  private func error(_ place: String, _ problem: String) -> ConstraintError {
    ConstraintError("JSON schema, \(place): \(problem)")
  }

  private func resolve(_ pointer: String) throws -> JSONValue {
    var value = schema
    for part in pointer.dropFirst().split(separator: "/") {
      let name = String(part).replacing("~1", with: "/").replacing("~0", with: "~")
      guard let inner = value[name] ?? Int(name).flatMap({ value[$0] }) else {
        throw error(pointer, "there is nothing at this place")
      }
      value = inner
    }
    return value
  }

  private mutating func pattern(_ schema: JSONValue, at place: String, depth: Int) throws -> Pattern {
    guard depth <= Self.deepest else { throw error(place, "nested more than \(Self.deepest) deep") }
    if schema.bool == true { return .rule("value") }
    if schema.bool == false { return .alternatives([]) }
    guard let object = schema.object else { throw error(place, "a schema is an object, not \(schema.kind)") }
    var names = Set(object.keys).subtracting(Self.annotations)
    func alone(_ keyword: String) throws {
      let others = names.subtracting([keyword, "type"])
      if let other = others.min() {
        throw error(place, "'\(other)' beside '\(keyword)' is not supported")
      }
    }
    if let reference = object["$ref"] {
      try alone("$ref")
      guard let pointer = reference.string, pointer.hasPrefix("#") else {
        throw error(place, "'$ref' must point into the same document ('#/…')")
      }
      if rules[pointer] == nil {
        rules[pointer] = .empty
        unresolved.append(pointer)
      }
      return .rule(pointer)
    }
    if let choices = object["anyOf"] {
      try alone("anyOf")
      return try alternatives(choices, "anyOf", at: place, depth: depth)
    }
    if let parts = object["allOf"] {
      // What code generators wrap a reference in; more than one would need an intersection.
      try alone("allOf")
      guard parts.array?.count == 1 else { throw error(place, "'allOf' of several schemas is not supported") }
      return try alternatives(parts, "allOf", at: place, depth: depth)
    }
    if let values = object["enum"] {
      try alone("enum")
      guard let list = values.array, !list.isEmpty else { throw error(place, "'enum' must be a list of values") }
      return .alternatives(list.map(literal))
    }
    if let value = object["const"] {
      try alone("const")
      return literal(value)
    }
    names.remove("type")
    let types: [String]
    switch object["type"] {
    case nil:
      // Keywords of one type say which type is meant.
      let meant = ["object", "array", "string"].filter { !names.isDisjoint(with: Self.keywords[$0] ?? []) }
      guard meant.count <= 1 else { throw error(place, "keywords of several types without a 'type'") }
      if meant.isEmpty, names.isEmpty { return .rule("value") }
      types = meant
    case .string(let name)?: types = [name]
    case .array(let list)?: types = list.compactMap(\.string)
    default: throw error(place, "'type' must be a name or a list of names")
    }
    for type in types where Self.keywords[type] == nil { throw error(place, "there is no type '\(type)'") }
    let understood = types.reduce(into: Set<String>()) { $0.formUnion(Self.keywords[$1] ?? []) }
    if let other = names.subtracting(understood).min() {
      throw error(place, "the keyword '\(other)' is not supported\(types.isEmpty ? "" : " for \(types.joined(separator: ", "))")")
    }
    let choices = try types.map { type -> Pattern in
      switch type {
      case "object": try self.object(object, at: place, depth: depth)
      case "array": try array(object, at: place, depth: depth)
      case "string": try string(object, at: place)
      default: .rule(type)
      }
    }
    return choices.count == 1 ? choices[0] : .alternatives(choices)
  }

  private mutating func alternatives(
    _ value: JSONValue, _ keyword: String, at place: String, depth: Int
  ) throws -> Pattern {
    guard let list = value.array, !list.isEmpty else { throw error(place, "'\(keyword)' must be a list of schemas") }
    var choices: [Pattern] = []
    for (i, schema) in list.enumerated() {
      choices.append(try pattern(schema, at: "\(place)/\(keyword)/\(i)", depth: depth + 1))
    }
    return .alternatives(choices)
  }

  /// Exactly this value, written without spaces.
  private func literal(_ value: JSONValue) -> Pattern {
    .literal(value.serialized(separators: (",", ":")))
  }

  // MARK: Objects

  private mutating func object(_ schema: JSONObject, at place: String, depth: Int) throws -> Pattern {
    var properties = schema["properties"]?.object?.members ?? []
    if let given = schema["properties"], given.object == nil { throw error(place, "'properties' must be an object") }
    guard let required = (schema["required"] ?? []).array?.map(\.string), !required.contains(nil) else {
      throw error(place, "'required' must be a list of names")
    }
    for name in required.compactMap({ $0 }) where !properties.contains(where: { $0.key == name }) {
      properties.append((name, true))
    }
    var known: [(pattern: Pattern, isRequired: Bool)] = []
    for (name, value) in properties {
      let inner = try pattern(value, at: "\(place)/properties/\(name)", depth: depth + 1)
      known.append(
        (
          named(.sequence([literal(.string(name)), colon, inner]), "\(place) member \(name)"),
          required.contains(name)
        ))
    }
    let extra: Pattern?
    switch schema["additionalProperties"] {
    case nil: extra = properties.isEmpty ? .sequence([.rule("string"), colon, .rule("value")]) : nil
    case .bool(false)?: extra = nil
    case let value?:
      if let long = properties.first(where: { $0.key.utf8.count > 256 }) {
        throw error(place, "the name '\(long.key.prefix(20))…' has more than 256 bytes")
      }
      let inner = try pattern(value, at: "\(place)/additionalProperties", depth: depth + 1)
      extra = named(
        .sequence([quoted(Self.other(than: properties.map(\.key))), colon, inner]), "\(place) other member")
    }
    return members(known, extra: extra, at: place)
  }

  /// The pattern under a name, so that it is compiled once however often it is used.
  private mutating func named(_ pattern: Pattern, _ name: String) -> Pattern {
    rules[name] = pattern
    return .rule(name)
  }

  /// An object with these members in order, those that aren't required left out at will, then any number of others.
  private mutating func members(
    _ known: [(pattern: Pattern, isRequired: Bool)], extra: Pattern?, at place: String
  ) -> Pattern {
    // What may follow when something stands before it (with a comma), and when nothing does; made from the end.
    var later = extra.map { Pattern.any(.sequence([comma, $0])) } ?? .empty
    var first = extra.map { Pattern.optional(.sequence([$0, .any(.sequence([comma, $0]))])) } ?? .empty
    for (i, (pattern, isRequired)) in known.enumerated().reversed() {
      later = named(later, "\(place) after member \(i + 1)")
      let taken = Pattern.sequence([pattern, later])
      first = isRequired ? taken : .alternatives([taken, first])
      later =
        isRequired
        ? .sequence([comma, pattern, later]) : .sequence([.optional(.sequence([comma, pattern])), later])
    }
    return .sequence([.literal("{"), space, first, space, .literal("}")])
  }

  /// The inside of a string that is none of these names, of characters that need no escape.
  private static func other(than names: [String]) -> Pattern {
    let plain = CodePoints([0...0x1F, 0x22...0x22, 0x5C...0x5C]).inverted
    func differing(_ names: [ArraySlice<Unicode.Scalar>]) -> Pattern {
      guard !names.isEmpty else { return .any(.characters(plain)) }
      let heads = Set(names.compactMap(\.first))
      var choices: [Pattern] = names.contains { $0.isEmpty } ? [] : [.empty]
      let rest = plain.subtracting(CodePoints(heads.map { $0.value...$0.value }))
      choices.append(.sequence([.characters(rest), .any(.characters(plain))]))
      for head in heads.sorted() where plain.contains(head.value) {
        choices.append(
          .sequence([
            .characters(CodePoints([head.value...head.value])),
            differing(names.filter { $0.first == head }.map { $0.dropFirst() }),
          ]))
      }
      return .alternatives(choices)
    }
    return differing(names.map { Array($0.unicodeScalars)[...] })
  }

  // MARK: Arrays and strings

  private mutating func array(_ schema: JSONObject, at place: String, depth: Int) throws -> Pattern {
    var item = Pattern.rule("value")
    if let items = schema["items"] {
      item = named(try pattern(items, at: "\(place)/items", depth: depth + 1), "\(place) item")
    }
    let (least, most) = try bounds(schema, "minItems", "maxItems", at: place)
    return list(of: item, least: least, most: most)
  }

  private func list(of item: Pattern, least: Int, most: Int?) -> Pattern {
    let next = Pattern.sequence([comma, item])
    let some = Pattern.sequence([
      item, .repeated(next, least: max(0, least - 1), most: most.map { max(0, $0 - 1) }),
    ])
    let inside: Pattern = most == 0 ? .empty : least > 0 ? some : .optional(some)
    return .sequence([.literal("["), space, inside, space, .literal("]")])
  }

  private func bounds(
    _ schema: JSONObject, _ least: String, _ most: String, at place: String
  ) throws -> (Int, Int?) {
    func count(_ name: String) throws -> Int? {
      guard let value = schema[name] else { return nil }
      guard let count = value.int, count >= 0, count <= ExpressionParser.mostRepeats else {
        throw error(place, "'\(name)' must be a whole number from 0 to \(ExpressionParser.mostRepeats)")
      }
      return count
    }
    let (low, high) = (try count(least) ?? 0, try count(most))
    if let high, high < low { throw error(place, "'\(most)' is below '\(least)'") }
    return (low, high)
  }

  private func string(_ schema: JSONObject, at place: String) throws -> Pattern {
    let own = ["pattern", "format", "minLength", "maxLength"].filter { schema[$0] != nil }
    if let source = schema["pattern"] {
      if own.count > 1 { throw error(place, "'\(own[1])' beside 'pattern' is not supported") }
      guard let text = source.string else { throw error(place, "'pattern' must be a string") }
      do { return quoted(try ExpressionParser.parse(text).searched().escapedForJSON) } catch let problem as ConstraintError {
        throw error(place, "'pattern': \(problem.description)")
      }
    }
    if let format = schema["format"] {
      if own.count > 1 { throw error(place, "'\(own[1])' beside 'format' is not supported") }
      guard let name = format.string, let source = Self.formats[name] else {
        throw error(
          place, "the format '\(format.string ?? "")' is not supported; known are \(Self.formats.keys.sorted().joined(separator: ", "))")
      }
      return quoted(try ExpressionParser.parse(source))
    }
    let (least, most) = try bounds(schema, "minLength", "maxLength", at: place)
    if least == 0, most == nil { return .rule("string") }
    return quoted(.repeated(.rule("character"), least: least, most: most))
  }

  // Days beyond the 28th are left out, so that every date exists.
  private static let day = #"[0-9]{3}[1-9]-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"#
  private static let time = #"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"#
  private static let formats = [
    "date": day, "time": time, "date-time": day + "T" + time,
    "uuid": #"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"#,
  ]
}
