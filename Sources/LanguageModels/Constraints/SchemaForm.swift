import Documents
internal import Expressions

/// A schema and where it stands.
struct PlacedSchema: Sendable {
  /// Which of several documents it is in, and the pointer inside.
  var document: Int
  var pointer: String
  var value: JSONValue

  /// The schema's name in errors and rules.
  var name: String { document == 0 ? pointer : "\(document)\(pointer)" }

  /// The schema under a keyword, or under a member of one.
  func child(_ value: JSONValue, _ path: String...) -> PlacedSchema {
    let escaped = path.map { $0.replacing("~", with: "~0").replacing("/", with: "~1") }
    return PlacedSchema(document: document, pointer: ([pointer] + escaped).joined(separator: "/"), value: value)
  }

  func error(_ problem: String) -> ConstraintError { ConstraintError("JSON schema, \(name): \(problem)") }
}

/// One way to satisfy schemas: assertions that hold together, choices taken.
///
/// Schemas under `properties` and `items` stay as they are; where several apply they are compiled as one.
struct SchemaForm: Sendable {
  enum Kind: CaseIterable {
    /// A number that is no integer is a fraction.
    case object, array, string, integer, fraction, boolean, null

    init(_ value: JSONValue) {
      switch value {
      case .null: self = .null
      case .bool: self = .boolean
      case .int, .double: self = value.double.map { $0.rounded() == $0 } == true ? .integer : .fraction
      case .string: self = .string
      case .array: self = .array
      case .object: self = .object
      }
    }

    /// The kinds of a schema's type.
    static func named(_ type: String) -> Set<Kind>? {
      switch type {
      case "object": [.object]
      case "array": [.array]
      case "string": [.string]
      case "integer": [.integer]
      case "number": [.integer, .fraction]
      case "boolean": [.boolean]
      case "null": [.null]
      default: nil
      }
    }
  }

  struct Members: Sendable {
    var properties: [(name: String, schema: PlacedSchema)] = []
    /// Expressions that are looked for in names, with what the members whose names they are found in must be.
    var patterns: [(name: FiniteAutomaton, schema: PlacedSchema)] = []
    var additional: PlacedSchema?

    /// All that is said of a member.
    func schemas(of name: String) -> [PlacedSchema] {
      let known = properties.last { $0.name.utf8.elementsEqual(name.utf8) }.map { [$0.schema] } ?? []
      let found = known + patterns.filter { $0.name.accepts(name) }.map(\.schema)
      return found.isEmpty ? additional.map { [$0] } ?? [] : found
    }
  }

  struct Elements: Sendable {
    var first: [PlacedSchema] = []
    var rest: PlacedSchema?

    func schema(at index: Int) -> PlacedSchema? { index < first.count ? first[index] : rest }
  }

  var kinds = Set(Kind.allCases)
  var isTyped = false
  /// The kinds that keywords speak of; without a `type` they are meant.
  var meant: Set<Kind> = []
  var values: [JSONValue]?
  var numbers = NumberRange()
  var strings = StringRange()
  var members: [Members] = []
  var required: [String] = []
  var elements: [Elements] = []
  var leastElements = 0
  var mostElements: Int?
  /// Whether no two elements may be equal.
  var areElementsUnique = false
  /// The names that members may have.
  var memberNames = StringRange()
  /// Values that it must not be.
  var excluded: [JSONValue] = []

  /// Whether it says nothing.
  var isFree: Bool { !isTyped && meant.isEmpty && kinds.count == Kind.allCases.count && excluded.isEmpty }

  /// The kinds that are written: without a type those that its keywords speak of.
  var writtenKinds: Set<Kind> { isTyped || meant.isEmpty ? kinds : kinds.intersection(meant) }

  /// Whether it is plain that nothing satisfies it.
  var isEmpty: Bool { kinds.isEmpty || values?.isEmpty == true }

  /// Both at once.
  func merging(_ other: SchemaForm) -> SchemaForm {
    var form = self
    form.kinds.formIntersection(other.kinds)
    form.isTyped = isTyped || other.isTyped
    form.meant.formUnion(other.meant)
    form.values = other.values.map { list in values.map { $0.filter(list.contains) } ?? list } ?? values
    form.numbers.merge(other.numbers)
    form.strings.merge(other.strings)
    form.members += other.members
    form.required += other.required.filter { !required.contains($0) }
    form.elements += other.elements
    form.leastElements = max(leastElements, other.leastElements)
    form.mostElements = [mostElements, other.mostElements].compactMap { $0 }.min()
    form.areElementsUnique = areElementsUnique || other.areElementsUnique
    form.memberNames.merge(other.memberNames)
    form.excluded += other.excluded
    return form
  }

