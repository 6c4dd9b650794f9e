import Expressions
import Teaching
import Testing

/// The baselines of the regex study.
@Suite struct BaselineLearnerTests {
  func strings(over alphabet: String, upTo length: Int) -> [String] {
    var all = [""]
    var level = [""]
    for _ in 0..<length {
      level = level.flatMap { prefix in alphabet.map { prefix + String($0) } }
      all += level
    }
    return all
  }

  /// With every string up to a length labelled, RPNI must identify small regular languages exactly,
  /// far beyond the strings that it saw.
  @Test(arguments: ["(?:ab)*", "(?:b*ab*a)*b*", "a*b*", "(?:a|b)*abb", "a+", "(?:aaa)*"])
  func stateMergingIdentifiesTheLanguageFromACompleteSample(_ text: String) throws {
    let truth = try PCREPattern(text)
    let sample = strings(over: "ab", upTo: 7)
    let examples = try InductionExamples(
      positives: sample.filter { try truth.matches($0) },
      negatives: sample.filter { try !truth.matches($0) })
    let accepts = RPNILearner().learn(examples)
    var members = 0
    for string in strings(over: "ab", upTo: 10) {
      let expected = try truth.matches(string)
      members += expected ? 1 : 0
      #expect(accepts(string) == expected, "\(text) on \(string)")
    }
    #expect(members > 3)
  }

  @Test func stateMergingAlwaysFitsItsExamples() throws {
    let positives = ["2026-11-21", "1999-01-02", "a", "ab", "abc"]
    let negatives = ["", "b", "2026", "ac", "1999-01-0"]
    let accepts = RPNILearner().learn(
      try InductionExamples(positives: positives, negatives: negatives))
    for string in positives { #expect(accepts(string)) }
    for string in negatives { #expect(!accepts(string)) }
  }

  @Test func theClassGeneraliserRepeatsClassesAndTheAlternationKnowsOnlyItsExamples() throws {
    let examples = try InductionExamples(positives: ["ab-12", "X"])
    let classes = CharacterClassLearner().learn(examples)
    #expect(classes("zzz-9") && classes("QQ") && !classes("-9") && !classes("ab_12"))
    let alternation = AlternationLearner().learn(examples)
    #expect(alternation("ab-12") && alternation("X") && !alternation("ab-13"))
  }
}
