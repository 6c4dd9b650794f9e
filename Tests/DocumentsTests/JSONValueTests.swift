import Documents
import Foundation
import Testing

@Suite struct JSONValueTests {
  @Test func keepsOrderAndBytes() throws {
    let text = #"{"é": 1, "e\#u{301}": 2, "a": [1, -2.5, 1e+20, true, null, "\u0000\ud83d\ude00"]}"#
    let value = try JSONValue(parsing: text)
    #expect(value.object?.members.count == 3)
    #expect(value["é"]?.int == 1)
    #expect(value["e\u{301}"]?.int == 2)
    #expect(value["a"]?[5]?.string == "\u{0}😀")
    #expect(try JSONValue(parsing: value.serialized()) == value)
    #expect(try JSONValue(parsing: value.serialized(indent: 2, ascii: true)) == value)
  }

  @Test(arguments: [
    "", "{", "[1,", "[1 2]", "{\"a\" 1}", "{\"a\":}", "\"abc", "\"\\x\"", "\"\\ud800\"",
    "\"\\udc00\"", "01", "1.", "-", "1e", "tru", "nul", "[1],", "\"\u{1}\"", "{1:2}", "[,]", "NaN",
  ])
  func refuses(text: String) {
    #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: text) }
  }

  @Test func namesThePlace() {
    let error = #expect(throws: JSONSyntaxError.self) {
      try JSONValue(parsing: "{\n  \"a\": 1,\n  \"b\": x\n}")
    }
    #expect(error?.description.hasPrefix("line 3, column 8") == true)
  }

  @Test func deepNestingIsAnError() {
    let text = String(repeating: "[", count: 1_000_000)
    #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: text) }
  }

  @Test func agreesWithFoundation() throws {
    let values = [0.1, 1e16, 123456789.0, 1e-7, 1.7976931348623157e308, -0.0, 100.0]
    for value in values {
      let text = JSONValue.double(value).serialized()
      #expect(Double(text) == value)
      #expect(try JSONValue(parsing: text).double == value)
    }
  }
}