  /// All that is known about a member.
  func schemas(of name: String) -> [PlacedSchema] { members.flatMap { $0.schemas(of: name) } }

  /// All that is known about an element.
  func schemas(at index: Int) -> [PlacedSchema] { elements.compactMap { $0.schema(at: index) } }

  /// The members that are spoken of, in the order in which they are written.
  var names: [String] {
    var seen: Set<[UInt8]> = []
    return (members.flatMap { $0.properties.map(\.name) } + required).filter { seen.insert(Array($0.utf8)).inserted }
  }
}

extension SchemaForm {
  /// Keywords of JSON Schema (draft 4 to 2020-12) that change what is allowed and can't be had here.
  ///
  /// All others that aren't known are annotations: the specification has them ignored.
  private static let unsupported: Set<String> = [
    "if", "then", "else", "contains", "minContains", "maxContains", "minProperties", "maxProperties", "dependencies",
    "dependentRequired", "dependentSchemas", "unevaluatedProperties", "unevaluatedItems", "additionalItems",
    "$dynamicRef", "$recursiveRef",
  ]
  private static let keywords: [String: Set<Kind>] = [
    "properties": [.object], "required": [.object], "additionalProperties": [.object], "patternProperties": [.object],
    "propertyNames": [.object],
    "items": [.array], "prefixItems": [.array], "minItems": [.array], "maxItems": [.array], "uniqueItems": [.array],
    "minLength": [.string], "maxLength": [.string], "pattern": [.string], "format": [.string],
    "minimum": [.integer, .fraction], "maximum": [.integer, .fraction], "exclusiveMinimum": [.integer, .fraction],
    "exclusiveMaximum": [.integer, .fraction], "multipleOf": [.integer, .fraction],
  ]

  /// Whether a keyword limits what is allowed.
  static func isAssertion(_ keyword: String) -> Bool {
    keywords[keyword] != nil || unsupported.contains(keyword)
      || ["type", "enum", "const", "$ref", "allOf", "anyOf", "oneOf", "not"].contains(keyword)
  }

  /// The form of a schema's own keywords; those that combine other schemas are left to the compiler.
  ///
  /// - Throws: ``ConstraintError`` for a keyword that isn't supported or has no sense.
  init(keywordsOf schema: PlacedSchema, _ object: JSONObject) throws {
    for name in object.keys.sorted() {
      if let kinds = Self.keywords[name] {
        meant.formUnion(kinds)
      } else if name == "$id" {
        guard schema.pointer == "#" else { throw schema.error("'$id' is supported at the document's root only") }
      } else if Self.unsupported.contains(name) {
        throw schema.error("the keyword '\(name)' is not supported")
      }
    }
    if let type = object["type"] {
      let names = type.string.map { [$0] } ?? type.array?.compactMap(\.string) ?? []
      guard !names.isEmpty, type.array.map({ $0.count == names.count }) != false else {
        throw schema.error("'type' must be a name or a list of names")
      }
      kinds = try names.reduce(into: []) { kinds, name in
        guard let more = Kind.named(name) else { throw schema.error("there is no type '\(name)'") }
        kinds.formUnion(more)
      }
      isTyped = true
    }
    if let list = object["enum"] {
      guard let list = list.array, !list.isEmpty else { throw schema.error("'enum' must be a list of values") }
      values = list
    }
    if let value = object["const"] { values = values.map { $0.filter { $0 == value } } ?? [value] }
    try readNumbers(schema, object)
    try readStrings(schema, object)
    try readMembers(schema, object)
    try readElements(schema, object)
  }

  private static func count(_ schema: PlacedSchema, _ object: JSONObject, _ name: String) throws -> Int? {
    guard let value = object[name] else { return nil }
    guard let count = value.int ?? (value.double.map { $0 > 1e18 } == true ? .max : nil), count >= 0 else {
      throw schema.error("'\(name)' must be a whole number, not below 0")
    }
    return min(count, 1 << 40)
  }

