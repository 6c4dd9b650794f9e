import Documents
internal import Expressions

/// `not`: every keyword that fails is one way not to satisfy a schema (De Morgan).
extension SchemaCompiler {
  /// The forms that satisfy all that they did, and not a schema.
  mutating func fold(not schema: PlacedSchema, into forms: [SchemaForm], path: [String]) throws -> [SchemaForm] {
    try step()
    if let allowsAll = schema.value.bool { return allowsAll ? [] : forms }
    guard let object = schema.value.object else {
      throw schema.error("a schema is an object, not \(schema.value.kind)")
    }
    // It is checked as any schema is, also where it is only negated.
    _ = try SchemaForm(keywordsOf: schema, object)
    var made: [SchemaForm] = []
    for (keyword, value) in object.members {
      switch keyword {
      case "$ref":
        let target = try resolve(value, from: schema)
        guard !path.contains(target.name), path.count < 100 else { throw schema.error("'$ref' leads back to itself") }
        made += try fold(not: target, into: forms, path: path + [target.name])
      case "not": made += try fold(schema.child(value, "not"), into: forms, path: path)
      case "allOf":
        for part in try parts(value, keyword, schema) { made += try fold(not: part, into: forms, path: path) }
      case "anyOf":
        var left = forms
        for part in try parts(value, keyword, schema) { left = try fold(not: part, into: left, path: path) }
        made += left
      default:
        for failing in try failures(of: keyword, value, in: schema) {
          made += forms.map { $0.merging(failing) }.filter { !$0.isEmpty }
        }
      }
      guard made.count <= Self.mostForms else {
        throw schema.error("'not' leads to more than \(Self.mostForms) combinations")
      }
    }
    return made
  }

  private func parts(_ value: JSONValue, _ keyword: String, _ schema: PlacedSchema) throws -> [PlacedSchema] {
    guard let list = value.array, !list.isEmpty else { throw schema.error("'\(keyword)' must be a list of schemas") }
    return list.enumerated().map { schema.child($1, keyword, String($0)) }
  }

  /// The ways in which one keyword fails.
  ///
  /// Keywords of a kind hold for all others, so that what fails them is of their kind.
  private func failures(of keyword: String, _ value: JSONValue, in schema: PlacedSchema) throws -> [SchemaForm] {
    let own = try SchemaForm(keywordsOf: schema, [keyword: value])
    var failing = SchemaForm()
    switch keyword {
    case "type": failing.kinds.subtract(own.kinds)
    case "enum", "const": failing.excluded = own.values ?? []
    case "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum":
      failing.kinds = [.integer, .fraction]
      if var bound = own.numbers.least {
        bound.isExclusive.toggle()
        failing.numbers.lower(bound)
      }
      if var bound = own.numbers.most {
        bound.isExclusive.toggle()
        failing.numbers.raise(bound)
      }
    case "minLength":
      failing.kinds = own.strings.least > 0 ? [.string] : []
      failing.strings.most = own.strings.least - 1
    case "maxLength":
      failing.kinds = [.string]
      failing.strings.least = (own.strings.most ?? 0) + 1
    case "pattern":
      guard own.strings.forbidden.isEmpty, own.strings.expressions.count == 1 else {
        throw schema.error("'pattern' with look-ahead is not supported inside of 'not'")
      }
      failing.kinds = [.string]
      failing.strings.forbidden = own.strings.expressions
    case "minItems":
      failing.kinds = own.leastElements > 0 ? [.array] : []
      failing.mostElements = own.leastElements - 1
    case "maxItems":
      failing.kinds = [.array]
      failing.leastElements = (own.mostElements ?? 0) + 1
    case "required":
      return own.required.map { name in
        var failing = SchemaForm()
        failing.kinds = [.object]
        failing.members = [.init(properties: [(name, schema.child(false, "required", name))])]
        return failing
      }
    case "properties":
      return (value.object?.members ?? []).map { name, inner in
        var failing = SchemaForm()
        failing.kinds = [.object]
        failing.required = [name]
        failing.members = [.init(properties: [(name, schema.child(["not": inner], "properties", name))])]
        return failing
      }
    default:
      guard SchemaForm.isAssertion(keyword) else { return [] }
      throw schema.error("'\(keyword)' is not supported inside of 'not'")
    }
    return failing.kinds.isEmpty ? [] : [failing]
  }

  /// A form that says of each kind what is excluded from it.
  func withoutExcluded(_ given: SchemaForm, at schema: PlacedSchema) throws -> SchemaForm {
    guard given.values == nil, !given.excluded.isEmpty else { return given }
    var form = given
    for value in given.excluded where given.writtenKinds.contains(.init(value)) {
      switch value {
      case .string(let text): form.strings.excluded.append(text)
      case .int, .double:
        if let number = DecimalBound(value, isExclusive: false) { form.numbers.excluded.append(number) }
      case .null: form.kinds.remove(.null)
      case .bool: break
      case .array(let list):
        guard list.isEmpty else {
          throw schema.error("'not' is supported for no array but the empty one, which \(value.serialized()) is not")
        }
        form.leastElements = max(1, form.leastElements)
      case .object: throw schema.error("'not' is not supported for the object \(value.serialized())")
      }
    }
    return form
  }
}
