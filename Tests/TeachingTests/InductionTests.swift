import Expressions
import Foundation
import Probability
import Teaching
import Testing

/// Learning expressions from examples.
@Suite struct InductionTests {
  func posterior(
    _ positives: [String], _ negatives: [String] = [],
    _ change: (inout InductionConfiguration) -> Void = { _ in }
  ) throws -> RegularExpressionPosterior {
    var configuration = InductionConfiguration()
    change(&configuration)
    let examples = try InductionExamples(positives: positives, negatives: negatives)
    return RegularExpressionInduction(examples, configuration: configuration).posterior
  }

  @Test(arguments: [
    (["90210", "10001", "33109"], ["9021", "9021a"], "[0-9]{5}"),
    (
      ["2026-11-21", "1999-01-02", "2001-12-31"], ["2026-1-21", "20266-11-21", "202-01-01"],
      "[0-9]{4}(?:-[0-9]{2}){2}"
    ),
    (["aaa", "aaaa", "aaaaaaaa"], ["aa", "AAA", "aaab"], "a{3,}"),
    (["$3.50", "$12.00", "$199.99", "$1.05"], ["3.50", "$3.5", "$12"], "\\$[0-9]+\\.[0-9]{2}"),
    (["aA", "Aaaa", "AAAA", "aaaAAA"], ["b", "aab"], "[Aa]+"),
    (["#a0ffee", "#12cd56", "#09af3b"], ["#a0f", "a0ffee", "#zzzzzz"], "#[0-9a-f]{6}"),
  ])
  func findsTheObviousExpression(
    _ positives: [String], _ negatives: [String], _ text: String
  ) throws {
    let best = try posterior(positives, negatives).best
    #expect(best == (try RegularExpression(parsing: text)), "\(best)")
  }

  /// The printed expression, read by PCRE2, must accept the positives and reject the negatives.
  @Test func theBestExpressionFitsTheExamplesInPCRE() throws {
    for concept in StringConcept.study {
      let words = (0..<5).map { index in
        var random = SystemlessGenerator(state: UInt64(index + 1))
        return concept.expression.sample(using: &random) ?? ""
      }
      let negatives = ["", "?? ?", "\u{E9}\u{E9}"].filter {
        !PositionAutomaton(concept.expression).accepts($0)
      }
      let best = try posterior(words, negatives) { $0.evaluations = 1_000 }.best
      let pattern = try PCREPattern(best.description)
      for word in words {
        #expect(try pattern.matches(word), "\(concept.name): \(best) on \(word)")
      }
      for word in negatives {
        #expect(try !pattern.matches(word), "\(concept.name): \(best) on \(word)")
      }
    }
  }

