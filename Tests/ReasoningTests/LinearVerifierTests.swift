import Foundation
import Reasoning
import Testing

/// The head on a frozen model's vectors.
@Suite("Linear verifier")
struct LinearVerifierTests {
  /// Solutions of problems: the first feature says whether one is right, the second how hard its problem is, the rest nothing.
  private func examples(_ problems: Range<Int>) -> (features: [[Float]], labels: [Double], groups: [Int]) {
    var made: (features: [[Float]], labels: [Double], groups: [Int]) = ([], [], [])
    for problem in problems {
      let ease = Float(problem % 7) - 3
      for sample in 0..<8 {
        let noise = (0..<5).map { Float(sin(Double(problem * 31 + sample * 17 + $0 * 7))) }
        let isRight = (problem * 13 + sample * 29) % 10 < problem % 7 + 2
        made.features.append([(isRight ? 1 : -1) + noise[0] + 3 * ease, ease] + noise.dropFirst() + [4])
        made.labels.append(isRight ? 1 : 0)
        made.groups.append(problem)
      }
    }
    return made
  }

  @Test("it ranks the solutions of problems that it hasn't seen, though problems differ more than solutions do")
  func ranking() throws {
    let (features, labels, groups) = examples(0..<60)
    let verifier = LinearVerifier(features: features, labels: labels, groups: groups)
    #expect((verifier.orderedPairs ?? 0) > 0.95)
    let other = examples(60..<90)
    let scores = verifier.scores(of: other.features)
    let pairs = (60..<90).compactMap { problem -> Double? in
      let own = other.groups.indices.filter { other.groups[$0] == problem }
      return SolutionPool(
        answers: own.map { _ in nil }, isCorrect: own.map { other.labels[$0] > 0.5 }, scores: own.map { scores[$0] }
      ).orderedPairs
    }
    #expect(pairs.reduce(0, +) / Double(pairs.count) > 0.95)
    // What is the same for all solutions of a problem says nothing about which of them is right.
    #expect(verifier.weights[0] > 0 && verifier.weights[1].magnitude < 1e-4 && verifier.weights.last == 0)
    #expect(abs(verifier.bias - Float(labels.reduce(0, +) / Double(labels.count))) < 1e-6)
    let json = try JSONEncoder().encode(verifier)
    #expect(try JSONDecoder().decode(LinearVerifier.self, from: json) == verifier)
  }

  @Test("the head is the minimum of squares with the penalty that was chosen")
  func minimum() {
    let (features, labels, groups) = examples(0..<40)
    let verifier = LinearVerifier(features: features, labels: labels, groups: groups)
    /// Σ (w·x − y)² + λ n |w|² over differences within problems.
    func objective(_ w: [Double]) -> Double {
      var total = verifier.penalty * Double(labels.count) * w.reduce(0) { $0 + $1 * $1 }
      for problem in 0..<40 {
        let own = groups.indices.filter { groups[$0] == problem }
        let rows = own.map { i in
          features[i].indices.map { Double((features[i][$0] - verifier.means[$0]) * verifier.scales[$0]) }
        }
        let centre = (0..<w.count).map { k in rows.reduce(0) { $0 + $1[k] } / Double(own.count) }
        let mean = own.reduce(0) { $0 + labels[$1] } / Double(own.count)
        for (row, i) in zip(rows, own) {
          let said = (0..<w.count).reduce(0) { $0 + w[$1] * (row[$1] - centre[$1]) }
          total += (said - (labels[i] - mean)) * (said - (labels[i] - mean))
        }
      }
      return total
    }
    let w = verifier.weights.map(Double.init)
    let least = objective(w)
    for k in w.indices {
      for step in [-0.003, 0.003] {
        var other = w
        other[k] += step
        #expect(objective(other) > least)
      }
    }
  }

  @Test("where all solutions are wrong there is nothing to rank, and a head that says so")
  func nothing() throws {
    let (features, labels, groups) = examples(0..<3)
    let verifier = LinearVerifier(features: features, labels: labels.map { _ in 0 }, groups: groups)
    #expect(verifier.orderedPairs == nil && verifier.scores(of: features).allSatisfy { abs($0) < 1e-6 })
    #expect(try JSONDecoder().decode(LinearVerifier.self, from: JSONEncoder().encode(verifier)) == verifier)
  }
}
