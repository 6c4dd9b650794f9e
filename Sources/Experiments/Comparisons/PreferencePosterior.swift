import Foundation
import Probability
import Statistics

/// Bayesian logistic regression of preferences on the difference of two items' features.
///
/// The reward is linear, P(first preferred) = logistic(w · (x₁ − x₂)), w ~ N(0, σ² I), and the
/// posterior is Laplace's: normal around its mode. A stand-in for a reward model's last layer,
/// whose features a network supplies; ``draws(_:seed:)`` feed a ``QuestionChooser``.
public struct PreferencePosterior: Sendable {
  /// The most probable weights.
  public private(set) var mode: [Double]
  private var covariance: [[Double]]

  /// The posterior given differences of features and whether the first was preferred.
  ///
  /// - Throws: An ``ExperimentError`` for rows of different lengths, numbers that aren't finite, or
  ///   a prior deviation that isn't positive.
  public init(
    differences: [[Double]], firstPreferred: [Bool], dimensions: Int, priorDeviation: Double = 1
  ) throws {
    guard differences.count == firstPreferred.count, dimensions > 0, priorDeviation > 0,
      differences.allSatisfy({ $0.count == dimensions && $0.allSatisfy(\.isFinite) })
    else {
      throw ExperimentError(
        "\(differences.count) differences of \(dimensions) finite features need as many answers "
          + "(\(firstPreferred.count)) and a prior deviation above 0")
    }
    let precision = 1 / (priorDeviation * priorDeviation)
    var weights = Array(repeating: 0.0, count: dimensions)
    var hessian: [[Double]] = []
    for _ in 0..<50 {
      var gradient = weights.map { [-precision * $0] }
      hessian = (0..<dimensions).map { i in (0..<dimensions).map { $0 == i ? precision : 0 } }
      for (x, preferred) in zip(differences, firstPreferred) {
        let p = Self.probability(weights, x)
        let error = (preferred ? 1 : 0) - p
        for i in 0..<dimensions {
          gradient[i][0] += error * x[i]
          for j in 0..<dimensions { hessian[i][j] += p * (1 - p) * x[i] * x[j] }
        }
      }
      guard let step = LinearSystem.solve(hessian, gradient) else { break }
      // The log posterior is concave; damping keeps the first steps from overshooting.
      let length = step.reduce(0) { $0 + $1[0] * $1[0] }.squareRoot()
      let scale = length > 2 ? 2 / length : 1
      for i in 0..<dimensions { weights[i] += scale * step[i][0] }
      if length < 1e-9 { break }
    }
    mode = weights
    let identity = (0..<dimensions).map { i in (0..<dimensions).map { $0 == i ? 1.0 : 0 } }
    let inverse = LinearSystem.solve(hessian, identity) ?? identity
    covariance = (0..<dimensions).map { i in
      (0..<dimensions).map { (inverse[i][$0] + inverse[$0][i]) / 2 }
    }
  }

  /// Weights drawn from the posterior: an ensemble of reward models.
  public func draws(_ count: Int, seed: UInt64) -> [[Double]] {
    var random = RandomSource(seed: seed)
    let normal = MultivariateGaussian(mean: mode, covariance: covariance)
    return (0..<count).map { _ in normal.draw(using: &random) }
  }

  /// P(first preferred) for a difference of features.
  public static func probability(_ weights: [Double], _ difference: [Double]) -> Double {
    Double.logistic(zip(weights, difference).reduce(0) { $0 + $1.0 * $1.1 })
  }
}
