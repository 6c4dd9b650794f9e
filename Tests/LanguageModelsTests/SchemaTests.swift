import Documents
import Foundation
import LanguageModels
import TestSupport
import Testing

/// Random schemas against another implementation's judgement, and hostile ones against the clock's bounds.
@Suite struct SchemaTests {
  private struct Case {
    var schema: JSONValue
    var text: String
    var isAccepted = true
  }

  /// Whether jsonschema finds each text valid.
  private func judged(_ cases: [Case]) throws -> [Bool] {
    let lines = cases.map { (["schema": $0.schema, "text": .string($0.text)] as JSONValue).serialized(ascii: true) }
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("schemas-\(UUID().uuidString).jsonl")
    try (lines.joined(separator: "\n") + "\n").write(to: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: file) }
    let checker = Process()
    checker.executableURL = TestPython.url
    checker.arguments = [try Bundle.module.fixtures.appendingPathComponent("check_schemas.py").path, file.path]
    let output = Pipe()
    checker.standardOutput = output
    checker.standardError = output
    try checker.run()
    let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    checker.waitUntilExit()
    try #require(checker.terminationStatus == 0 && said.utf8.count == cases.count, "\(said.suffix(2000))")
    return said.utf8.map { $0 == UInt8(ascii: "1") }
  }

  /// Choices that can't be told apart, and schemas that nothing satisfies; everything else that is drawn here is supported.
  private func isExpected(_ error: ConstraintError) -> Bool {
    ["oneOf", "no finite example", "'uniqueItems' is supported", "'not' is not supported for the object"].contains {
      error.description.contains($0)
    }
  }

  @Test(
    "whatever a random schema's constraint lets through, jsonschema finds valid",
    .needsTestPython)
  func valid() throws {
    var random = RandomSchemas(seed: 20_261_121)
    var cases: [Case] = []
    var refused = 0
    for _ in 0..<500 {
      let schema = random.document()
      do {
        let constraint = try Constraint.jsonSchema(schema)
        for _ in 0..<4 {
          guard let text = constraint.example(using: &random.generator) else { continue }
          cases.append(Case(schema: schema, text: text))
        }
      } catch let error as ConstraintError {
        refused += 1
        #expect(isExpected(error), "\(error) \(schema.serialized())")
      }
    }
    #expect(refused < 150 && cases.count > 1000, "\(refused) refused, \(cases.count) texts")
    let wrong = zip(cases, try judged(cases)).first { !$0.1 }
    #expect(wrong == nil, "\(wrong.map { "\($0.0.schema.serialized()) \($0.0.text)" } ?? "")")
  }

  @Test(
    "of texts in the canonical form a random schema's constraint accepts exactly those that jsonschema finds valid",
    .needsTestPython)
  func complete() throws {
    var random = RandomSchemas(seed: 20_261_128, isPlain: true)
    var cases: [Case] = []
    for _ in 0..<600 {
      let schema = random.document()
      do {
        let constraint = try Constraint.jsonSchema(schema)
        for _ in 0..<8 {
          let text = random.value(for: schema, in: schema, depth: 4).serialized(separators: (",", ":"))
          // A name that one part of a union declares may make the text valid by a part that doesn't: not canonical there.
          if text.contains("\"zz\""), ["anyOf", "oneOf"].contains(where: schema.serialized().contains) { continue }
          cases.append(Case(schema: schema, text: text, isAccepted: constraint.matches(text)))
        }
      } catch let error as ConstraintError {
        #expect(isExpected(error), "\(error) \(schema.serialized())")
      }
    }
    let verdicts = try judged(cases)
    let wrong = zip(cases, verdicts).filter { $0.isAccepted != $1 }
    let shown = wrong.prefix(3).map { "\($0.schema.serialized()) \($0.text) valid: \($1)" }.joined(separator: "\n")
    #expect(wrong.isEmpty, "\(wrong.count) of \(cases.count):\n\(shown)")
    let valid = verdicts.count { $0 }
    #expect(valid > 1000 && cases.count - valid > 500, "\(valid) of \(cases.count) valid")
  }

  /// A list of schemas as text.
  private static func list(_ count: Int, _ schema: (Int) -> String) -> String {
    let schemas: [String] = (0..<count).map(schema)
    return "[" + schemas.joined(separator: ",") + "]"
  }

  private static func nested(_ before: String, _ count: Int, _ after: String) -> String {
    let opening = String(repeating: before, count: count)
    let closing = String(repeating: after, count: count)
    return opening + "{}" + closing
  }

  /// Members of an object as text.
  private static func members(_ count: Int, _ member: (Int) -> String) -> String {
    let members: [String] = (0..<count).map(member)
    return members.joined(separator: ",")
  }

  /// Schemas that ask for much, and whether they can be had.
  private static let hostileSchemas: [(schema: String, isFine: Bool)] = {
    var cases: [(schema: String, isFine: Bool)] = []
    func add(_ schema: String, _ isFine: Bool) { cases.append((schema, isFine)) }
    add(#"{"type":"string","pattern":"a{1,100000}"}"#, false)
    add(#"{"type":"string","pattern":"((a{1,1000}){1,1000}){1,1000}"}"#, false)
    add(#"{"type":"string","pattern":"^(a+)+$","maxLength":20000}"#, true)
    add(#"{"type":"string","pattern":"^(a+)+$","maxLength":2000000000}"#, false)
    add(#"{"type":"string","pattern":"^(a+)+$","maxLength":4000000000}"#, false)
    add(#"{"type":"string","pattern":"^(a+)+$","maxLength":1e300}"#, false)
    add(#"{"type":"string","pattern":"^(ab){1,3}$","maxLength":4000000000}"#, true)
    add(#"{"type":"string","pattern":"[ab]*a[ab]{500}","maxLength":500}"#, false)
    add(
      #"{"type":"array","items":{"type":"array","items":{"type":"array","maxItems":1000000},"maxItems":1000000},"maxItems":1000000}"#,
      true)
    add(#"{"type":"string","maxLength":1e300}"#, true)
    add(#"{"type":"integer","allOf":[{"multipleOf":999983},{"multipleOf":999979}]}"#, true)
    let constants: String = list(9000) { i in "{\"const\":\"\(i)\"}" }
    add("{\"anyOf\":\(constants)}", false)
    let kinds: String = list(500) { i in
      "{\"type\":\"object\",\"properties\":{\"k\":{\"const\":\(i)}},\"required\":[\"k\"]}"
    }
    add("{\"oneOf\":\(kinds)}", false)
    let choices: String = list(12) { _ in #"{"anyOf":[{"minimum":1},{"maximum":2},{"multipleOf":3}]}"# }
    add("{\"allOf\":\(choices)}", false)
    add(nested(#"{"items":"#, 190, "}"), true)
    add(nested(#"{"anyOf":[{"type":"null"},"#, 90, "]}"), true)
    let properties: String = members(3000) { i in "\"p\(i)\":{}" }
    add("{\"type\":\"object\",\"properties\":{\(properties)}}", false)
    // Each definition uses the next one twice.
    let doubled: String = members(60) { i in
      let reference: String = "{\"$ref\":\"#/$defs/d\(i + 1)\"}"
      return "\"d\(i)\":{\"allOf\":[\(reference),\(reference)]}"
    }
    add("{\"$defs\":{\(doubled),\"d60\":{}},\"$ref\":\"#/$defs/d0\"}", false)
    return cases
  }()

  @Test("schemas and expressions that would take forever are refused or stay small", arguments: hostileSchemas)
  func hostile(_ source: String, _ isFine: Bool) throws {
    let schema = try JSONValue(parsing: source)
    if isFine {
      #expect(try !Constraint.jsonSchema(schema).matches("\u{1}"))
    } else {
      #expect(throws: ConstraintError.self) { try Constraint.jsonSchema(schema) }
    }
  }
}

/// Schemas of all keywords that are supported, the same for the same seed.
private struct RandomSchemas {
  var generator: Mutator
  /// Whether schemas are left out of which more is valid than is written: formats, and members of several schemas at once.
  let isPlain: Bool

  init(seed: UInt64, isPlain: Bool = false) {
    generator = Mutator(seed: seed, words: [])
    self.isPlain = isPlain
  }

  private mutating func chance(_ p: Double) -> Bool { Double.random(in: 0..<1, using: &generator) < p }
  private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
  private mutating func pick<T>(_ list: [T]) -> T { list[Int.random(in: 0..<list.count, using: &generator)] }

  mutating func document() -> JSONValue {
    var object = schema(number(1...3)).object ?? [:]
    object["$defs"] = [
      "p": ["type": "integer", "minimum": 0], "r": ["type": "array", "items": ["$ref": "#/$defs/p"], "maxItems": 2],
      "q": [
        "type": "object", "properties": ["next": ["anyOf": [["$ref": "#/$defs/q"], ["type": "null"]]]],
        "required": ["next"],
      ],
    ]
    return .object(object)
  }

  private mutating func schema(_ depth: Int) -> JSONValue {
    guard depth > 0 else { return scalar() }
    switch number(0...11) {
    case 0, 1, 2:
      var names = ["a", "b", "name", "x y", "é\"", ""].shuffled(using: &generator)
      names.removeLast(number(2...6))
      var object: JSONObject = [
        "type": "object", "properties": .object(JSONObject(names.map { (key: $0, value: schema(depth - 1)) })),
      ]
      if chance(0.7) { object["required"] = .array(names.filter { _ in chance(0.5) }.map { .string($0) }) }
      if chance(0.5) { object["additionalProperties"] = pick([false, true, scalar()]) }
      if chance(0.3) {
        object["patternProperties"] = .object(
          JSONObject(Self.patterns.prefix(number(1...2)).map { (key: $0, value: schema(depth - 1)) }))
      }
      if chance(0.15) {
        object["propertyNames"] = pick([["maxLength": 2], ["enum": ["a", "b", "x9"]], ["pattern": "^[abx]"]])
      }
      return .object(object)
    case 3:
      var object: JSONObject = ["type": "array", "items": schema(depth - 1)]
      if chance(0.5) { object["minItems"] = .int(number(0...3)) }
      if chance(0.5) { object["maxItems"] = .int(number(3...5)) }
      if chance(0.3) { object["prefixItems"] = .array((0..<number(1...2)).map { _ in schema(depth - 1) }) }
      return .object(object)
    case 4: return ["anyOf": .array((0..<number(1...3)).map { _ in schema(depth - 1) })]
    case 5: return ["oneOf": .array((0..<number(1...3)).map { _ in schema(depth - 1) })]
    case 6: return ["allOf": .array((0..<number(1...2)).map { _ in isPlain ? scalar() : schema(depth - 1) })]
    case 7:
      var object = (isPlain ? scalar() : schema(depth - 1)).object ?? [:]
      object["anyOf"] = isPlain ? [scalar(), scalar()] : [schema(depth - 1), schema(depth - 1)]
      return .object(object)
    case 8:
      var object: JSONObject = ["type": "array", "uniqueItems": true, "items": few()]
      if chance(0.5) { object["minItems"] = .int(number(0...3)) }
      if chance(0.5) { object["maxItems"] = .int(number(1...4)) }
      return .object(object)
    case 9:
      var object = scalar().object ?? [:]
      object["not"] = negated(2)
      object["x-note"] = ["ignored": true]
      return .object(object)
    case 10: return ["not": negated(1)]
    default: return scalar()
    }
  }

  /// Expressions for names, and names that they are found in.
  private static let patterns = ["^x", "9$"]

  /// A schema of few values.
  private mutating func few() -> JSONValue {
    pick([
      ["enum": ["a", "b", 1, nil]], ["type": "boolean"], ["type": ["boolean", "null"]],
      ["type": "integer", "minimum": -1, "maximum": 3], ["anyOf": [["const": "a"], ["const": [1]], ["type": "null"]]],
    ])
  }

  /// A schema that can be negated.
  private mutating func negated(_ depth: Int) -> JSONValue {
    switch number(0...(depth > 0 ? 12 : 9)) {
    case 0: return ["type": pick(["string", "null", "boolean", "number", "integer", "object", "array"])]
    case 1: return ["type": pick([["string", "null"], ["integer", "boolean"]])]
    case 2:
      return [
        "enum": .array(
          Array(([0, 1, 2.5, "a", "foo", "", nil, true, []] as [JSONValue]).shuffled(using: &generator).prefix(3)))
      ]
    case 3: return ["const": pick([1, 0, -3, "a", "bb", false, 2.5])]
    case 4: return ["pattern": pick(["^[a-c]*$", "b+", "^x.y"]), "type": "string"]
    case 5: return ["minLength": .int(number(0...3))]
    case 6: return ["maxLength": .int(number(0...3)), "type": pick(["string", ["string", "integer"]])]
    case 7: return [pick(["minimum", "exclusiveMaximum"]): .int(number(-3...5))]
    case 8: return ["type": "integer", "exclusiveMinimum": .int(number(-3...5)), "maximum": 12]
    case 9: return [pick(["minItems", "maxItems"]): .int(number(0...2))]
    case 10: return ["anyOf": [negated(depth - 1), negated(depth - 1)]]
    case 11: return ["allOf": [negated(depth - 1), negated(depth - 1)]]
    // Twice negated is asked for: without a type only the kinds that its keywords speak of would be written.
    default: return ["not": scalar()]
    }
  }

  private mutating func scalar() -> JSONValue {
    switch number(0...8) {
    case 0: return ["type": "boolean"]
    case 1, 2:
      var object: JSONObject = ["type": pick(["integer", "number"])]
      if chance(0.6) {
        object[pick(["minimum", "exclusiveMinimum"])] = pick([
          .int(number(-300...300)), .double(Double(number(-10...10)) / 4), 0,
        ])
      }
      if chance(0.6) {
        object[pick(["maximum", "exclusiveMaximum"])] = pick([
          .int(number(0...3000)), .double(5 + Double(number(0...10)) / 4),
        ])
      }
      if chance(0.3) { object["multipleOf"] = pick([1, 2, 3, 7, 10, 25, 1001]) }
      return .object(object)
    case 3:
      var object: JSONObject = ["type": "string"]
      if chance(0.5) { object["minLength"] = .int(number(0...5)) }
      if chance(0.5) { object["maxLength"] = .int(number(5...9)) }
      if chance(0.4) { object["pattern"] = pick(["^[a-c]*$", "b+", "^x.y", #"\d{2,3}$"#, "^(foo|bar)", #"["\\]"#]) }
      return .object(object)
    case 4:
      if isPlain { return ["type": "string", "format": "color-of-the-day"] }
      return ["type": "string", "format": pick(["date", "uuid", "ipv4", "ipv6", "email", "hostname"])]
    case 5:
      var values: [JSONValue] = [1, 2, "a", "b", nil, true, [1, 2], ["k": 1], 1.5, "long text"]
      values.shuffle(using: &generator)
      return ["enum": .array(Array(values.prefix(number(1...4))))]
    case 6: return ["type": pick([["string", "null"], ["integer", "null"], ["boolean", "string"]])]
    case 7: return pick([["const": 0], ["const": ["z": [1]]], ["type": "null"]])
    default: return ["$ref": pick(["#/$defs/p", "#/$defs/q", "#/$defs/r"])]
    }
  }

  // MARK: Values

  /// A value that is valid or nearly so, with members in the schema's order and none that it doesn't speak of.
  mutating func value(for schema: JSONValue, in document: JSONValue, depth: Int) -> JSONValue {
    guard let object = schema.object, depth > 0, chance(0.92) else { return anything() }
    if let name = object["$ref"]?.string?.split(separator: "/").last {
      return value(for: document["$defs"]?[String(name)] ?? true, in: document, depth: depth - 1)
    }
    if let list = object["enum"]?.array, chance(0.9) { return pick(list) }
    if let constant = object["const"], chance(0.9) { return constant }
    for keyword in ["anyOf", "oneOf", "allOf"] {
      if let list = object[keyword]?.array, chance(object["type"] == nil ? 1 : 0.5) {
        return value(for: pick(list), in: document, depth: depth - 1)
      }
    }
    if let inner = object["not"], chance(object["type"] == nil ? 0.5 : 0.2) {
      return value(for: inner, in: document, depth: depth - 1)
    }
    let types = object["type"]?.array?.compactMap(\.string) ?? object["type"]?.string.map { [$0] } ?? []
    guard !types.isEmpty else { return anything() }
    switch pick(types) {
    case "object": return self.object(object, document, depth)
    case "array":
      let first = object["prefixItems"]?.array ?? []
      return .array(
        (0..<number(0...4)).map {
          value(for: $0 < first.count ? first[$0] : object["items"] ?? true, in: document, depth: depth - 1)
        })
    case "integer": return .int(number(-6...14) * pick([1, 1, 7, 25]))
    case "number": return chance(0.5) ? .int(number(-6...14)) : .double(Double(number(-30...60)) / 4 + 0.0625)
    case "string": return text()
    case "boolean": return .bool(chance(0.5))
    default: return nil
    }
  }

  private mutating func object(_ object: JSONObject, _ document: JSONValue, _ depth: Int) -> JSONValue {
    var made = JSONObject()
    for (name, schema) in object["properties"]?.object?.members ?? [] where chance(0.7) {
      made.members.append((name, value(for: schema, in: document, depth: depth - 1)))
    }
    let patterns = object["patternProperties"]?.object?.keys ?? []
    var others = Set(patterns.flatMap { $0 == "^x" ? ["x1", "x9"] : ["y9", "x9"] })
    if object["additionalProperties"] != nil { others.insert("zz") }
    for name in others.sorted().shuffled(using: &generator).prefix(number(0...2)) {
      let pattern = patterns.first { $0 == "^x" ? name.hasPrefix("x") : name.hasSuffix("9") }
      let schema = pattern.flatMap { object["patternProperties"]?[$0] } ?? object["additionalProperties"] ?? true
      made.members.append((name, value(for: schema, in: document, depth: depth - 1)))
    }
    return .object(made)
  }

  private mutating func text() -> JSONValue {
    .string(
      pick(["", "a", "b", "bb", "ab", "abc", "foo", "foobar", "xxy", "12", "a123", "\"", "\\", "é", "abcabcabca"]))
  }

  private mutating func anything() -> JSONValue {
    pick([nil, true, false, 0, 1, -3, 2.5, [], ["a"], [1, 1], [:], text(), text(), .int(number(-5...5))])
  }
}
