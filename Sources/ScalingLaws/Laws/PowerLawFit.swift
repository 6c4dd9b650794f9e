import Foundation
import Statistics

/// The fit of one ``PowerLaw`` to losses: Huber's loss of log residuals, from many starts, by BFGS.
///
/// With z₀ = log L∞ and zⱼ = log Aⱼ − αⱼ log xⱼ the logarithm of the law is logsumexp(z), which keeps every constant positive and
/// the problem well scaled (Hoffmann et al., 2022, appendix D.3). Sizes are divided by their geometric mean first, which changes
/// no fit but takes the long valley between a coefficient and its exponent away.
struct PowerLawFit {
  /// What a residual r = log L̂ − log L costs.
  enum Cost {
    /// r²/2 within ±δ, and linear beyond.
    case huber(delta: Double)
    /// r²/2 where the law is below the point, and `weight` times that where it is above.
    case below(weight: Double)
  }

  /// Whether the law has a constant.
  let hasConstant: Bool
  /// The exponents, nil where they are fitted.
  let fixedExponents: [Double]?
  private let terms: Int
  /// log xⱼ less its mean, by point and then term.
  private let logs: [Double]
  private let centres: [Double]
  private let targets: [Double]
  private let cost: Cost

  /// The sizes and losses to fit.
  ///
  /// - Parameter inputs: for each point the size of each term; all positive.
  init(inputs: [[Double]], losses: [Double], hasConstant: Bool, fixedExponents: [Double]? = nil, cost: Cost) {
    precondition(inputs.count == losses.count && !inputs.isEmpty)
    let terms = inputs[0].count
    let all = inputs.map { $0.map { log($0) } }
    let centres = (0..<terms).map { term in all.reduce(0) { $0 + $1[term] } / Double(all.count) }
    logs = all.flatMap { row in (0..<terms).map { row[$0] - centres[$0] } }
    targets = losses.map { log($0) }
    (self.terms, self.centres, self.hasConstant) = (terms, centres, hasConstant)
    (self.fixedExponents, self.cost) = (fixedExponents, cost)
  }

  /// A fitted law with the value of what was minimised.
  struct Result {
    var law: PowerLaw
    var objective: Double
    /// The constants as the optimiser has them, to start another fit from.
    var raw: [Double]
  }

  /// The starts of the search: 108 for two sizes (e and a, b each one of three, α and β one of two), 18 for one.
  var grid: [[Double]] {
    var starts: [[Double]] = [[]]
    func extend(by values: [Double]) { starts = starts.flatMap { start in values.map { start + [$0] } } }
    if hasConstant { extend(by: [-1, 0, 1]) }
    for _ in 0..<terms { extend(by: [0, 10, 20]) }
    if fixedExponents == nil { for _ in 0..<terms { extend(by: [0.1, 1]) } }
    return starts
  }

  /// The best of the fits from each start, best first, without those that ended at the same place.
  ///
  /// - Parameter starts: e, a₁ …, α₁ … in the units of the points, as in the papers.
  func candidates(from starts: [[Double]]) -> [Result] {
    let found = starts.map { search(from: centred($0)) }.filter(\.objective.isFinite)
      .sorted { $0.objective < $1.objective }
    var kept: [Result] = []
    for result in found where !kept.contains(where: { isSame($0, result) }) { kept.append(result) }
    return kept
  }

  /// The best fit from raw constants of another fit of points with much the same sizes.
  func best(fromRaw starts: [[Double]]) -> Result? {
    starts.map { search(from: centred($0)) }.filter(\.objective.isFinite).min { $0.objective < $1.objective }
  }

  private func isSame(_ a: Result, _ b: Result) -> Bool {
    zip(a.raw, b.raw).allSatisfy { abs($0 - $1) <= 1e-3 * (1 + abs($0)) }
  }

  /// Takes log coefficients at x = 1 to those at the geometric mean of the points.
  private func centred(_ start: [Double]) -> [Double] { shifted(start, by: -1) }

  private func shifted(_ point: [Double], by sign: Double) -> [Double] {
    var point = point
    let first = hasConstant ? 1 : 0
    for term in 0..<terms {
      let exponent = fixedExponents?[term] ?? point[first + terms + term]
      point[first + term] += sign * exponent * centres[term]
    }
    return point
  }

  private func search(from start: [Double]) -> Result {
    let found = BFGS(tolerance: 1e-9, mostSteps: 500).minimum(from: start) { objective($0, &$1) }
    let raw = shifted(found.point, by: 1)
    let first = hasConstant ? 1 : 0
    let law = PowerLaw(
      irreducible: hasConstant ? exp(raw[0]) : 0,
      terms: (0..<terms).map { term in
        .init(coefficient: exp(raw[first + term]), exponent: fixedExponents?[term] ?? raw[first + terms + term])
      })
    return Result(law: law, objective: found.value, raw: raw)
  }

  /// The sum of the costs of logsumexp(z) − log L, and its gradient.
  private func objective(_ p: [Double], _ gradient: inout [Double]) -> Double {
    let first = hasConstant ? 1 : 0
    let (terms, cost) = (terms, cost)
    for index in gradient.indices { gradient[index] = 0 }
    var total = 0.0
    withUnsafeTemporaryAllocation(of: Double.self, capacity: terms + 1) { z in
      logs.withUnsafeBufferPointer { logs in
        p.withUnsafeBufferPointer { p in
          gradient.withUnsafeMutableBufferPointer { gradient in
            for point in targets.indices {
              let row = point * terms
              var most = hasConstant ? p[0] : -Double.infinity
              z[0] = most
              for term in 0..<terms {
                let exponent = fixedExponents?[term] ?? p[first + terms + term]
                z[term + 1] = p[first + term] - exponent * logs[row + term]
                most = max(most, z[term + 1])
              }
              var sum = 0.0
              for part in 0...terms {
                z[part] = exp(z[part] - most)
                sum += z[part]
              }
              let residual = most + log(sum) - targets[point]
              let pull: Double
              switch cost {
              case .huber(let delta):
                pull = min(max(residual, -delta), delta)
                total += pull * (residual - pull / 2)
              case .below(let weight):
                pull = residual > 0 ? weight * residual : residual
                total += pull * residual / 2
              }
              let share = pull / sum
              if hasConstant { gradient[0] += share * z[0] }
              for term in 0..<terms {
                gradient[first + term] += share * z[term + 1]
                if fixedExponents == nil { gradient[first + terms + term] -= share * z[term + 1] * logs[row + term] }
              }
            }
          }
        }
      }
    }
    return total
  }
}
