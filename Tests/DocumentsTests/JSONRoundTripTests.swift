import Documents
import Foundation
import Statistics
import Testing

@Suite("JSON there and back")
struct JSONRoundTripTests {
  @Test("what is written reads back the same, and Foundation reads it alike", arguments: 0..<40)
  func roundTrip(seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    let value = JSONValue.random(depth: 4, using: &generator)
    for indent in [nil, 2] {
      let text = value.serialized(indent: indent)
      #expect(try JSONValue(parsing: text) == value)
      let foundation = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
      #expect(try JSONValue(parsing: foundation.serialized()).approximates(value))
    }
  }

  @Test("an error names the line and the column of the fault, through escapes and runs of text")
  func place() {
    let cases = [
      ("{\n  \"a\": oops\n}", "line 2, column 8"),
      ("[\"long enough for words of eight\u{1}\"]", "line 1, column 33"),
      ("[\"abc\\n\\q\"]", "line 1, column 8"),
      ("[1, 2", "line 1, column 6"),
    ]
    for (text, place) in cases {
      let error = #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: text) }
      #expect(error?.description.hasPrefix(place) == true, "\(error?.description ?? "")")
    }
  }
}

extension JSONValue {
  fileprivate static func random(depth: Int, using generator: inout SeededGenerator) -> JSONValue {
    switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &generator) {
    case 0: .null
    case 1: .bool(.random(using: &generator))
    case 2: .int(.random(in: -1_000_000...1_000_000, using: &generator))
    case 3: .double(.random(in: -1e6...1e6, using: &generator) + 0.5e-7)
    case 4: .string(randomString(using: &generator))
    case 5:
      .array((0..<4).map { _ in random(depth: depth - 1, using: &generator) })
    default:
      .object(
        JSONObject(
          (0..<4).map {
            let name = "\($0)" + randomString(using: &generator)
            return (key: name, value: random(depth: depth - 1, using: &generator))
          }))
    }
  }

  fileprivate static func randomString(using generator: inout SeededGenerator) -> String {
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
      return a.members.count == b.members.count
        && a.members.allSatisfy { b[$0.key]?.approximates($0.value) == true }
    }
    return self == other
  }
}
