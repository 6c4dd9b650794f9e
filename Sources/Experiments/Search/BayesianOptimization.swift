import Probability
import Foundation
import Statistics

/// Finds the best experiment in a continuous box by few, costly, noisy evaluations.
///
/// A Gaussian process with a squared-exponential kernel models the score; the next point is the one
/// with the greatest expected improvement among random candidates and neighbours of the best so far
/// (Jones, Schonlau and Welch 1998). The kernel's width and noise are chosen by marginal likelihood
/// on a grid.
public struct BayesianOptimization: Sendable {
  /// Evaluations in all.
  public var evaluations: Int
  /// Evaluations at random points before the model is used.
  public var randomStarts: Int
  /// The seed.
  public var seed: UInt64

  /// A search with a number of evaluations.
  public init(evaluations: Int = 40, randomStarts: Int = 8, seed: UInt64 = 0) {
    self.evaluations = evaluations
    self.randomStarts = randomStarts
    self.seed = seed
  }

  /// The result of a search.
  public struct Result: Sendable {
    /// Every point with its score, in order of evaluation.
    public let history: [(point: [Double], score: Double)]
    /// The point that the model thinks best among those evaluated, which noise misleads less than
    /// the best score does.
    public let best: [Double]
  }

  /// Maximises a score over a box.
  ///
  /// - Throws: An ``ExperimentError`` for an empty box or a score that isn't finite, and what the
  ///   score throws.
  public func maximize(
    over box: [ClosedRange<Double>], _ score: ([Double]) throws -> Double
  ) throws -> Result {
    guard !box.isEmpty, box.allSatisfy({ $0.lowerBound < $0.upperBound && $0.upperBound.isFinite })
    else { throw ExperimentError("the box \(box) must have finite sides longer than 0") }
    guard evaluations > 0, evaluations <= 500 else {
      throw ExperimentError("Bayesian optimisation takes 1 to 500 evaluations, not \(evaluations)")
    }
    var random = RandomSource(seed: seed)
    var units: [[Double]] = []
    var scores: [Double] = []
    func place(_ unit: [Double]) -> [Double] {
      zip(unit, box).map { $1.lowerBound + $0 * ($1.upperBound - $1.lowerBound) }
    }
    var process: GaussianProcess?
    for index in 0..<evaluations {
      var unit = box.map { _ in random.uniform() }
      if index >= randomStarts, let process {
        let best = process.bestMean
        var candidates = (0..<200).map { _ in box.map { _ in random.uniform() } }
        candidates += (0..<50).map { _ in
          best.point.map { min(max($0 + 0.05 * random.normal(), 0), 1) }
        }
        unit =
          candidates.max {
            process.expectedImprovement(at: $0, over: best.mean)
              < process.expectedImprovement(at: $1, over: best.mean)
          } ?? unit
      }
      let value = try score(place(unit))
      guard value.isFinite else {
        throw ExperimentError("the score at \(place(unit)) is \(value)")
      }
      units.append(unit)
      scores.append(value)
      if index + 1 >= randomStarts { process = GaussianProcess.fitted(units, scores) }
    }
    var bestUnit = units[0]
    if let process {
      bestUnit = process.bestMean.point
    } else if let index = scores.indices.max(by: { scores[$0] < scores[$1] }) {
      bestUnit = units[index]
    }
    return Result(
      history: zip(units, scores).map { (point: place($0), score: $1) }, best: place(bestUnit))
  }
}

/// Regression by a Gaussian process on the unit cube.
struct GaussianProcess {
  private let points: [[Double]]
  private let lengthScale: Double
  private let noise: Double
  private let mean: Double
  private let scale: Double
  private let factor: [[Double]]
  private let weights: [Double]
  let logEvidence: Double

  /// The process whose width and noise explain the data best.
  static func fitted(_ points: [[Double]], _ scores: [Double]) -> GaussianProcess? {
    var best: GaussianProcess?
    for lengthScale in [0.1, 0.2, 0.4, 0.8] {
      for noise in [1e-4, 1e-2, 0.1, 0.5] {
        guard let process = GaussianProcess(points, scores, lengthScale, noise) else { continue }
        if process.logEvidence > best?.logEvidence ?? -.infinity { best = process }
      }
    }
    return best
  }

  init?(_ points: [[Double]], _ scores: [Double], _ lengthScale: Double, _ noise: Double) {
    let count = points.count
    self.points = points
    self.lengthScale = lengthScale
    self.noise = noise
    let mean = scores.reduce(0, +) / Double(count)
    self.mean = mean
    let spread = (scores.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)).squareRoot()
    let scale = spread > 0 ? spread : 1
    self.scale = scale
    let targets = scores.map { ($0 - mean) / scale }
    var l = Array(repeating: Array(repeating: 0.0, count: count), count: count)
    for i in 0..<count {
      for j in 0...i {
        var sum = Self.kernel(points[i], points[j], lengthScale) + (i == j ? noise : 0)
        for k in 0..<j { sum -= l[i][k] * l[j][k] }
        if i == j {
          guard sum > 0 else { return nil }
          l[i][i] = sum.squareRoot()
        } else {
          l[i][j] = sum / l[j][j]
        }
      }
    }
    factor = l
    let z = Self.forward(l, targets)
    var w = z
    for i in stride(from: count - 1, through: 0, by: -1) {
      for k in (i + 1)..<max(count, i + 1) { w[i] -= l[k][i] * w[k] }
      w[i] /= l[i][i]
    }
    weights = w
    logEvidence = -0.5 * z.reduce(0) { $0 + $1 * $1 } - l.indices.reduce(0) { $0 + log(l[$1][$1]) }
  }

  private static func kernel(_ a: [Double], _ b: [Double], _ lengthScale: Double) -> Double {
    let squares = zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    return exp(-0.5 * squares / (lengthScale * lengthScale))
  }

  private static func forward(_ l: [[Double]], _ b: [Double]) -> [Double] {
    var z = b
    for i in b.indices {
      for k in 0..<i { z[i] -= l[i][k] * z[k] }
      z[i] /= l[i][i]
    }
    return z
  }

  func predict(_ x: [Double]) -> (mean: Double, deviation: Double) {
    let k = points.map { Self.kernel($0, x, lengthScale) }
    let z = Self.forward(factor, k)
    let variance = max(1 - z.reduce(0) { $0 + $1 * $1 }, 1e-12)
    let value = zip(k, weights).reduce(0) { $0 + $1.0 * $1.1 }
    return (mean + scale * value, scale * variance.squareRoot())
  }

  /// The evaluated point with the greatest posterior mean.
  var bestMean: (point: [Double], mean: Double) {
    var best = (point: points[0], mean: -Double.infinity)
    for point in points {
      let mean = predict(point).mean
      if mean > best.mean { best = (point, mean) }
    }
    return best
  }

  func expectedImprovement(at x: [Double], over best: Double) -> Double {
    let (mean, deviation) = predict(x)
    let z = (mean - best) / deviation
    let density = exp(-0.5 * z * z) / (2 * Double.pi).squareRoot()
    return deviation * (z * StandardNormal.cumulative(z) + density)
  }
}
