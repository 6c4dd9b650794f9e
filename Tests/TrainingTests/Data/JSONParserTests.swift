import Foundation
import Testing
import Training

@Suite("JSON")
struct JSONParserTests {
  @Test("values of every kind")
  func values() throws {
    let text = """
      {"a": [1, -2, 3.5, 1e3, 9223372036854775807, 9223372036854775808], "b": {"c": null},
       "d": true, "e": false, "f": ""}
      """
    let value = try JSONValue(parsing: text)
    #expect(
      value["a"]
        == [
          1, -2, 3.5, .number(1000), .integer(.max), .number(9_223_372_036_854_775_808),
        ])
    #expect(value["b"]?["c"] == .null)
    #expect(value["d"] == true && value["e"] == false && value["f"] == "")
  }

  @Test("escapes, surrogate pairs and text beyond ASCII")
  func strings() throws {
    let value = try JSONValue(parsing: #""a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00 é😀""#)
    #expect(value == "a\"\\/\u{8}\u{C}\n\r\té😀 é😀")
  }

  @Test(
    "malformed text is refused, never repaired",
    arguments: [
      "", "{", "[1,]", "{\"a\":}", "{\"a\" 1}", "{a: 1}", "01", "1.", "-", "1e", "tru", "nul",
      "\"a", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\udc00\"", "\"a\nb\"", "1 2", "NaN",
      "Infinity", "1e999", "[1 2]", "{\"a\":1,}", "\"tab\there\"",
    ])
  func malformed(text: String) {
    #expect(throws: DataError.self) { try JSONValue(parsing: text) }
  }

  @Test("bytes that are not UTF-8 are refused")
  func invalidUTF8() {
    #expect(throws: DataError.self) {
      try JSONValue(parsing: Data([0x22, 0x61, 0xFF, 0x62, 0x22]))
    }
  }

  @Test("nesting is bounded")
  func nesting() throws {
    let deep = String(repeating: "[", count: 100_000)
    #expect(throws: DataError.self) { try JSONValue(parsing: deep) }
    let fine = String(repeating: "[", count: 500) + String(repeating: "]", count: 500)
    _ = try JSONValue(parsing: fine)
  }

  @Test("an error names line and column")
  func position() {
    let error = #expect(throws: DataError.self) {
      try JSONValue(parsing: "{\n  \"a\": oops\n}", path: "x.json", line: 10)
    }
    #expect(error?.line == 11)
    #expect(error?.description.contains("x.json:11: ") == true)
    #expect(error?.description.contains("column 8") == true)
  }

  @Test("what is written reads back the same, and Foundation reads it alike", arguments: 0..<40)
  func roundTrip(seed: Int) throws {
    var generator = SplitMix(state: UInt64(seed))
    let value = JSONValue.random(depth: 4, using: &generator)
    for pretty in [false, true] {
      let text = value.serialized(pretty: pretty)
      #expect(try JSONValue(parsing: text) == value)
      let foundation = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
      #expect(try JSONValue(parsing: foundation.serialized()).approximates(value))
    }
  }

  @Test("an encodable value goes there and back")
  func codable() throws {
    let columns = ColumnNames(prompt: "context")
    let value = try JSONValue(encoding: columns)
    #expect(value["prompt"] == "context")
    #expect(try value.decoded(as: ColumnNames.self) == columns)
  }
}

extension JSONValue {
  fileprivate static func random(depth: Int, using generator: inout SplitMix) -> JSONValue {
    switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &generator) {
    case 0: .null
    case 1: .bool(.random(using: &generator))
    case 2: .integer(.random(in: -1_000_000...1_000_000, using: &generator))
    case 3: .number(.random(in: -1e6...1e6, using: &generator) + 0.5e-7)
    case 4: .string(randomString(using: &generator))
    case 5:
      .array((0..<4).map { _ in random(depth: depth - 1, using: &generator) })
    default:
      .object(
        Dictionary(
          (0..<4).map { _ in
            (randomString(using: &generator), random(depth: depth - 1, using: &generator))
          }, uniquingKeysWith: { first, _ in first }))
    }
  }

  fileprivate static func randomString(using generator: inout SplitMix) -> String {
    let alphabet: [Character] = ["a", "\"", "\\", "\n", "\u{1}", "é", "😀", " ", "/", "z", "\r\n"]
    return String(
      (0..<Int.random(in: 0..<24, using: &generator)).map { _ in
        alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
      })
  }

  /// Equality up to the integer or number that Foundation's decoder may make of "2.0".
  fileprivate func approximates(_ other: JSONValue) -> Bool {
    if let a = double, let b = other.double { return a == b }
    if let a = array, let b = other.array {
      return a.count == b.count && zip(a, b).allSatisfy { $0.approximates($1) }
    }
    if let a = object, let b = other.object {
      return a.count == b.count && a.allSatisfy { b[$0.key]?.approximates($0.value) == true }
    }
    return self == other
  }
}

/// A small seeded generator, so that a failing case can be run again.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
