import Foundation
import Statistics
import TestSupport
import Testing

@Suite struct EstimateTests {
  @Test func encodesExactlyFourKeys() throws {
    let estimate = Estimate(value: 0.5, low: 0.25, high: 0.75, n: 8)
    let data = try JSONEncoder().encode(estimate)
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(Set(object.keys) == ["value", "low", "high", "n"])
    #expect(try JSONDecoder().decode(Estimate.self, from: data) == estimate)
  }

  @Test func aMissingNumberIsNullInJSON() throws {
    let nothing = Estimate.wilson(successes: 0, n: 0)
    #expect(nothing.value.isNaN && nothing.low == 0 && nothing.high == 1)
    let data = try JSONEncoder().encode(nothing)
    #expect(String(decoding: data, as: UTF8.self).contains("\"value\":null"))
    #expect(try JSONDecoder().decode(Estimate.self, from: data).value.isNaN)
  }

  @Test func describesItself() {
    let estimate = Estimate.wilson(successes: 56, n: 100)
    #expect(estimate.description == "0.560 [0.462, 0.653], n = 100")
    #expect(estimate.percentage == "56.0% [46.2, 65.3]")
    #expect(!estimate.excludes(0.5) && estimate.excludes(0.7))
    #expect((estimate.complement.value - 0.44).magnitude < 1e-12)
    #expect(estimate.complement.low == 1 - estimate.high)
  }

  /// Over many simulated studies, 95% of the intervals should contain the truth.
  @Test(arguments: [0.1, 0.5, 0.8]) func wilsonCoversTheTruth(p: Double) {
    var random = SeededGenerator(seed: 11)
    let studies = 4_000
    var covered = 0
    for _ in 0..<studies {
      let hits = (0..<60).count { _ in random.uniform() < p }
      if !Estimate.wilson(successes: Double(hits), n: 60).excludes(p) { covered += 1 }
    }
    let coverage = Double(covered) / Double(studies)
    #expect(coverage > 0.93 && coverage < 0.975, "covered \(coverage)")
  }
}

@Suite struct ResamplingTests {
  @Test func theSameSeedGivesTheSameInterval() {
    let values = (0..<50).map { Double($0 % 7) }
    #expect(Bootstrap(seed: 5).mean(values) == Bootstrap(seed: 5).mean(values))
    #expect(Bootstrap(seed: 5).mean(values) != Bootstrap(seed: 6).mean(values))
  }

  @Test func bootstrapMeanCoversTheTruth() {
    var random = SeededGenerator(seed: 2)
    var covered = 0
    for study in 0..<400 {
      let sample = (0..<60).map { _ in -Double.log(1 - random.uniform()) }
      let estimate = Bootstrap(resamples: 400, seed: UInt64(study)).mean(sample)
      if !estimate.excludes(1) { covered += 1 }
    }
    // 95% in the limit; skewed samples of 60 fall a little short.
    #expect(covered > 355, "covered \(covered) of 400")
  }

  @Test func pairingRemovesWhatItemsShare() {
    var random = SeededGenerator(seed: 9)
    let base = (0..<100).map { _ in 10 * random.uniform() }
    let better = base.map { $0 + 0.2 + 0.1 * random.uniform() }
    let gain = Bootstrap(seed: 1).meanDifference(better, base)
    #expect(gain.low > 0.2 && gain.high < 0.3)
    #expect(PairedTest.permutation(better, base, seed: 1) < 1e-3)
  }

  @Test func degenerateSamplesHaveAnAnswer() {
    #expect(Bootstrap().mean([]).value.isNaN)
    #expect(Bootstrap().mean([3]) == Estimate(value: 3, low: 3, high: 3, n: 1))
    #expect(Bootstrap().mean([2, 2, 2, 2]) == Estimate(value: 2, low: 2, high: 2, n: 4))
    #expect(PairedTest.sign(wins: 0, losses: 0) == 1)
    #expect(PairedTest.permutation([1, 2], [1, 2]) == 1)
    #expect(PairedTest.permutation([], []) == 1)
  }

  @Test func quantilesInterpolate() {
    #expect(quantile(of: [1, 2, 4], 0.25) == 1.5)
    #expect(quantile(of: [1, 2, 4], 0.75) == 3)
    #expect(quantile(of: [1, 2, 4], 1) == 4)
    #expect(quantile(of: [], 0.5).isNaN)
  }

