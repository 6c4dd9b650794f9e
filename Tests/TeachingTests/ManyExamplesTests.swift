import Expressions
import Foundation
import Teaching
import Testing

/// Very many examples: no worse than a few, and every label kept.
@Suite struct ManyExamplesTests {
  private func learned(_ positives: [String], _ negatives: [String] = []) throws -> RegularExpressionPosterior {
    RegularExpressionInduction(try InductionExamples(positives: positives, negatives: negatives)).posterior
  }

  private func digits(_ count: Int, _ random: inout SystemlessGenerator) -> String {
    String((0..<count).map { _ in "0123456789".randomElement(using: &random) ?? "0" })
  }

  @Test(arguments: [10, 2_000, 100_000]) func articleNumbers(_ count: Int) throws {
    var random = SystemlessGenerator(state: 1)
    let positives = (0..<count).map { _ in
      String((0..<2).map { _ in "ABCDEFGHIJKLMNOPQRSTUVWXYZ".randomElement(using: &random) ?? "A" }) + "-"
        + digits(5, &random)
    }
    #expect(try learned(positives).best == RegularExpression(parsing: "[A-Z]{2}-[0-9]{5}"))
  }

  @Test func fiveThousandDates() throws {
    var random = SystemlessGenerator(state: 2)
    let positives = (0..<5_000).map { _ in
      String(
        format: "%04d-%02d-%02d", Int.random(in: 1900..<2100, using: &random), Int.random(in: 1...12, using: &random),
        Int.random(in: 1...28, using: &random))
    }
    let best = try learned(positives).best
    let matcher = PositionAutomaton(best)
    #expect(positives.allSatisfy { matcher.accepts($0) })
    #expect(
      matcher.accepts("1984-07-19") && !matcher.accepts("1984-7-19") && !matcher.accepts("1984-07-199"), "\(best)")
    #expect(best.description.count <= 40, "\(best)")
  }

  /// One of the 20,000 is of a shape that no choice of a few sees at first.
  @Test func whatIsRareIsFoundByChecking() throws {
    var random = SystemlessGenerator(state: 3)
    var positives = (0..<20_000).map { _ in digits(5, &random) }
    positives[13_337] = "12345-6789"
    var negatives = (0..<300).map { _ in digits(4, &random) }
    negatives[211] = "12345-"
    let best = try learned(positives, negatives).best
    let matcher = PositionAutomaton(best)
    #expect(positives.allSatisfy { matcher.accepts($0) }, "\(best)")
    #expect(negatives.allSatisfy { !matcher.accepts($0) }, "\(best)")
    #expect(!matcher.accepts("123456"), "\(best)")
  }

  /// A string that would cost more to describe than to call an error is a member all the same.
  @Test func everyLabelIsKeptUnlessNoiseWasAskedFor() throws {
    var random = SystemlessGenerator(state: 4)
    let usual = (0..<30).map { _ in digits(5, &random) }
    let odd = "n/a"
    let best = try learned(usual + [odd], ["1234", "123456", "12a45"]).best
    let matcher = PositionAutomaton(best)
    #expect((usual + [odd]).allSatisfy { matcher.accepts($0) }, "\(best)")
    #expect(["1234", "123456", "12a45"].allSatisfy { !matcher.accepts($0) }, "\(best)")
    var noisy = InductionConfiguration()
    noisy.noise = 0.05
    let examples = try InductionExamples(positives: usual + [odd], negatives: ["1234"])
    let loose = RegularExpressionInduction(examples, configuration: noisy).posterior
    #expect(loose.best == (try RegularExpression(parsing: "[0-9]{5}")))
  }

  /// Every positive differs from a negative in one character: only what tells them apart agrees with all.
  @Test func labelsOfNearMissesAreKept() throws {
    for seed in 0..<8 {
      var random = SystemlessGenerator(state: UInt64(100 + seed))
      let letters = Array("abcdwxyz019-._")
      let positives = (0..<8).map { _ in
        String((0..<Int.random(in: 3...7, using: &random)).map { _ in letters.randomElement(using: &random) ?? "a" })
      }
      let negatives = positives.map { text in
        var changed = Array(text)
        changed[Int.random(in: 0..<changed.count, using: &random)] = letters.randomElement(using: &random) ?? "a"
        return String(changed)
      }.filter { !positives.contains($0) }
      let best = try learned(positives, negatives).best
      let matcher = PositionAutomaton(best)
      #expect(positives.allSatisfy { matcher.accepts($0) }, "\(best)")
      #expect(negatives.allSatisfy { !matcher.accepts($0) }, "\(best)")
    }
  }

  @Test func moreWorkFindsBetter() throws {
    var random = SystemlessGenerator(state: 6)
    let positives = (0..<14).map { _ in
      let host = (0..<Int.random(in: 1...3, using: &random)).map { _ in
        "n" + digits(Int.random(in: 1...3, using: &random), &random)
      }
      return host.joined(separator: ".") + (Bool.random(using: &random) ? ":" + digits(4, &random) : "")
        + (Bool.random(using: &random) ? "/v" + digits(1, &random) : "") + (Bool.random(using: &random) ? "?x" : "")
    }
    let examples = try InductionExamples(positives: positives)
    var few = InductionConfiguration()
    few.evaluations = 6_000
    var many = few
    many.evaluations = 60_000
    let first = RegularExpressionInduction(examples, configuration: few)
    let second = RegularExpressionInduction(examples, configuration: many)
    #expect(second.evaluations > 2 * first.evaluations, "\(first.evaluations) and \(second.evaluations)")
    #expect(second.posterior.entries[0].logPosterior > first.posterior.entries[0].logPosterior)
  }
}
