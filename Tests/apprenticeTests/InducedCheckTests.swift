import Evaluation
import Expressions
import Teaching
import Testing

/// Rooms of one floor used together, as a program does that knows both.
@Suite struct InducedCheckTests {
  /// What a learner induced is a check as it stands.
  @Test func anInducedExpressionIsACheck() throws {
    let examples = try InductionExamples(
      positives: ["90210", "10001", "33109"], negatives: ["9021", "9021a"])
    let posterior = RegularExpressionInduction(examples).posterior
    let check = FormatCheck(posterior.best)
    let printed = try FormatCheck(posterior.best.anchored)
    for (text, isMember) in [("60614", true), ("6061", false), ("60614 ", false)] {
      #expect(check.accepts(text) == isMember && printed.accepts(text) == isMember)
    }
  }
}