  @Test func thePValueIsUniformUnderTheNullHypothesis() {
    var random = SeededGenerator(seed: 77)
    var small = 0
    for _ in 0..<1_000 {
      let a = (0..<12).map { _ in random.uniform() }
      let b = (0..<12).map { _ in random.uniform() }
      if PairedTest.permutation(a, b) <= 0.1 { small += 1 }
    }
    #expect((70...130).contains(small), "\(small) of 1000 at or under 0.1")
  }
}

@Suite struct CorrelationAndCalibrationTests {
  @Test func ranksShareTies() {
    #expect(Correlation.ranks([10, 20, 10, 5]) == [2.5, 4, 2.5, 1])
  }

  @Test func constantsHaveNoCorrelation() {
    #expect(Correlation.pearson([1, 1, 1, 1], [1, 2, 3, 4]).value.isNaN)
    #expect(isClose(Correlation.pearson([1, 2, 3, 4], [2, 4, 6, 8]).value, 1))
    #expect(isClose(Correlation.spearman([1, 2, 3, 4], [1, 8, 27, 64]).value, 1))
  }

  @Test func pairwisePredictionsDoNotDependOnWhichSideIsFirst() {
    let p = [0.9, 0.2, 0.6, 0.55, 0.3]
    let won = [1, 0, 0, 0.5, 1]
    let forwards = Calibration(pairwise: p, outcomes: won)
    let backwards = Calibration(pairwise: p.map { 1 - $0 }, outcomes: won.map { 1 - $0 })
    #expect((forwards.expectedError - backwards.expectedError).magnitude < 1e-12)
    #expect((forwards.logLoss - backwards.logLoss).magnitude < 1e-12)
    #expect(forwards.bins.allSatisfy { $0.lower >= 0.5 })
  }

  @Test func honestPredictionsAreCalibrated() {
    var random = SeededGenerator(seed: 4)
    let predictions = (0..<20_000).map { _ in random.uniform() }
    let honest = predictions.map { random.uniform() < $0 ? 1.0 : 0.0 }
    #expect(Calibration(predictions: predictions, outcomes: honest).expectedError < 0.015)
    let boastful = predictions.map { $0 < 0.5 ? $0 * $0 : 1 - (1 - $0) * (1 - $0) }
    #expect(Calibration(predictions: boastful, outcomes: honest).expectedError > 0.1)
  }

  @Test func wrongCertaintyIsFinite() {
    let result = Calibration(predictions: [0, 1], outcomes: [1, 0])
    #expect(result.logLoss > 30 && result.logLoss.isFinite)
    #expect(result.expectedError == 1 && result.maximumError == 1)
  }
}

@Suite struct RepeatedSamplingTests {
  @Test func divergenceFollowsTheFormula() {
    #expect(RepeatedSampling.divergence(n: 1) == 0)
    #expect((RepeatedSampling.divergence(n: 16) - 1.835_088_722).magnitude < 1e-8)
  }

  /// The divergence of best-of-n over m equally likely outcomes, computed from the distribution.
  @Test func divergenceIsTheLimitOfManyDistinctOutcomes() {
    let (outcomes, n) = (20_000, 4)
    var divergence = 0.0
    for rank in 1...outcomes {
      let m = Double(outcomes)
      let p = pow(Double(rank) / m, Double(n)) - pow(Double(rank - 1) / m, Double(n))
      if p > 0 { divergence += p * log(p * m) }
    }
    #expect((divergence - RepeatedSampling.divergence(n: n)).magnitude < 1e-3)
  }

  @Test func aPerfectProxyOnlyImproves() {
    var random = SeededGenerator(seed: 8)
    let scores = (0..<64).map { _ in random.uniform() }
    let curve = [1, 2, 4, 8, 16, 64].map {
      RepeatedSampling.expectedScore(proxy: scores, gold: scores, n: $0)
    }
    #expect(curve == curve.sorted())
    #expect((curve[0] - scores.reduce(0, +) / 64).magnitude < 1e-12)
    #expect(curve[5] == scores.max())
    #expect(RepeatedSampling.expectedScore(proxy: scores, gold: scores, n: 65).isNaN)
  }

