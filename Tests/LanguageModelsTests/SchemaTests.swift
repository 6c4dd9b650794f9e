import Documents
import Foundation
import LanguageModels
import TestSupport
import Testing

/// Random schemas against another implementation's judgement, and hostile ones against the clock's bounds.
@Suite struct SchemaTests {
  @Test(
    "whatever a random schema's constraint lets through, jsonschema finds valid",
    .needsTestPython)
  func valid() throws {
    var random = RandomSchemas(seed: 20_261_121)
    var lines: [String] = []
    var refused = 0
    for _ in 0..<400 {
      let schema = random.document()
      do {
        let constraint = try Constraint.jsonSchema(schema)
        for _ in 0..<4 {
          guard let text = constraint.example(using: &random.generator) else { continue }
          lines.append((["schema": schema, "text": .string(text)] as JSONValue).serialized(ascii: true))
        }
      } catch let error as ConstraintError {
        refused += 1
        // Choices that can't be told apart, and schemas that nothing satisfies; everything else here is supported.
        #expect(
          error.description.contains("oneOf") || error.description.contains("no finite example"),
          "\(error) \(schema.serialized())")
      }
    }
    #expect(refused < 120 && lines.count > 1000, "\(refused) refused, \(lines.count) texts")
    let checker = Process()
    checker.executableURL = TestPython.url
    let script = try Bundle.module.fixtures.appendingPathComponent(
      "check_schemas.py")
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("schemas-\(UUID().uuidString).jsonl")
    try (lines.joined(separator: "\n") + "\n").write(to: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: file) }
    checker.arguments = [script.path, file.path]
    let output = Pipe()
    checker.standardOutput = output
    checker.standardError = output
    try checker.run()
    let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    checker.waitUntilExit()
    #expect(checker.terminationStatus == 0 && said == "\(lines.count) valid\n", "\(said.prefix(2000))")
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

  init(seed: UInt64) { generator = Mutator(seed: seed, words: []) }

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
    switch number(0...8) {
    case 0, 1, 2:
      var names = ["a", "b", "name", "x y", "é\"", ""].shuffled(using: &generator)
      names.removeLast(number(2...6))
      var object: JSONObject = [
        "type": "object", "properties": .object(JSONObject(names.map { (key: $0, value: schema(depth - 1)) })),
      ]
      if chance(0.7) { object["required"] = .array(names.filter { _ in chance(0.5) }.map { .string($0) }) }
      if chance(0.5) { object["additionalProperties"] = pick([false, true, scalar()]) }
      return .object(object)
    case 3:
      var object: JSONObject = ["type": "array", "items": schema(depth - 1)]
      if chance(0.5) { object["minItems"] = .int(number(0...3)) }
      if chance(0.5) { object["maxItems"] = .int(number(3...5)) }
      if chance(0.3) { object["prefixItems"] = .array((0..<number(1...2)).map { _ in schema(depth - 1) }) }
      return .object(object)
    case 4: return ["anyOf": .array((0..<number(1...3)).map { _ in schema(depth - 1) })]
    case 5: return ["oneOf": .array((0..<number(1...3)).map { _ in schema(depth - 1) })]
    case 6: return ["allOf": .array((0..<number(1...2)).map { _ in schema(depth - 1) })]
    case 7:
      var object = schema(depth - 1).object ?? [:]
      object["anyOf"] = [schema(depth - 1), schema(depth - 1)]
      return .object(object)
    default: return scalar()
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
    case 4: return ["type": "string", "format": pick(["date", "uuid", "ipv4", "ipv6", "email", "hostname"])]
    case 5:
      var values: [JSONValue] = [1, 2, "a", "b", nil, true, [1, 2], ["k": 1], 1.5, "long text"]
      values.shuffle(using: &generator)
      return ["enum": .array(Array(values.prefix(number(1...4))))]
    case 6: return ["type": pick([["string", "null"], ["integer", "null"], ["boolean", "string"]])]
    case 7: return pick([["const": 0], ["const": ["z": [1]]], ["type": "null"]])
    default: return ["$ref": pick(["#/$defs/p", "#/$defs/q", "#/$defs/r"])]
    }
  }
}
