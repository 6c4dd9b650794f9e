import Summarization
import Testing

struct StableGeneratorTests {
  /// The published reference output for state 1234567 (Vigna's `splitmix64.c`).
  @Test func equalsTheReferenceImplementation() {
    var random = StableGenerator(state: 1_234_567)
    let expected: [UInt64] = [
      6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
      4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
    ]
    #expect(expected.map { _ in random.next() } == expected)
  }

  @Test func boundedDrawsAreUniform() {
    var random = StableGenerator(path: [7])
    var counts = [Int](repeating: 0, count: 10)
    for _ in 0..<100_000 { counts[random.below(10)] += 1 }
    // Chi-squared with 9 degrees of freedom: above 27.9 with probability 0.001.
    let statistic = counts.reduce(0.0) { $0 + Double(($1 - 10_000) * ($1 - 10_000)) / 10_000 }
    #expect(statistic < 27.9)
  }

  @Test func chancesComeTrueAsOftenAsTheyShould() {
    var random = StableGenerator(path: [8])
    let hits = (0..<100_000).count { _ in random.chance(0.3) }
    #expect(abs(Double(hits) - 30_000) < 4 * (100_000 * 0.3 * 0.7).squareRoot())
    #expect(!(0..<100).contains { _ in random.chance(0) })
    #expect(!(0..<100).contains { _ in !random.chance(1) })
  }

  @Test func permutationsAreUniform() {
    var random = StableGenerator(path: [9])
    var counts: [[Int]: Int] = [:]
    for _ in 0..<60_000 { counts[random.permuted([1, 2, 3]), default: 0] += 1 }
    #expect(counts.count == 6)
    let statistic = counts.values.reduce(0.0) {
      $0 + Double(($1 - 10_000) * ($1 - 10_000)) / 10_000
    }
    #expect(statistic < 20.5)  // 5 degrees of freedom, probability 0.001
  }

  @Test func pathsGiveUnrelatedStreams() {
    var firsts: Set<UInt64> = []
    for a in 0..<50 as Range<UInt64> {
      for b in 0..<50 as Range<UInt64> {
        var random = StableGenerator(path: [a, b])
        firsts.insert(random.next())
      }
    }
    #expect(firsts.count == 2500)
  }
}