  /// Under weak sampling the unnormalised posterior is the prior and the labels alone, which PCRE2
  /// can tell; no expression of a whole family, enumerated here, may beat what the search found.
  @Test func noExpressionOfAFamilyBeatsTheBestFound() throws {
    let positives = ["ab1", "cd22", "xy7", "qq90"]
    let negatives = ["ab", "1ab", "AB1", "ab1x", "abc1"]
    let result = try posterior(positives, negatives) { $0.sampling = .weak }
    let prior = DescriptionLength()
    let noise = InductionConfiguration().noise
    func score(_ expression: RegularExpression) throws -> Double {
      let pattern = try PCREPattern(expression.description)
      var value = -prior(expression)
      for string in positives { value += log(try pattern.matches(string) ? 1 - noise : noise) }
      for string in negatives { value += log(try pattern.matches(string) ? noise : 1 - noise) }
      return value
    }
    for entry in result.entries.prefix(50) {
      #expect(abs(try score(entry.expression) - entry.logPosterior) < 1e-9, "\(entry.expression)")
    }
    let atoms = ["[a-z]", "[0-9]", "[A-Za-z]", "[0-9A-Za-z]", "."]
    let items = atoms.flatMap { atom in ["", "*", "+", "?", "{2}", "{2,}"].map { atom + $0 } }
    var family = items
    family += items.flatMap { a in items.map { a + $0 } }
    family += items.flatMap { a in
      items.flatMap { b in ["[0-9]", "[0-9]+", "[0-9]*"].map { a + b + $0 } }
    }
    var bestOfFamily = -Double.infinity
    var mass = 0.0
    var foundMass = 0.0
    let found = Set(result.entries.map(\.expression))
    var seen: Set<RegularExpression> = []
    for text in family {
      let expression = try RegularExpression(parsing: text)
      guard seen.insert(expression).inserted else { continue }
      let value = try score(expression)
      bestOfFamily = max(bestOfFamily, value)
      mass += exp(value)
      if found.contains(expression) { foundMass += exp(value) }
    }
    #expect(bestOfFamily > -60)
    #expect(result.entries[0].logPosterior >= bestOfFamily - 1e-9)
    #expect(
      foundMass / mass > 0.8, "the search found \(foundMass / mass) of the family's posterior")
  }

  @Test func probabilitiesAreOnesOfAPosterior() throws {
    let result = try posterior(["cats", "dogs", "sneezes"], ["cat", "dog"])
    let total = result.entries.reduce(0) { $0 + $1.probability }
    #expect(abs(total - 1) < 1e-6)
    for (a, b) in zip(result.entries, result.entries.dropFirst()) {
      #expect(a.probability >= b.probability)
      // Ratios of probabilities are those of prior times likelihood.
      #expect(abs(log(a.probability / b.probability) - (a.logPosterior - b.logPosterior)) < 1e-6)
    }
    for string in ["birds", "bird", "s", "9s", ""] {
      let p = result.membershipProbability(of: string)
      var sum = 0.0
      for entry in result.entries
      where try PCREPattern(entry.expression.description).matches(string) {
        sum += entry.probability
      }
      #expect(abs(p - sum) < 1e-9)
    }
    #expect(result.membershipProbability(of: "birds") > 0.9)
    #expect(result.membershipProbability(of: "bird") < 0.1)
    #expect(result.entropy > 0)
    let distribution = try result.distribution()
    #expect(distribution.mode == result.best)
    #expect(abs(distribution.entropy - result.entropy) < 1e-6)
  }

  @Test func theSameSeedGivesTheSameAndMoreWorkNeverWorse() throws {
    let positives = ["bob@example.com", "alice.b@mail.org", "x1@y.net"]
    let negatives = ["bob@", "@example.com"]
    let once = try posterior(positives, negatives)
    let again = try posterior(positives, negatives)
    #expect(once.entries == again.entries)
    let examples = try InductionExamples(positives: positives, negatives: negatives)
    var short = InductionConfiguration()
    short.evaluations = 100
    var induction = RegularExpressionInduction(examples, configuration: short)
    var best = induction.posterior.entries[0].logPosterior
    let first = best
    for _ in 0..<4 {
      induction.improve(evaluations: 3_000)
      let next = induction.posterior.entries[0].logPosterior
      #expect(next >= best)
      best = next
    }
    #expect(best > first, "12,000 expressions find a better one than 100 here")
  }

  @Test func negativesNarrowWhatPositivesLeaveOpen() throws {
    let open = try posterior(["1", "22", "4711"])
    let closed = try posterior(["1", "22", "4711"], ["00000", "123456"])
    #expect(open.membershipProbability(of: "98765") > 0.5)
    #expect(closed.membershipProbability(of: "98765") < 0.5)
  }

  /// The size principle: what `[0-9]{5}` and `.{5}` both allow speaks for the narrower one by the ratio of what they
  /// give it, per example and to the power of the exponent.
  ///
  /// `.{5}` gives five digits 1/9 of what `[0-9]{5}` does (digits are one of the nine kinds that an open part is
  /// filled with), up to the little that its other kinds add. So three examples at the exponent 1, or six at 1/2,
  /// leave wide languages about 9⁻³ = 0.1 %, and three at 1/2 about 9⁻¹·⁵ = 4 %.
  @Test func strongSamplingPrefersNarrowLanguagesAndWeakDoesNot() throws {
    let digits = ["12345", "67890", "24680"]
    let letters = "abcde"
    let six = digits + ["13579", "90817", "55123"]
    let half = try posterior(digits)
    let full = try posterior(digits) { $0.sizePrinciple = 1 }
    let more = try posterior(six)
    let weak = try posterior(digits) { $0.sampling = .weak }
    #expect(full.membershipProbability(of: letters) < 0.01)
    #expect(more.membershipProbability(of: letters) < 0.01)
    #expect(half.membershipProbability(of: letters) < 0.1)
    #expect(half.membershipProbability(of: letters) > full.membershipProbability(of: letters))
    #expect(weak.membershipProbability(of: letters) > 0.3)

    let narrow = try RegularExpression(parsing: "[0-9]{5}")
    let wide = try RegularExpression(parsing: ".{5}")
    let prior = DescriptionLength()
    func difference(_ posterior: RegularExpressionPosterior) throws -> Double {
      let a = try #require(posterior.entries.first { $0.expression == narrow })
      let b = try #require(posterior.entries.first { $0.expression == wide })
      #expect(abs(a.logPrior - b.logPrior - (prior(wide) - prior(narrow))) < 1e-9)
      return (a.logPosterior - a.logPrior) - (b.logPosterior - b.logPrior)
    }
    // Digits are drawn from `.`'s digits, lower-case alphanumerics, alphanumerics and itself.
    let shares = [1.0, 0.25 / 0.67, 0.25 / 0.85, 0.25]
    let ratio = Double(InductionConfiguration().openPartKinds.count + 1) / shares.reduce(0) { $0 + pow($1, 5) }
    #expect(abs(try difference(half) - 1.5 * log(ratio)) < 0.01)
    #expect(abs(try difference(full) - 3 * log(ratio)) < 0.01)
    #expect(abs(try difference(weak)) < 1e-9)
  }

  @Test func contradictionsGiveAResultWithACaveat() throws {
    let result = try posterior(["abc", "abd", "abe"], ["abc"])
    #expect(result.caveats.contains { $0.contains("both") && $0.contains("abc") })
    #expect(result.membershipProbability(of: "abd") > 0.5)
  }

  /// Two normal forms are one text to a reader and two strings to an expression: no contradiction, and it is said.
  @Test func formsOfOneTextAreNoContradiction() throws {
    let examples = try InductionExamples(positives: ["caf\u{E9}", "tea"], negatives: ["cafe\u{301}"])
    #expect(examples.contradictions.isEmpty)
    let result = RegularExpressionInduction(examples).posterior
    let matcher = PositionAutomaton(result.best)
    #expect(matcher.accepts("caf\u{E9}") && !matcher.accepts("cafe\u{301}"), "\(result.best)")
    #expect(result.caveats.contains { $0.contains("--normalize") })
    #expect(!result.caveats.contains { $0.contains("one label of each is taken for an error") })
  }

  @Test func questionsLookLikeTheExamples() throws {
    let result = try posterior(["2026-11-21", "1999-01-02", "2001-12-31"])
    let marks = Set("-")
    for question in result.questions(limit: 20) {
      let others = question.string.filter { !$0.isLetter && !$0.isNumber && !marks.contains($0) && $0 != " " }
      #expect(others.isEmpty, "\(question.string)")
    }
  }

  @Test func evidenceNamesPartsAndWhereNegativesFail() throws {
    let result = try posterior(["90210-A", "10001-B", "33109-A"], ["9021-A", "90210"])
    let evidence = result.evidence.joined(separator: "\n")
    #expect(evidence.contains("\u{201C}90210\u{201D}"), "\(evidence)")
    #expect(evidence.contains("fails at its character 5"), "\(evidence)")
    #expect(evidence.contains("fails at its end"), "\(evidence)")
  }

  @Test func aByteOrderMarkIsNotLearned() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "mark-\(UUID().uuidString).txt")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data("\u{FEFF}abc\r\nd\u{65}\u{301}f\n".utf8).write(to: file)
    #expect(try StringFile(contentsOf: file).strings.map { $0.unicodeScalars.count } == [3, 4])
    #expect(try StringFile(contentsOf: file, normalized: true).strings.map { $0.unicodeScalars.count } == [3, 3])
  }

  @Test func oneWrongLabelAmongManyIsTakenForNoise() throws {
    let positives = (0..<20).map { "id-\($0 * 37 % 90 + 10)" }
    let result = try posterior(positives, ["id-15", "id", "xx-99"]) { $0.noise = 0.02 }
    #expect(result.best == (try RegularExpression(parsing: "id-[0-9]{2}")))
    #expect(result.caveats.contains { $0.contains("accepts 1 of 3") })
  }

  @Test func noPositiveExampleIsAnError() {
    #expect(throws: InductionError.self) { try InductionExamples(positives: [], negatives: ["a"]) }
    do {
      _ = try InductionExamples(positives: [])
      Issue.record("no error")
    } catch {
      #expect(error.description.contains("no positive example"))
    }
  }

  @Test func theEmptyStringIsAStringLikeAnother() throws {
    let result = try posterior(["", "a", "aa", "aaaa"], ["b"])
    #expect(result.membershipProbability(of: "") > 0.9)
    #expect(result.membershipProbability(of: "aaa") > 0.9)
    let only = try posterior([""], ["a"])
    #expect(only.membershipProbability(of: "") > 0.9)
    #expect(only.membershipProbability(of: "a") < 0.5)
  }

  @Test func stringsOfTenThousandCharactersEndWithinTheWorkLimit() throws {
    var scalars: [String] = []
    for seed in 0..<4 {
      var random = SystemlessGenerator(state: UInt64(seed + 7))
      scalars.append(
        String((0..<10_000).map { _ in "abc0189 .-"[Int.random(in: 0..<10, using: &random)] }))
    }
    let result = try posterior(Array(scalars.prefix(3)), [scalars[3] + "#"])
    #expect(result.caveats.contains { $0.contains("stopped after") })
    #expect(result.membershipProbability(of: scalars[0]) > 0.9)
    #expect(result.membershipProbability(of: scalars[3] + "#") < 0.5)
    #expect(throws: InductionError.self) {
      try InductionExamples(positives: [String(repeating: "a", count: 100_001)])
    }
  }

  @Test func explanationsSayWhatIsMatched() throws {
    let result = try posterior(["90210", "10001", "33109"], ["9021", "9021a"])
    let text = result.explanation.joined(separator: "\n")
    #expect(text.contains("5 digits"))
    #expect(text.contains("3 of 3 positive"))
    #expect(text.contains("2 of 2 negative"))
    let words = try RegularExpression(parsing: "v?[a-z]+(?:\\.[0-9]{2,3}){2}|x").explanation
    #expect(words.joined().contains("optionally \u{201C}v\u{201D}"))
    #expect(words.joined().contains("2 to 3 digits"))
    let spelled = try RegularExpression(parsing: "ORD-[0-9]|see page [0-9]").explanation
    #expect(spelled == ["either \u{201C}ORD-\u{201D}, then a digit or \u{201C}see page \u{201D}, then a digit"])
  }
}

/// A small generator for tests that must not depend on the room's own.
struct SystemlessGenerator: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    var x = state
    x ^= x >> 33
    x = x &* 0xFF51_AFD7_ED55_8CCD
    x ^= x >> 33
    return x
  }
}

extension String {
  fileprivate subscript(_ offset: Int) -> Character { self[index(startIndex, offsetBy: offset)] }
}
