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
    var additional: PlacedSchema?

    func schema(of name: String) -> PlacedSchema? { properties.last { $0.name == name }?.schema ?? additional }
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
    return form
  }

  /// All that is known about a member.
  func schemas(of name: String) -> [PlacedSchema] { members.compactMap { $0.schema(of: name) } }

  /// All that is known about an element.
  func schemas(at index: Int) -> [PlacedSchema] { elements.compactMap { $0.schema(at: index) } }

  /// The members that are spoken of, in the order in which they are written.
  var names: [String] {
    var seen: Set<[UInt8]> = []
    return (members.flatMap { $0.properties.map(\.name) } + required).filter { seen.insert(Array($0.utf8)).inserted }
  }
}

extension SchemaForm {
  /// Keywords that say something to people only.
  private static let annotations: Set<String> = [
    "title", "description", "default", "examples", "example", "$schema", "$comment", "deprecated", "readOnly",
    "writeOnly", "$defs", "definitions", "discriminator",
  ]
  private static let references: Set<String> = ["$ref", "allOf", "anyOf", "oneOf"]
  private static let keywords: [String: Set<Kind>] = [
    "properties": [.object], "required": [.object], "additionalProperties": [.object],
    "items": [.array], "prefixItems": [.array], "minItems": [.array], "maxItems": [.array], "uniqueItems": [.array],
    "minLength": [.string], "maxLength": [.string], "pattern": [.string], "format": [.string],
    "minimum": [.integer, .fraction], "maximum": [.integer, .fraction], "exclusiveMinimum": [.integer, .fraction],
    "exclusiveMaximum": [.integer, .fraction], "multipleOf": [.integer, .fraction],
  ]

  /// The form of a schema's own keywords; those that combine other schemas are left to the compiler.
  ///
  /// - Throws: ``ConstraintError`` for a keyword that isn't supported or has no sense.
  init(keywordsOf schema: PlacedSchema, _ object: JSONObject) throws {
    for name in object.keys.sorted() where !Self.annotations.contains(name) && !Self.references.contains(name) {
      if let kinds = Self.keywords[name] {
        meant.formUnion(kinds)
      } else if name == "$id" {
        guard schema.pointer == "#" else { throw schema.error("'$id' is supported at the document's root only") }
      } else if !["type", "enum", "const"].contains(name) {
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
      do { strings.expressions.append(try ExpressionParser.parse(text, syntax: .ecmaScript).searching()) } catch {
        throw schema.error("'pattern': \(ConstraintError(error))")
      }
    }
    if let value = object["format"] {
      guard let name = value.string, StringRange.known[name] != nil else {
        let known = StringRange.known.keys.sorted().joined(separator: ", ")
        throw schema.error("the format '\(value.string ?? "")' is not supported; known are \(known)")
      }
      strings.formats.append(name)
    }
  }

  private mutating func readMembers(_ schema: PlacedSchema, _ object: JSONObject) throws {
    var own = Members()
    if let given = object["properties"] {
      guard let properties = given.object else { throw schema.error("'properties' must be an object") }
      own.properties = properties.members.map { ($0.key, schema.child($0.value, "properties", $0.key)) }
    }
    own.additional = object["additionalProperties"].map { schema.child($0, "additionalProperties") }
    if !own.properties.isEmpty || own.additional != nil { members.append(own) }
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
    if let unique = object["uniqueItems"], unique != false {
      throw schema.error("the keyword 'uniqueItems' is not supported")
    }
  }
}
