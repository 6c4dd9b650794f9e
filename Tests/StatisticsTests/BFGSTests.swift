import Foundation
import Statistics
import Testing

@Suite("BFGS")
struct BFGSTests {
  @Test("Rosenbrock's valley and its four-dimensional relative are followed to their end")
  func rosenbrock() {
    func valley(_ x: [Double], _ gradient: inout [Double]) -> Double {
      var value = 0.0
      for index in gradient.indices { gradient[index] = 0 }
      for i in 0..<(x.count - 1) {
        let (a, b) = (x[i + 1] - x[i] * x[i], 1 - x[i])
        value += 100 * a * a + b * b
        gradient[i] += -400 * x[i] * a - 2 * b
        gradient[i + 1] += 200 * a
      }
      return value
    }
    for start in [[-1.2, 1], [1.3, 0.7, 0.8, 1.9]] {
      let found = BFGS().minimum(from: start, of: valley)
      #expect(found.isConverged && found.steps < 100, "\(found)")
      #expect(found.point.allSatisfy { abs($0 - 1) < 1e-7 }, "\(found)")
    }
    let stopped = BFGS(mostSteps: 3).minimum(from: [-1.2, 1], of: valley)
    #expect(!stopped.isConverged && stopped.steps == 3 && stopped.value < 24.2)
  }

  @Test("a wall of infinity is not stepped through, and a start beyond it is given back")
  func wall() {
    // x − log x has its minimum at 1 and no value below 0.
    func wall(_ x: [Double], _ gradient: inout [Double]) -> Double {
      gradient[0] = 1 - 1 / x[0]
      return x[0] > 0 ? x[0] - log(x[0]) : .nan
    }
    let found = BFGS().minimum(from: [30], of: wall)
    #expect(abs(found.point[0] - 1) < 1e-6, "\(found)")
    let beyond = BFGS().minimum(from: [-1], of: wall)
    #expect(beyond.point == [-1] && !beyond.isConverged)
  }

  @Test("replicates are those that an interval is read from")
  func replicates() {
    let values = (0..<30).map { Double($0 * $0 % 17) }
    let bootstrap = Bootstrap(resamples: 200, method: .percentile, seed: 5)
    let means = bootstrap.replicates(of: values) { $0.reduce(0, +) / Double($0.count) }
    #expect(means.count == 200)
    let mean = values.reduce(0, +) / 30
    #expect(bootstrap.interval(mean, of: means + [.nan], n: 30) == bootstrap.mean(values))
  }
}
