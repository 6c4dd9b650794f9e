import Evaluation
import Foundation
import Testing

@Suite struct WinRateTests {
  @Test func tiesCountHalf() {
    let rate = WinRate(first: [1, 2, 3, 4], second: [0, 2, 4, 3.95], tolerance: 0.1)
    #expect(rate == WinRate(wins: 1, ties: 2, losses: 1))
    #expect(rate.estimate.value == 0.5 && rate.estimate.n == 4)
    #expect(rate.pValue == 1)
  }

  @Test func infinitiesOfOneSignTie() {
    #expect(WinRate(first: [-.infinity], second: [-.infinity]).ties == 1)
    #expect(WinRate(first: [0], second: [-.infinity]).wins == 1)
  }

  @Test func theIntervalIsWilsonsOfWinsAndHalfTheTies() {
    #expect(WinRate(wins: 60, ties: 10, losses: 30).estimate == .wilson(successes: 65, n: 100))
    #expect((WinRate(wins: 8, losses: 0).pValue - 2.0 / 256).magnitude < 1e-12)
    #expect(WinRate().estimate.value.isNaN)
  }

  /// Two items: of the first all four pairs are won, of the second one is won, one tied and two lost.
  @Test func severalSamplesOfAnItemCountAsOneItem() {
    let estimate = WinRate.estimate(of: [[2, 3], [1, 2]], over: [[0, 1], [2, 1.5]])
    #expect(estimate.value == (1 + 1.5 / 4) / 2 && estimate.n == 2)
    let single = WinRate.estimate(of: [[2], [1], [0]], over: [[0], [1], [5]])
    #expect(single.value == WinRate(first: [2, 1, 0], second: [0, 1, 5]).estimate.value)
  }
}

@Suite struct LikelihoodTests {
  @Test func fourEquallyLikelyTokensOfTwoBytes() {
    var fit = Likelihood()
    fit.add(logProbabilities: [Double](repeating: log(0.25), count: 10), bytes: 20)
    #expect((fit.perplexity - 4).magnitude < 1e-12)
    #expect((fit.bitsPerByte - 1).magnitude < 1e-12)
    #expect((fit.lossPerToken - log(4)).magnitude < 1e-12)
    #expect((fit.wordPerplexity(words: 5) - 16).magnitude < 1e-9)
  }

  @Test func totalsAdd() {
    let whole = Likelihood(logProbability: -6, tokens: 3, bytes: 9)
    let part = Likelihood(logProbability: -2, tokens: 1, bytes: 3)
    let rest = Likelihood(logProbability: -4, tokens: 2, bytes: 6)
    #expect(part + rest == whole)
    #expect(Likelihood().perplexity.isNaN && Likelihood().bitsPerByte.isNaN)
  }
}

@Suite struct SparklineTests {
  @Test func spansLowToHigh() {
    #expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7]) == "▁▂▃▄▅▆▇█")
    #expect(sparkline([3, 3, 3]) == "▄▄▄")
    #expect(sparkline([]) == "")
    #expect(sparkline([1, .nan, 2]) == "▁ █")
    #expect(sparkline([.nan, .infinity]) == "  ")
  }

  @Test func longSeriesAreAveraged() {
    let line = sparkline((0..<1_000).map(Double.init), width: 20)
    #expect(line.count == 20 && line.first == "▁" && line.last == "█")
  }
}
