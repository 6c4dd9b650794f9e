import Foundation
import Probability
import Statistics

/// The Barber–Agakov bound: how much better parameters can be guessed from responses than from
/// nothing.
///
/// E log q(θ | y) − E log p(θ) is at most the information gain for any q, and equal to it where q
/// is the posterior (Barber and Agakov 2003). Here q is a normal whose mean is linear in features
/// of the response, fitted by least squares on simulated pairs and judged on others, so that the
/// fit can't flatter itself: exact for linear models with normal noise.
public struct BarberAgakov<Parameter: Sendable, Experiment: Sendable, Response: Sendable>: Sendable {
  /// The design problem.
  public var problem: LikelihoodProblem<Parameter, Experiment, Response>
  /// The parameter as numbers.
  public var coordinates: @Sendable (Parameter) -> [Double]
  /// The log density of the prior over those numbers.
  public var logPrior: @Sendable ([Double]) -> Double
  /// The features of a response that the guess may use; a constant is added.
  public var features: @Sendable (Response) -> [Double]

  /// A bound by its functions.
  public init(
    _ problem: LikelihoodProblem<Parameter, Experiment, Response>,
    coordinates: @escaping @Sendable (Parameter) -> [Double],
    logPrior: @escaping @Sendable ([Double]) -> Double,
    features: @escaping @Sendable (Response) -> [Double]
  ) {
    self.problem = problem
    self.coordinates = coordinates
    self.logPrior = logPrior
    self.features = features
  }

  /// The bound at an experiment.
  ///
  /// - Throws: An ``ExperimentError`` when there are fewer than 100 draws, or the guess can't be
  ///   fitted.
  public func bound(
    at experiment: Experiment, draws: Int = 4_000, seed: UInt64 = 0
  ) throws -> GainEstimate {
    guard draws >= 100 else {
      throw ExperimentError("the Barber–Agakov bound needs at least 100 draws")
    }
    var random = RandomSource(seed: seed)
    let pairs = (0..<draws).map { _ -> (theta: [Double], features: [Double]) in
      let parameter = problem.prior(&random)
      let response = problem.simulate(parameter, experiment, &random)
      return (coordinates(parameter), [1] + features(response))
    }
    let fitting = pairs[..<(draws / 2)]
    let judging = pairs[(draws / 2)...]
    let size = pairs[0].features.count
    let dimensions = pairs[0].theta.count
    // Normal equations, with a ridge too small to matter.
    var gram = Array(repeating: Array(repeating: 0.0, count: size), count: size)
    var targets = Array(repeating: Array(repeating: 0.0, count: dimensions), count: size)
    for pair in fitting {
      for i in 0..<size {
        for j in 0..<size { gram[i][j] += pair.features[i] * pair.features[j] }
        for d in 0..<dimensions { targets[i][d] += pair.features[i] * pair.theta[d] }
      }
    }
    for i in 0..<size { gram[i][i] *= 1 + 1e-10 }
    guard let weights = LinearSystem.solve(gram, targets) else {
      throw ExperimentError("the features of responses are not independent: leave some out")
    }
    func residual(_ pair: (theta: [Double], features: [Double])) -> [Double] {
      (0..<dimensions).map { d in
        pair.theta[d] - zip(pair.features, weights).reduce(0) { $0 + $1.0 * $1.1[d] }
      }
    }
    var covariance = Array(
      repeating: Array(repeating: 0.0, count: dimensions), count: dimensions)
    for pair in fitting {
      let r = residual(pair)
      for i in 0..<dimensions {
        for j in 0..<dimensions { covariance[i][j] += r[i] * r[j] / Double(fitting.count - size) }
      }
    }
    let guess = MultivariateGaussian(
      mean: Array(repeating: 0, count: dimensions), covariance: covariance)
    do {
      try guess.validate()
    } catch {
      throw ExperimentError("the guess's errors have no proper covariance: \(error)")
    }
    return GainEstimate(
      terms: judging.map { guess.logDensity(at: residual($0)) - logPrior($0.theta) },
      kind: .lowerBound)
  }
}
