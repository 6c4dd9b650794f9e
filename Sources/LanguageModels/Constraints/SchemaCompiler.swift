import Documents
internal import Expressions
import Foundation

/// Turns JSON schemas into rules.
///
/// A schema, or several that must hold together, is first expanded into forms, one for each way to take its choices
/// (`anyOf`, `oneOf`, `not`), in which `$ref` and `allOf` are merged; each form then becomes a pattern.
struct SchemaCompiler {
  private static let largest = 262_144
  static let mostForms = 512
  /// The schemas, pairs of forms and values that may be looked at: a bound on the time that a stranger's schema takes.
  private static let mostSteps = 50_000

  private let documents: [JSONValue]
  var rules: [String: GrammarExpression] = [:]
  var uncompiled: [(name: String, schemas: [PlacedSchema])] = []
  private var steps = 0

  /// A compiler of documents; references stay inside the document in which they stand.
  init(_ documents: [JSONValue]) { self.documents = documents }

  /// The names of the rules for whole documents.
  mutating func compile() throws -> [String] {
    guard documents.reduce(0, { $0 + $1.serialized().utf8.count }) <= Self.largest else {
      throw ConstraintError("the JSON schema has more than \(Self.largest) bytes")
    }
    addBasics()
    let roots = documents.enumerated().map { PlacedSchema(document: $0, pointer: "#", value: $1) }
    for root in roots { _ = rule(for: [root]) }
    while let (name, schemas) = uncompiled.popLast() {
      guard rules.count <= PushdownAutomaton.mostRules else {
        throw ConstraintError("the constraint is too large: it has more than \(PushdownAutomaton.mostRules) rules")
      }
      rules[name] = .alternation(try forms(of: schemas).map { try pattern($0, at: schemas[0], name) })
    }
    return roots.map(\.name)
  }

  // MARK: Forms

  mutating func step() throws {
    steps += 1
    guard steps <= Self.mostSteps else { throw ConstraintError("the JSON schema is too complex") }
  }

  /// Every way to satisfy all of these.
  mutating func forms(of schemas: [PlacedSchema]) throws -> [SchemaForm] {
    var forms = [SchemaForm()]
    for schema in schemas { forms = try fold(schema, into: forms, path: []) }
    return forms
  }

  /// The forms that satisfy a schema as well; `path` are the references that led here.
  mutating func fold(_ schema: PlacedSchema, into forms: [SchemaForm], path: [String]) throws -> [SchemaForm] {
    try step()
    if schema.value.bool == true { return forms }
    if schema.value.bool == false { return [] }
    guard let object = schema.value.object else {
      throw schema.error("a schema is an object, not \(schema.value.kind)")
    }
    let own = try SchemaForm(keywordsOf: schema, object)
    var forms = forms.map { $0.merging(own) }.filter { !$0.isEmpty }
    if let reference = object["$ref"] {
      let target = try resolve(reference, from: schema)
      guard !path.contains(target.name), path.count < 100 else { throw schema.error("'$ref' leads back to itself") }
      forms = try fold(target, into: forms, path: path + [target.name])
    }
    if let value = object["not"] { forms = try fold(not: schema.child(value, "not"), into: forms, path: path) }
    for keyword in ["allOf", "anyOf", "oneOf"] {
      guard let value = object[keyword] else { continue }
      guard let list = value.array, !list.isEmpty else { throw schema.error("'\(keyword)' must be a list of schemas") }
      let parts = list.enumerated().map { schema.child($1, keyword, String($0)) }
      if keyword == "allOf" {
        for part in parts { forms = try fold(part, into: forms, path: path) }
        continue
      }
      var choices: [[SchemaForm]] = []
      for part in parts { choices.append(try fold(part, into: forms, path: path)) }
      if keyword == "oneOf" { try refuseOverlap(choices, at: schema) }
      forms = choices.flatMap { $0 }
      guard forms.count <= Self.mostForms else {
        throw schema.error("'\(keyword)' leads to more than \(Self.mostForms) combinations")
      }
    }
    return forms
  }

