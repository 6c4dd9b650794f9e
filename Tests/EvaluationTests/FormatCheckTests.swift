import Expressions
import Evaluation
import Foundation
import Statistics
import Testing

/// Texts against the form that an expression describes.
@Suite struct FormatCheckTests {
  /// Membership of random strings, against Foundation's engine and whole matches.
  @Test(arguments: ["[0-9]{5}", "[a-z]+@[a-z]+\\.(?:com|org)", "(?:ab)*c?", "v[0-9]+(?:\\.[0-9]+)*"])
  func agreesWithFoundationsEngine(_ pattern: String) throws {
    let check = try FormatCheck(pattern)
    let engine = try NSRegularExpression(pattern: "\\A(?:" + pattern + ")\\z")
    var state: UInt64 = 9
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let seeds = ["12345", "ab@cd.org", "ababc", "v1.22.3", "", "x@y.com\n"]
    var both = [0, 0]
    for round in 0..<600 {
      var text = Array(seeds[round % seeds.count])
      for _ in 0..<next(3) where !text.isEmpty {
        text[next(text.count)] = Array("a1.@c\n")[next(6)]
      }
      let string = String(text)
      let whole = NSRange(string.startIndex..., in: string)
      let truth = engine.firstMatch(in: string, range: whole) != nil
      #expect(check.accepts(string) == truth, "\(pattern) on \(string.debugDescription)")
      both[truth ? 1 : 0] += 1
    }
    #expect(both[0] > 50 && both[1] > 20)
  }

  /// Wilson's interval for 8 of 10, from SciPy (`binomtest(8, 10).proportion_ci(
  /// method="wilson")`).
  @Test func theShareHasWilsonsInterval() throws {
    let check = try FormatCheck("[0-9]+")
    let texts = (0..<8).map { "\($0)" } + ["x", ""]
    let share = check.share(of: texts)
    #expect(share.value == 0.8 && share.n == 10)
    #expect(abs(share.low - 0.4901624715) < 1e-6 && abs(share.high - 0.9433178485) < 1e-6)
  }

  @Test func whatIsNoExpressionIsAnError() {
    let error = #expect(throws: RegularExpressionSyntaxError.self) { try FormatCheck("[0-9") }
    #expect(error?.description.contains("\"[\" without its \"]\"") == true)
    #expect(throws: RegularExpressionSyntaxError.self) { try FormatCheck("(?=a)a") }
  }
}
