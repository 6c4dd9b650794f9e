import Foundation
import Reasoning
import Statistics
import Testing

/// What each way to choose is worth, by hand and by counting all subsets.
@Suite("Choosing among solutions")
struct SolutionPoolTests {
  private let pool = SolutionPool(
    answers: ["7", "7", "8", nil, "9", "8"], isCorrect: [false, false, true, false, false, true],
    scores: [0.2, 0.1, 0.9, 0.05, 0.3, 0.8])

  @Test("ranking puts the likeliest first, votes count answers, coverage asks for one that is right")
  func whole() {
    #expect(pool.rate(.best, of: 6) == 1)
    // Two answers have two votes each, of which one is right.
    #expect(pool.rate(.majority, of: 6) == 0.5)
    #expect(pool.rate(.top(2), of: 6) == 1 && pool.rate(.top(1), of: 6) == 1)
    // The three best: 8, 8, 9.
    #expect(pool.rate(.top(3), of: 6) == 1)
    #expect(pool.rate(.weighted, of: 6) == 1 && pool.rate(.oracle, of: 6) == 1)
    #expect(abs(pool.rate(.best, of: 1) - 2.0 / 6) < 1e-12 && abs(pool.rate(.oracle, of: 1) - 2.0 / 6) < 1e-12)
    #expect(pool.rate(.best, of: 7).isNaN && pool.rate(.majority, of: 7).isNaN && pool.rate(.best, of: 0).isNaN)
    #expect(pool.orderedPairs == 1)
    let silent = SolutionPool(answers: [nil, nil], isCorrect: [false, false], scores: [1, 0])
    #expect(silent.rate(.majority, of: 2) == 0 && silent.orderedPairs == nil)
    // A verifier that is wrong about everything does worse than chance.
    let misled = SolutionPool(answers: ["1", "2"], isCorrect: [true, false], scores: [0, 1])
    #expect(misled.rate(.best, of: 2) == 0 && misled.orderedPairs == 0)
    let level = SolutionPool(answers: ["1", "2"], isCorrect: [true, false], scores: [1, 1])
    #expect(level.rate(.best, of: 2) == 0.5 && level.orderedPairs == 0.5)
  }

  /// The mean over all subsets of n.
  private func counted(_ n: Int, _ value: ([Int]) -> Double) -> Double {
    let subsets = (0..<(1 << pool.count)).map { bits in (0..<pool.count).filter { bits >> $0 & 1 == 1 } }
      .filter { $0.count == n }
    return subsets.reduce(0) { $0 + value($1) } / Double(subsets.count)
  }

  @Test("over subsets: best and coverage exactly, votes within their draws", arguments: 1...5)
  func subsets(_ n: Int) {
    let best = counted(n) { own in pool.correct[own.max { pool.scores[$0] < pool.scores[$1] } ?? 0] }
    #expect(abs(pool.rate(.best, of: n) - best) < 1e-12)
    let covered = counted(n) { own in own.map { pool.correct[$0] }.max() ?? 0 }
    #expect(abs(pool.rate(.oracle, of: n) - covered) < 1e-12)
    let majority = counted(n) { own in
      let votes = Dictionary(grouping: own.filter { pool.answers[$0] != nil }) { pool.answers[$0] }
      let most = votes.values.map(\.count).max() ?? 0
      let leading = votes.values.filter { $0.count == most && most > 0 }
      return leading.isEmpty ? 0 : leading.reduce(0) { $0 + pool.correct[$1[0]] } / Double(leading.count)
    }
    // Fifty draws, eight seeds: four standard errors of a share.
    let drawn = (1...8).reduce(0.0) { $0 + pool.rate(.majority, of: n, seed: UInt64($1)) } / 8
    #expect(abs(drawn - majority) < 4 * 0.5 / 400.0.squareRoot())
    #expect(pool.rate(.majority, of: n, seed: 3) == pool.rate(.majority, of: n, seed: 3))
  }

  @Test("over problems: means with intervals, and paired differences")
  func problems() {
    let pools = [
      pool,
      SolutionPool(
        answers: ["1", "2", "2", "3", "4", "5"], isCorrect: [true] + .init(repeating: false, count: 5),
        scores: [9, 1, 1, 1, 1, 1]),
    ]
    #expect(pools.rate(.best, of: 6).value == 1 && pools.rate(.majority, of: 6).value == 0.25)
    let gain = pools.gain(of: .best, 6, over: .majority, 6)
    #expect(gain.value == 0.75 && gain.n == 2)
  }
}
