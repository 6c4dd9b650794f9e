import Foundation
import Reasoning
import TestSupport
import Testing

/// The calculator against Python's own values, and what must not take the machine away.
@Suite("Calculator")
struct CalculatorTests {
  private struct Golden: Decodable {
    struct Case: Decodable {
      var expression: String
      var value: Double?
      init(from decoder: any Decoder) throws {
        var list = try decoder.unkeyedContainer()
        expression = try list.decode(String.self)
        value = try list.decodeNil() ? nil : list.decode(Double.self)
      }
    }
    var cases: [Case]
  }

  @Test("values are Python's, and where Python has none there is none")
  func python() throws {
    let file = try Bundle.module.fixtures.appendingPathComponent("calculator.json")
    let golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
    var wrong: [String] = []
    var valued = 0
    for item in golden.cases {
      let found = Calculator.number(of: item.expression)
      switch (found, item.value) {
      case (nil, nil): break
      case (let a?, let b?):
        valued += 1
        // Floor division of doubles is off by one where the double lies below the fraction.
        let isFloored = item.expression.contains("//") && item.expression.contains(".")
        if abs(a - b) > 1e-9 * max(1, abs(b)), !isFloored { wrong.append("\(item.expression): \(a), Python \(b)") }
      // Exact fractions that don't fit into 128 bits are given up.
      case (nil, _?):
        if item.expression.count < 25 { wrong.append("\(item.expression): nothing, Python \(item.value ?? 0)") }
      case (let a?, nil): wrong.append("\(item.expression): \(a), Python nothing")
      }
    }
    #expect(wrong.isEmpty, "\(wrong.prefix(10))")
    #expect(valued > 900)
  }

  @Test("results are written as the annotations of GSM8K have them")
  func results() {
    let expected = [
      "48/2": "24", "0.2*50": "10", "12/60": "0.2", ".50-.25": "0.25", "1,200*.25": "300",
      "100/3": "33.333333333333336",
      "3-10": "-7", "1/8": "0.125", "0.1+0.2": "0.3", "-1/4": "-0.25", "560//10": "56", "2/3*3": "2", "0/5": "0",
      "1/3/1000000": "0.000000333333",
    ]
    for (expression, result) in expected { #expect(Calculator.result(of: expression) == result, "\(expression)") }
  }

  @Test(
    "what has no value or would take too long has none",
    arguments: [
      "5/0", "9**9**9", "9**999", "1/0**2", "2**0.5", "__import__('os')", "1e9", "a+1", "48 / 2", "(1",
      String(repeating: "(", count: 90) + "1" + String(repeating: ")", count: 90), String(repeating: "9", count: 19),
      String(repeating: "1+", count: 5000) + "1", String(repeating: "-", count: 190) + "1", "999999999999999999*10",
    ])
  func none(_ expression: String) { #expect(Calculator.result(of: expression) == nil) }

  @Test("the calculator is asked by an equals sign in an annotation that is open, and by nothing else")
  func asked() {
    let expected: [(String, String?)] = [
      ("She has <<48/2=", "24"), ("<<3+4=7>>7 and <<7*2=", "14"), ("48/2=", nil), ("<<48/2", nil),
      ("<<48/2=24>>24=", nil),
      ("<<48/2=24", nil), ("<<x=", nil), ("<<1,000/8=", "125"), ("<<5/0=", nil), ("<< <<2*3=", "6"), ("=", nil),
      ("", nil),
      ("<<=", nil), (String(repeating: "x", count: 1000) + "<<2+2=", "4"), ("<<3+4=5=", "7"),
    ]
    for (text, result) in expected { #expect(Calculator.result(after: text) == result, "\(text.suffix(20))") }
  }

  @Test("annotations can be taken out")
  func without() {
    #expect(Calculator.withoutAnnotations("48/2 = <<48/2=24>>24 clips") == "48/2 = 24 clips")
    #expect(Calculator.withoutAnnotations("a << b") == "a << b")
  }
}
