import Feedback
import Foundation
import Testing

@Suite struct SimulatedLabellerTests {
  @Test(arguments: [(0.0, 0.0), (0.4, 0.0), (1.5, 0.1), (-0.7, 0.25)])
  func choicesFollowBradleyAndTerry(gap: Double, errorRate: Double) {
    var labeller = SimulatedLabeller(temperature: 0.5, errorRate: errorRate, seed: 3)
    let n = 20_000
    let wins = (0..<n).count { _ in labeller.choose(gap, 0) == .first }
    let p = 1 / (1 + exp(-gap / 0.5))
    let expected = p * (1 - errorRate) + (1 - p) * errorRate
    #expect(abs(labeller.preferenceProbability(gap, 0) - expected) < 1e-12)
    let error = (expected * (1 - expected) / Double(n)).squareRoot()
    #expect(abs(Double(wins) / Double(n) - expected) < 4.5 * error)
  }

  @Test func closeScoresTie() {
    var labeller = SimulatedLabeller(temperature: 0, tieBand: 0.1, seed: 1)
    #expect(labeller.choose(0.5, 0.45) == nil)
    #expect(labeller.choose(0.5, 0.3) == .first && labeller.choose(0.3, 0.5) == .second)
    var decided = SimulatedLabeller(temperature: 1, seed: 1)
    #expect((0..<100).allSatisfy { _ in decided.choose(1, 1) != nil })
  }

  @Test func errorsRemainWithoutNoise() {
    var labeller = SimulatedLabeller(temperature: 0, errorRate: 0.2, seed: 5)
    let wrong = (0..<10_000).count { _ in labeller.choose(5, 0) == .second }
    #expect(abs(Double(wrong) / 10_000 - 0.2) < 0.02)
  }

  @Test func theSameSeedRepeatsEverything() {
    func run(_ seed: UInt64) -> [Comparison] {
      var labeller = SimulatedLabeller(temperature: 1, errorRate: 0.1, tieBand: 0.05, seed: seed)
      return (0..<50).map { step in
        labeller.compare(prompt: "p", "a", "b", gold: (Double(step % 5) / 5, 0.5))
      }
    }
    #expect(run(1) == run(1))
    #expect(run(1) != run(2))
    #expect(Set(run(1).map(\.id)).count == 50)
    #expect(run(1)[0].provenance.labeller == "simulated:labeller")
    let shownFirst = run(1).count { $0.shownFirst == .first }
    #expect((10...40).contains(shownFirst))
  }

  @Test func pairsOfARankingAreBradleyTerryChoices() {
    var labeller = SimulatedLabeller(temperature: 1, seed: 9)
    let gold = [0.0, 1.0, -0.5, 2.0]
    let responses = (0..<4).map { Response("r\($0)") }
    var wins = [[Double]](repeating: [0, 0, 0, 0], count: 4)
    let n = 8_000
    for _ in 0..<n {
      let ranking = labeller.rank(prompt: "p", responses, gold: gold)
      #expect(ranking.ranks.sorted() == [1, 2, 3, 4])
      for i in 0..<4 {
        for j in 0..<4 where ranking.ranks[i] < ranking.ranks[j] { wins[i][j] += 1 }
      }
    }
    for i in 0..<4 {
      for j in 0..<4 where i != j {
        let expected = labeller.preferenceProbability(gold[i], gold[j])
        #expect(abs(wins[i][j] / Double(n) - expected) < 0.025, "\(i) over \(j)")
      }
    }
  }

  @Test func closeScoresShareARank() {
    var labeller = SimulatedLabeller(temperature: 0, tieBand: 0.1, seed: 1)
    let ranking = labeller.rank(prompt: "p", ["a", "b", "c", "d"], gold: [0.5, 0.9, 0.52, 0.1])
    #expect(ranking.ranks == [2, 1, 2, 3])
  }
}