  func resolve(_ reference: JSONValue, from schema: PlacedSchema) throws -> PlacedSchema {
    guard let pointer = reference.string?.removingPercentEncoding, pointer == "#" || pointer.hasPrefix("#/") else {
      throw schema.error("'$ref' must point into the same document ('#/…')")
    }
    var target = PlacedSchema(document: schema.document, pointer: "#", value: documents[schema.document])
    for part in pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
      let name = String(part).replacing("~1", with: "/").replacing("~0", with: "~")
      guard let inner = target.value[name] ?? Int(name).flatMap({ target.value[$0] }) else {
        throw schema.error("'$ref': there is nothing at \(pointer)")
      }
      target = target.child(inner, name)
    }
    return target
  }

  private mutating func refuseOverlap(_ choices: [[SchemaForm]], at schema: PlacedSchema) throws {
    for i in choices.indices {
      for j in choices.indices.dropFirst(i + 1) where !(try areDisjoint(choices[i], choices[j], depth: 0)) {
        throw schema.error(
          "'oneOf' is supported where no value can satisfy two of its schemas; \(i) and \(j) may overlap ('anyOf' allows that)"
        )
      }
    }
  }

  /// Whether it is certain that no value satisfies a form of each.
  mutating func areDisjoint(_ left: [SchemaForm], _ right: [SchemaForm], depth: Int) throws -> Bool {
    for a in left {
      for b in right where !(try areDisjoint(a, b, depth: depth)) { return false }
    }
    return true
  }

  private mutating func areDisjoint(_ a: SchemaForm, _ b: SchemaForm, depth: Int) throws -> Bool {
    try step()
    if let values = a.values { return try !values.contains { try admits(b, $0) } }
    if let values = b.values { return try !values.contains { try admits(a, $0) } }
    for kind in a.kinds.intersection(b.kinds) {
      switch kind {
      case .boolean, .null: return false
      case .integer, .fraction: if !a.numbers.isDisjoint(with: b.numbers) { return false }
      case .string:
        guard a.strings.least > b.strings.most ?? .max || b.strings.least > a.strings.most ?? .max else { return false }
      case .array:
        guard a.leastElements > b.mostElements ?? .max || b.leastElements > a.mostElements ?? .max else { return false }
      case .object:
        // A member that both have, or that one must and the other can't have.
        guard depth < 4 else { return false }
        let isApart = try Set(a.required + b.required).contains { name in
          let (left, right) = (try forms(of: a.schemas(of: name)), try forms(of: b.schemas(of: name)))
          if left.isEmpty || right.isEmpty { return true }
          guard a.required.contains(name), b.required.contains(name) else { return false }
          return try areDisjoint(left, right, depth: depth + 1)
        }
        if !isApart { return false }
      }
    }
    return true
  }

  /// Whether a value satisfies a form.
  ///
  /// - Parameter strictly: whether strings must be of the texts that are written for their formats; schemas don't say so.
  mutating func admits(_ form: SchemaForm, _ value: JSONValue, strictly: Bool = false) throws -> Bool {
    try step()
    if let values = form.values, !values.contains(value) { return false }
    if form.excluded.contains(value) { return false }
    guard form.kinds.contains(.init(value)) else { return false }
    switch value {
    case .int, .double: return form.numbers.contains(value)
    case .string(let text): return try form.strings.contains(text, strictly: strictly)
    case .array(let list):
      guard list.count >= form.leastElements, list.count <= form.mostElements ?? .max else { return false }
      if form.areElementsUnique, list.indices.contains(where: { list[..<$0].contains(list[$0]) }) { return false }
      for (i, element) in list.enumerated() where !(try admits(form.schemas(at: i), element, strictly)) { return false }
    case .object(let object):
      guard form.required.allSatisfy({ object[$0] != nil }) else { return false }
      for (name, member) in object.members {
        guard try form.memberNames.contains(name, strictly: strictly) else { return false }
        guard try admits(form.schemas(of: name), member, strictly) else { return false }
      }
    case .null, .bool: break
    }
    return true
  }

  private mutating func admits(_ schemas: [PlacedSchema], _ value: JSONValue, _ strictly: Bool) throws -> Bool {
    for form in try forms(of: schemas) where try admits(form, value, strictly: strictly) { return true }
    return false
  }
}
