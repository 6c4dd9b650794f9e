import Expressions
import Foundation
import Statistics
import Testing

/// Expressions against PCRE2: what is printed must mean to a real engine what it means here.
@Suite struct ExpressionNotationTests {
  static let written = [
    "aaa+", "[0-9]{5}", ".*s", "\\[.*\\]", "[aA]+", "a|bc|", "(?:ab)*c?", "[^0-9]+x{2,4}",
    "\\.\\*\\?\\(\\)", "[\\]\\-\\^\\\\]+", "(a|b)*abb", "\\d{3}-\\w+", "(?:(?:a?b)*c){2,}", "é+ü?",
    "", "x{0,3}y{3,}", "[a-c\\s]*", "\\t[^\\[]", "(?:0|1(?:01*0)*1)*",
    "\\x61[\\x01-\\x09\\x7f]*\\x{78}?",
  ]

  static let alphabet = Array("aAbcx0159s[](){}.*?^$\\-_ \té\n|+")

  func randomStrings(_ count: Int, seed: UInt64) -> [String] {
    var random = SeededGenerator(seed: seed)
    return (0..<count).map { _ in
      String(
        (0..<random.index(below: 8)).map { _ in
          Self.alphabet[random.index(below: Self.alphabet.count)]
        })
    }
  }

  @Test(arguments: written) func parsedAndPrintedMeansTheSame(_ text: String) throws {
    let expression = try RegularExpression(parsing: text)
    let original = try PCREPattern(text)
    let printed = try PCREPattern(expression.description)
    let automaton = PositionAutomaton(expression)
    var random = SeededGenerator(seed: 3)
    var strings = randomStrings(400, seed: 11)
    strings += (0..<100).compactMap { _ in expression.sample(using: &random) }
    var accepted = 0
    for string in strings {
      let truth = try original.matches(string)
      accepted += truth ? 1 : 0
      #expect(automaton.accepts(string) == truth, "\(text) on \(string.debugDescription)")
      #expect(try printed.matches(string) == truth, "\(expression) on \(string.debugDescription)")
      #expect((automaton.logProbability(of: string) > -.infinity) == truth)
    }
    #expect(accepted >= 100, "every sample of an expression matches it")
    #expect(try RegularExpression(parsing: expression.description) == expression)
  }

  /// Builds a random tree, without simplification.
  func randomExpression(depth: Int, _ random: inout SeededGenerator) -> RegularExpression {
    switch depth == 0 ? 0 : random.index(below: 7) {
    case 0, 1:
      let classes: [CharacterClass] = [
        CharacterClass(of: "a"), CharacterClass(of: "b"), CharacterClass(of: "["),
        CharacterClass(of: "-]^"), .digit, .any, CharacterClass(of: "a").inverted, .lower,
      ]
      return .characters(classes[random.index(below: classes.count)])
    case 2, 3:
      return .sequence(
        (0..<random.index(below: 4)).map { _ in randomExpression(depth: depth - 1, &random) })
    case 4:
      return .alternation(
        (0...random.index(below: 3)).map { _ in randomExpression(depth: depth - 1, &random) })
    case 5:
      let low = random.index(below: 3)
      return .repetition(
        randomExpression(depth: depth - 1, &random), minimum: low,
        maximum: low + random.index(below: 3))
    default:
      return .repetition(
        randomExpression(depth: depth - 1, &random), minimum: random.index(below: 3), maximum: nil
      )
    }
  }

  @Test func randomExpressionsAgreeWithPCRESimplifiedOrNot() throws {
    var random = SeededGenerator(seed: 2)
    var checked = 0
    for _ in 0..<400 {
      let expression = randomExpression(depth: 4, &random)
      let simple = expression.simplified()
      #expect(simple.simplified() == simple)
      let pattern = try PCREPattern(expression.description)
      let simplePattern = try PCREPattern(simple.description)
      let automaton = PositionAutomaton(expression)
      let simpleAutomaton = PositionAutomaton(simple)
      let strings = (0..<30).map { _ in
        String(
          (0..<random.index(below: 6)).map { _ in
            Array("aabb[-]^07é")[random.index(below: 11)]
          })
      }
      let folded = PositionAutomaton(simple.folded())
      let batch = StringBatch(strings.map { $0.unicodeScalars.map(\.value) })
      for (string, inBatch) in zip(strings, batch.probabilities(of: expression)) {
        let byAutomaton = exp(automaton.logProbability(of: string))
        #expect(abs(inBatch - byAutomaton) <= 1e-9 * byAutomaton, "\(expression) on \(string)")
        #expect(folded.accepts(string) == simpleAutomaton.accepts(string), "\(simple)")
        guard let truth = try? pattern.matches(string) else { continue }
        #expect(automaton.accepts(string) == truth, "\(expression) on \(string)")
        #expect(
          simpleAutomaton.accepts(string) == truth, "\(simple) for \(expression) on \(string)")
        #expect(try simplePattern.matches(string) == truth, "\(simple) on \(string)")
        #expect(expression.matchesEmptyString == automaton.accepts(""))
        checked += 1
      }
    }
    #expect(checked > 10_000)
  }

  @Test(arguments: [
    ("a(b", "without its"), ("a)b", "without its"), ("[a", "without its"), ("*a", "nothing before"),
    ("a{4,2}", "below its minimum"), ("a{99999}", "above"), ("a\\", "backslash"),
    ("(?=a)", "supported"), ("a+?", "lazy"), ("\\b", "supported"), ("a^b", "anchor"),
    ("[z-a]", "range"), ("a{,3}", "count"),
  ])
  func badSyntaxSaysWhatAndWhere(_ text: String, _ part: String) throws {
    do {
      let expression = try RegularExpression(parsing: text)
      Issue.record("\(text) was read as \(expression)")
    } catch {
      #expect(error.description.contains(part), "\(error)")
      #expect(error.description.contains(text) && error.offset <= text.count)
    }
  }

  @Test func deepNestingIsAnErrorAndNotAnOverflow() {
    let text = String(repeating: "(", count: 5000) + "a" + String(repeating: ")", count: 5000)
    #expect(throws: RegularExpressionSyntaxError.self) { try RegularExpression(parsing: text) }
  }

  @Test func anchorsAtTheEndsChangeNothing() throws {
    #expect(try RegularExpression(parsing: "^ab$") == RegularExpression(parsing: "ab"))
    let branches = try RegularExpression(parsing: "a|bc")
    #expect(branches.anchored == "^(?:\(branches))$")
  }

  @Test func nestedStarsDoNotBlowUp() throws {
    // (a*)*b and (a|a)*b take a backtracking engine exponential time on a long run of "a".
    let long = String(repeating: "a", count: 20_000)
    for text in ["(?:(?:a*)*)*b", "(?:a|a?a)*b", "(?:a+)+b"] {
      let automaton = PositionAutomaton(try RegularExpression(parsing: text))
      #expect(!automaton.accepts(long))
      #expect(automaton.accepts(long + "b"))
    }
  }
}