  private mutating func readNumbers(_ schema: PlacedSchema, _ object: JSONObject) throws {
    for (name, isLeast, isExclusive) in [
      ("minimum", true, false), ("exclusiveMinimum", true, true), ("maximum", false, false),
      ("exclusiveMaximum", false, true),
    ] {
      guard let value = object[name] else { continue }
      guard let bound = DecimalBound(value, isExclusive: isExclusive) else {
        throw schema.error("'\(name)' must be a number")
      }
      if isLeast { numbers.raise(bound) } else { numbers.lower(bound) }
    }
    if let value = object["multipleOf"] {
      guard let factor = value.int, factor > 0 else {
        throw schema.error("'multipleOf' is supported for whole numbers above 0")
      }
      numbers.factors.append(factor)
    }
  }

  private mutating func readStrings(_ schema: PlacedSchema, _ object: JSONObject) throws {
    strings.least = try Self.count(schema, object, "minLength") ?? 0
    strings.most = try Self.count(schema, object, "maxLength")
    if let value = object["pattern"] {
      guard let text = value.string else { throw schema.error("'pattern' must be a string") }
      do { try strings.require(text) } catch { throw schema.error("'pattern': \(ConstraintError(error))") }
    }
    if let value = object["format"] {
      guard let name = value.string else { throw schema.error("'format' must be a string") }
      // A format that nobody here knows is an annotation, as the specification has it.
      if StringRange.known[name] != nil { strings.formats.append(name) }
    }
  }

  /// An expression that is looked for in a string.
  static func expression(_ text: String, in keyword: String, _ schema: PlacedSchema) throws -> RegularExpression {
    do { return try ExpressionParser.parse(text, syntax: .ecmaScript).searching() } catch {
      throw schema.error("'\(keyword)': \(ConstraintError(error))")
    }
  }

  private mutating func readMembers(_ schema: PlacedSchema, _ object: JSONObject) throws {
    var own = Members()
    if let given = object["properties"] {
      guard let properties = given.object else { throw schema.error("'properties' must be an object") }
      own.properties = properties.members.map { ($0.key, schema.child($0.value, "properties", $0.key)) }
    }
    if let given = object["patternProperties"] {
      guard let patterns = given.object else { throw schema.error("'patternProperties' must be an object") }
      for (source, value) in patterns.members {
        let expression = try Self.expression(source, in: "patternProperties", schema)
        own.patterns.append(
          (try StringRange.automaton(expression), schema.child(value, "patternProperties", source)))
      }
    }
    own.additional = object["additionalProperties"].map { schema.child($0, "additionalProperties") }
    if !own.properties.isEmpty || !own.patterns.isEmpty || own.additional != nil { members.append(own) }
    if let given = object["propertyNames"] { memberNames = try Self.names(schema.child(given, "propertyNames")) }
    guard let names = (object["required"] ?? []).array?.map(\.string), !names.contains(nil) else {
      throw schema.error("'required' must be a list of names")
    }
    required = names.compactMap { $0 }
  }

  private mutating func readElements(_ schema: PlacedSchema, _ object: JSONObject) throws {
    var own = Elements()
    if let given = object["prefixItems"] {
      guard let list = given.array else { throw schema.error("'prefixItems' must be a list of schemas") }
      own.first = list.enumerated().map { schema.child($1, "prefixItems", String($0)) }
    }
    if let items = object["items"] {
      guard items.array == nil else { throw schema.error("a list under 'items' is called 'prefixItems' since 2020") }
      own.rest = schema.child(items, "items")
    }
    if !own.first.isEmpty || own.rest != nil { elements.append(own) }
    leastElements = try Self.count(schema, object, "minItems") ?? 0
    mostElements = try Self.count(schema, object, "maxItems")
    guard let unique = (object["uniqueItems"] ?? false).bool else {
      throw schema.error("'uniqueItems' must be true or false")
    }
    areElementsUnique = unique
  }

  /// The names that a schema of names allows: one without choices.
  private static func names(_ schema: PlacedSchema) throws -> StringRange {
    var range = StringRange()
    switch schema.value {
    case .bool(true): return range
    case .bool(false):
      range.choices = []
      return range
    case .object(let object):
      guard ["$ref", "allOf", "anyOf", "oneOf", "not"].allSatisfy({ object[$0] == nil }) else {
        throw schema.error("names are supported that are limited by 'enum', 'const', 'pattern', 'format' or lengths")
      }
      let form = try SchemaForm(keywordsOf: schema, object)
      range = form.strings
      if let values = form.values { range.choices = values.compactMap(\.string) }
      if !form.kinds.contains(.string) { range.choices = [] }
      return range
    default: throw schema.error("a schema is an object, not \(schema.value.kind)")
    }
  }
}
