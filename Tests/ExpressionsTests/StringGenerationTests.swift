import Expressions
import Foundation
import Statistics
import Testing

/// Expressions as generators, against an independent semantics that composes whole distributions
/// over strings instead of walking an automaton.
@Suite struct StringGenerationTests {
  /// The distribution over strings of at most `limit` characters, by the definition of the
  /// generator.
  func distribution(_ expression: RegularExpression, limit: Int) -> [String: Double] {
    switch expression {
    case .empty: return ["": 1]
    case .characters(let members):
      return Dictionary(
        uniqueKeysWithValues: members.asciiMembers.map {
          (String(Unicode.Scalar(UInt8($0))), members.probability(of: $0))
        })
    case .sequence(let parts):
      return parts.reduce(["": 1]) { product($0, distribution($1, limit: limit), limit) }
    case .alternation(let branches):
      return sum(branches.map { ($0, 1 / Double(branches.count)) }, limit)
    case .repetition(let body, let minimum, let maximum):
      let one = distribution(body, limit: limit)
      var power: [String: Double] = ["": 1]
      for _ in 0..<minimum { power = product(power, one, limit) }
      var result: [String: Double] = [:]
      var weight = maximum.map { 1 / Double($0 - minimum + 1) } ?? (1 - 0.8)
      for _ in minimum...(maximum ?? minimum + 300) {
        for (string, p) in power { result[string, default: 0] += p * weight }
        power = product(power, one, limit)
        if maximum == nil { weight *= 0.8 }
      }
      return result
    }
  }

  private func sum(
    _ branches: [(RegularExpression, Double)], _ limit: Int
  ) -> [String: Double] {
    var result: [String: Double] = [:]
    for (branch, share) in branches {
      for (string, p) in distribution(branch, limit: limit) {
        result[string, default: 0] += share * p
      }
    }
    return result
  }

  private func product(
    _ a: [String: Double], _ b: [String: Double], _ limit: Int
  ) -> [String: Double] {
    var result: [String: Double] = [:]
    for (x, p) in a {
      for (y, q) in b where x.utf8.count + y.utf8.count <= limit {
        result[x + y, default: 0] += p * q
      }
    }
    return result
  }

  @Test(arguments: [
    "ab", "a|ab|b", "[ab]{2}", "a*", "a+b?", "(?:a|ab)(?:b|ba)?", "(?:a?b?)*", "(?:a*b*)+",
    "(?:a|b|ab){0,3}", "(?:(?:a?){2,3}b?)*", "a{2,}b{1,3}", "(?:|a)*", "(?:aa|a)*",
  ])
  func probabilitiesMatchTheDefinition(_ text: String) throws {
    // Not simplified: the tree as written is the generator.
    let expression = try RegularExpression(parsing: text)
    let automaton = PositionAutomaton(expression)
    let truth = distribution(expression, limit: 6)
    var strings = [""]
    var level = [""]
    for _ in 0..<6 {
      level = level.flatMap { [$0 + "a", $0 + "b"] }
      strings += level
    }
    var generated = 0
    let batch = StringBatch(strings.map { $0.unicodeScalars.map(\.value) })
    for (string, inBatch) in zip(strings, batch.probabilities(of: expression)) {
      let expected = truth[string] ?? 0
      #expect(abs(inBatch - expected) <= 1e-9 * expected, "\(text) on \"\(string)\" in a batch")
      let got = exp(automaton.logProbability(of: string))
      #expect(abs(got - expected) <= 1e-9 * max(1, expected), "\(text) on \"\(string)\"")
      generated += expected > 0 ? 1 : 0
    }
    #expect(generated > 0)
  }

  @Test func aFiniteLanguageHasAllTheProbability() throws {
    let expression = try RegularExpression(parsing: "(?:x|yz?){1,3}[0-9]?")
    let total = distribution(expression, limit: 20).keys.reduce(0.0) {
      $0 + exp(PositionAutomaton(expression).logProbability(of: $1))
    }
    #expect(abs(total - 1) < 1e-12)
  }

  @Test func samplesComeAsOftenAsTheirProbabilitySays() throws {
    let expression = try RegularExpression(parsing: "(?:a|b{1,2})*c?")
    let automaton = PositionAutomaton(expression)
    var random = SeededGenerator(seed: 4)
    var counts: [String: Double] = [:]
    let draws = 40_000
    for _ in 0..<draws {
      counts[expression.sample(using: &random) ?? "?", default: 0] += 1
    }
    // Each frequent string is within five standard errors of its probability.
    let frequent = counts.filter { $0.value > 200 }
    #expect(frequent.count > 10)
    for (string, count) in frequent {
      let p = exp(automaton.logProbability(of: string))
      let error = (p * (1 - p) / Double(draws)).squareRoot()
      #expect(abs(count / Double(draws) - p) < 5 * error, "\(string)")
    }
  }

  @Test func aClassIsADistribution() {
    for members in CharacterClass.named + [CharacterClass(of: "a1[é"), CharacterClass(of: "\t\n")] {
      var total = 0.0
      for scalar: UInt32 in 0..<128 { total += members.probability(of: scalar) }
      total += members.probability(of: 0xE9)
      if members.holdsAllBeyondASCII { total += 99 * members.probability(of: 0x4E00) }
      #expect(abs(total - 1) < 1e-12, "\(members)")
    }
  }

  @Test func aNarrowerClassGivesItsMembersMore() {
    #expect(
      CharacterClass.digit.probability(of: 0x35) > CharacterClass.alphanumeric.probability(of: 0x35)
    )
    #expect(
      CharacterClass.alphanumeric.probability(of: 0x35) > CharacterClass.any.probability(of: 0x35))
    #expect(CharacterClass.digit.probability(of: 0x41) == 0)
  }

  @Test func veryLongStringsDoNotUnderflow() throws {
    let automaton = PositionAutomaton(try RegularExpression(parsing: "[0-9]*"))
    let p = automaton.logProbability(of: String(repeating: "7", count: 10_000))
    // 10,000 rounds of 0.8 times 1/10, then a stop with 0.2.
    let expected = 10_000 * (log(0.8) + log(0.1)) + log(0.2)
    #expect(abs(p - expected) < 1e-6 * abs(expected))
  }

  /// Paths whose weights underflow beside others' must not come back larger: no generator gives
  /// characters drawn uniformly from eight more than 1/8 each.
  @Test func noGeneratorBeatsTheEntropyOfALongString() throws {
    var random = SeededGenerator(seed: 9)
    let letters = Array("abc0189-".unicodeScalars.map(\.value))
    let string = (0..<10_000).map { _ in letters[Int.random(in: 0..<8, using: &random)] }
    for text in ["(?:[\\-0189a-c]{3}.*){2,}.*", "(?:.*[0-9])*.*", "(?:a*.?)*", "[\\-0189a-c]*"] {
      let p = PositionAutomaton(try RegularExpression(parsing: text)).logProbability(of: string)
      #expect(p > -.infinity && p < 10_000 * -log(8) * 0.98, "\(text): \(p)")
    }
  }
}
