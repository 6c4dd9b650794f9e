import Expressions
import Foundation
import Teaching
import Testing

/// Kinds of strings for which an expression was once printed that nobody would write.
@Suite struct WrittenLikeAPersonTests {
  private func best(_ positives: [String], _ negatives: [String] = []) throws -> RegularExpression {
    RegularExpressionInduction(try InductionExamples(positives: positives, negatives: negatives)).posterior.best
  }

  private func judges(_ expression: RegularExpression, _ members: [String], _ others: [String], atMost length: Int) {
    let matcher = PositionAutomaton(expression)
    for string in members { #expect(matcher.accepts(string), "\(expression) on \(string)") }
    for string in others { #expect(!matcher.accepts(string), "\(expression) on \(string)") }
    #expect(expression.description.unicodeScalars.count <= length, "\(expression)")
  }

  @Test func aFewWordsAreAnAlternation() throws {
    let words = ["GET", "POST", "PUT", "DELETE", "GET", "GET", "POST", "GET", "PUT", "POST", "DELETE", "GET"]
    #expect(try best(words) == RegularExpression(parsing: "GET|POST|PUT|DELETE"))
  }

  @Test func lettersOfOtherScriptsHaveClasses() throws {
    judges(
      try best(["café", "naïve", "über", "señor", "garçon", "Zürich"]), ["élite", "Straße", "niño"],
      ["3x", "ab1", "a-b", ""],
      atMost: 24)
    judges(
      try best(["время", "человек", "дело", "жизнь", "день", "рука"]), ["работа", "слово"], ["word", "день1", "a"],
      atMost: 12)
    judges(try best(["χρόνος", "ζωή", "ημέρα", "χέρι", "λόγος"]), ["πόλη", "νερό"], ["word", "λόγος7"], atMost: 12)
  }

  @Test(arguments: [100, 300, 1000]) func numbersUpTo(_ limit: Int) throws {
    var random = SystemlessGenerator(state: UInt64(limit))
    let numbers = (0..<40).map { _ in "\(Int.random(in: 1...limit, using: &random))" }
    judges(try best(numbers), numbers + ["7", "42"], ["", "4a", "A", "1F", "-3"], atMost: 12)
  }

  @Test func bracketsAroundAWord() throws {
    judges(try best(["[hello]", "[world]", "[foo]"]), ["[anything]"], ["hello", "[hello", "(hello)"], atMost: 10)
  }

  @Test func logLinesEndInFreeText() throws {
    let lines = [
      "2024-03-01 12:00:01 INFO service started on port 8080", "2023-11-17 12:00:05 WARN disk usage at 91%",
      "2024-10-22 08:15:42 ERROR cannot open /var/lib/data.db: permission denied",
      "2024-03-02 08:15:43 INFO retrying (2 of 5)", "2022-07-30 23:59:59 INFO done.",
      "2025-01-08 07:31:20 WARN slow query: 1,204 ms",
    ]
    judges(
      try best(lines), ["2025-12-31 00:00:00 INFO hello, world!", "2024-01-01 10:10:10 ERROR x = y"],
      ["12:00:01 INFO started", "2024-03-01 INFO started", "yesterday INFO started"], atMost: 72)
  }

  @Test func mailAddresses() throws {
    judges(
      try best([
        "john@example.com", "mary.jones@mail.org", "bob22@site.net", "a.b@uni.edu", "karl@post.example.de",
        "eve7@web.io",
      ]), ["anna@firm.com", "tom.hill@news.org"], ["john", "john@", "@example.com", "john example.com"],
      atMost: 60)
  }

  @Test func noTabWhereOnlySpacesAre() throws {
    let expression = try best(["John Smith", "Mary Jones", "Otto Meier", "Ann Lee"])
    #expect(!expression.description.contains("\\t"), "\(expression)")
    judges(expression, ["Paul Young"], ["John", "john smith", "John\tSmith"], atMost: 32)
  }
}