  /// Against every choice of three samples and of one more, counted out; a worthless and a perfect proxy, and ties.
  @Test func winRateIsTheShareOfAllChoices() {
    let gold = [0.2, 0.9, 0.5, 0.5, 0.1, 0.7]
    for proxy in [[0.3, 0.1, 0.8, 0.6, 0.9, 0.2], gold.map { $0 * 2 + ($0 == 0.5 ? 0 : 1) }] {
      var (wins, choices) = (0.0, 0.0)
      for other in gold.indices {
        for set in 0..<1 << gold.count where set.nonzeroBitCount == 3 && set >> other & 1 == 0 {
          let members = gold.indices.filter { set >> $0 & 1 == 1 }
          let top = members.map { proxy[$0] }.max()
          let best = members.filter { proxy[$0] == top }
          for i in best {
            wins += (gold[i] > gold[other] ? 1 : gold[i] == gold[other] ? 0.5 : 0) / Double(best.count)
          }
          choices += 1
        }
      }
      #expect((RepeatedSampling.winRate(proxy: proxy, gold: gold, n: 3) - wins / choices).magnitude < 1e-12)
    }
    #expect(RepeatedSampling.winRate(proxy: gold, gold: gold, n: 6).isNaN)
  }

  /// One of one against another is a coin's toss, whatever the proxy says.
  @Test func theBestOfOneWinsHalf() {
    #expect((RepeatedSampling.winRate(proxy: [3, 1, 2], gold: [0.1, 0.4, 0.4], n: 1) - 0.5).magnitude < 1e-12)
  }

  @Test func passRateIsBestOfNOfCorrectness() {
    let correct = [1.0, 0, 0, 1, 0, 0, 0, 0, 1, 0]
    for k in 1...10 {
      let best = RepeatedSampling.expectedScore(proxy: correct, gold: correct, n: k)
      #expect((best - RepeatedSampling.passRate(samples: 10, correct: 3, k: k)).magnitude < 1e-12)
    }
  }
}

extension Double {
  fileprivate static func log(_ x: Double) -> Double { Foundation.log(x) }
}

@Suite struct RepetitionTests {
  /// scipy.stats.t.ppf(0.975, degrees), for odd and even degrees.
  @Test(arguments: [
    (1, 12.706204736174694), (2, 4.302652729749464), (3, 3.182446305283710), (4, 2.776445105197799),
    (9, 2.262157162798205), (10, 2.228138851986274), (30, 2.042272456301238),
  ])
  func intervalsOverRepetitionsAreStudents(_ degrees: Int, _ critical: Double) {
    let values = (0...degrees).map { Double($0 % 2) }
    let all = Estimate.overRepetitions(values.map { Estimate(value: $0, low: $0, high: $0, n: 3) })
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(degrees)
    let half = critical * (variance / Double(values.count)).squareRoot()
    #expect(abs(all.value - mean) < 1e-12 && all.n == 3 * values.count)
    #expect(abs(all.high - mean - half) < 1e-8 * half && abs(mean - all.low - half) < 1e-8 * half)
  }

  @Test func repetitionsThatAgreeByChanceKeepTheItemsInterval() {
    let same = Array(repeating: Estimate(value: 0.6, low: 0.5, high: 0.75, n: 100), count: 4)
    let all = Estimate.overRepetitions(same)
    #expect(abs(all.low - 0.55) < 1e-12 && abs(all.high - 0.675) < 1e-12 && all.n == 400)
    #expect(Estimate.overRepetitions([same[0]]) == same[0])
    #expect(Estimate.overRepetitions([]).value.isNaN)
  }
}

@Suite struct DerivedSeedTests {
  @Test func everyPlaceOfEveryRunHasASeedOfItsOwn() {
    var seen: Set<UInt64> = []
    for run in 0..<8 as Range<UInt64> {
      for purpose in ["rollout", "epoch", ""] {
        for step in 0..<32 {
          for index in 0..<32 {
            seen.insert(DerivedSeed(run: run, for: purpose, step: step, index: index).value)
          }
        }
      }
    }
    #expect(seen.count == 8 * 3 * 32 * 32 && seen.allSatisfy { $0 <= Int64.max })
    // The same on every platform, so that a figure with its seed can be had again: by a Python program of the same formula.
    #expect(DerivedSeed(run: 1, for: "rollout", step: 2, index: 3).value == 5_912_701_961_743_661_483)
  }

  /// Each bit of the seeds of 4,096 neighbouring steps is set about half of the time: five standard errors are 160.
  @Test func neighboursHaveNothingInCommon() {
    for bit in 0..<63 {
      let ones = (0..<4096).count { DerivedSeed(run: 1, for: "step", step: $0).value >> bit & 1 == 1 }
      #expect(abs(ones - 2048) < 160, "bit \(bit): \(ones)")
      let changes = (0..<4096).count { step in
        let pair = [0, 1].map { DerivedSeed(run: 1, for: "step", step: step, index: $0).value >> bit & 1 }
        return pair[0] != pair[1]
      }
      #expect(abs(changes - 2048) < 160, "bit \(bit): \(changes)")
    }
  }
}
