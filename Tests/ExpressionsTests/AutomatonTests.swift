import Expressions
import Foundation
import Testing

/// Automata against another engine, on every text of a small alphabet.
@Suite struct AutomatonTests {
  /// All texts of up to five letters of a, b and é.
  private static let texts: [String] = (0..<5).reduce(into: [""]) { texts, _ in
    texts += texts.flatMap { text in ["a", "b", "é"].map { text + $0 } }
    texts = Array(Set(texts))
  }

  private func automaton(_ source: String) throws -> FiniteAutomaton {
    try FiniteAutomaton(try ExpressionParser.parse(source, syntax: .ecmaScript).matchingWhole())
  }

  private func isFound(_ source: String, _ text: String) throws -> Bool {
    let reference = try NSRegularExpression(pattern: "\\A(?:\(source))\\z")
    return reference.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)) != nil
  }

  @Test(
    "a complement accepts exactly what the expression doesn't match",
    arguments: ["", "a", "(a|b)*", "a*b", "(ab|é)+", "[^a]", ".*a.{2}", "a?b?é?", "(aa|b)*é{0,2}", "[ab]*a[ab]{2}"])
  func complement(_ source: String) throws {
    let complement = try automaton(source).complement()
    let wrong = try Self.texts.filter { complement.accepts($0) == (try isFound(source, $0)) }
    #expect(wrong.isEmpty, "\(wrong.prefix(5))")
    // Twice is as before, and both at once is nothing.
    let again = try complement.complement()
    #expect(try Self.texts.allSatisfy { again.accepts($0) == (try isFound(source, $0)) })
    #expect(try complement.intersection(automaton(source)).isEmpty)
  }

  @Test("what has a complement of exponentially many states is refused")
  func exponential() throws {
    let large = try automaton("[ab]*a[ab]{40}")
    #expect(throws: GrammarError.self) { try large.complement() }
  }

  @Test("a union and a list of texts accept what belongs to them")
  func unions() throws {
    let both = try automaton("a*").union(automaton("ba|éé"))
    #expect(try Self.texts.allSatisfy { both.accepts($0) == (try isFound("a*|ba|éé", $0)) })
    let list = FiniteAutomaton(texts: ["", "ab", "a", "é"])
    #expect(Self.texts.allSatisfy { list.accepts($0) == ["", "ab", "a", "é"].contains($0) })
    #expect(FiniteAutomaton(texts: []).isEmpty)
  }
}
