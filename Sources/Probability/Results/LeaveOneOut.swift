import Foundation
import RealModule

/// An estimate of how well a model predicts unseen observations, by Pareto-smoothed importance sampling.
///
/// The posterior without one observation is the posterior weighted by 1/p(observation); the largest of
/// these weights are replaced by the quantiles of a generalised Pareto distribution fitted to them, whose
/// shape k says whether that can be trusted (Vehtari, Gelman and Gabry 2017, and Vehtari et al. 2024).
/// Held to ArviZ's `loo`.
public struct LeaveOneOut: Sendable {
  /// Σ log p(observation | the others): the expected log pointwise predictive density, higher is better.
  public var elpd: Double
  /// Its standard error over observations.
  public var standardError: Double
  /// The effective number of parameters: how much worse than with the observation itself seen.
  public var effectiveParameters: Double
  /// Each observation's term.
  public var pointwise: [Double]
  /// Each observation's shape k.
  public var shapes: [Double]
  /// The largest k at which this many draws can be trusted, min(1 − 1/log₁₀ draws, 0.7).
  public var largestGoodShape: Double
  /// Warnings to read before using the result.
  public var warnings: [String] = []

  /// From log likelihoods by chain, draw and observation.
  ///
  /// `relativeEfficiency` is the effective number of draws over their number.
  ///
  /// - Throws: An ``InferenceError`` for fewer than 25 draws, for no observations, or for log likelihoods
  ///   that aren't numbers.
  public init(logLikelihood: PosteriorTrace.Draws, relativeEfficiency: Double = 1) throws {
    let draws = logLikelihood.flatMap { $0 }
    let observations = draws.first?.count ?? 0
    guard draws.count >= 25, observations > 0 else {
      throw InferenceError(
        .badSetting,
        "leaving one out needs at least 25 draws and an observation under a name; there are "
          + "\(draws.count) and \(observations)")
    }
    guard draws.allSatisfy({ $0.allSatisfy { $0 < .infinity } }) else {
      throw InferenceError(.badScore, "a log likelihood is not a number below +∞")
    }
    let count = Double(draws.count)
    pointwise = []
    shapes = []
    var withIt = 0.0
    for observation in 0..<observations {
      let column = draws.map { $0[observation] }
      let (logWeights, shape) = ParetoSmoothing.smooth(
        column.map { -$0 }, relativeEfficiency: relativeEfficiency)
      pointwise.append(logSumExp(zip(column, logWeights).map { $0 + $1 }))
      shapes.append(shape)
      withIt += logSumExp(column) - Double.log(count)
    }
    let elpd = pointwise.reduce(0, +)
    self.elpd = elpd
    let mean = elpd / Double(observations)
    standardError = pointwise.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }.squareRoot()
    effectiveParameters = withIt - elpd
    let limit = min(1 - 1 / Double.log10(count), 0.7)
    largestGoodShape = limit
    let bad = shapes.indices.filter { shapes[$0] > limit }
    if !bad.isEmpty {
      let named = bad.prefix(5).map { "number \($0)" }.joined(separator: ", ")
      let level = String(format: "%.2f", limit)
      warnings.append(
        "\(bad.count) of \(observations) observations have a shape k above \(level) (\(named)"
          + "\(bad.count > 5 ? " …" : "")): the model hardly expects them, and without them it would "
          + "learn something else. Fit it again without each, or use heavier tails.")
    }
    if effectiveParameters > Double(observations) / 5, bad.isEmpty {
      warnings.append(
        "the effective number of parameters, \(String(format: "%.1f", effectiveParameters)), is large "
          + "beside \(observations) observations: the model may be too flexible")
    }
  }
}

extension PosteriorTrace {
  /// Leave-one-out prediction of what was observed under a name.
  ///
  /// - Throws: An ``InferenceError`` when nothing was observed under the name, or it can't be done.
  public func leaveOneOut(of name: String) throws -> LeaveOneOut {
    guard let logLikelihood = logLikelihood(of: name) else {
      throw InferenceError(
        .badSetting,
        "nothing was observed under the name \(name); names are given by observe(_:_:named:)")
    }
    let count = Double(logLikelihood.reduce(0) { $0 + $1.count })
    let sizes = names.flatMap { name -> [Double] in
      let draws = draws(of: name) ?? []
      return (draws.first?.first ?? []).indices.map { element in
        ChainStatistics(draws.map { $0.map { $0[element] } }).effectiveSampleSize
      }
    }.filter { !$0.isNaN }
    let efficiency =
      logLikelihood.count == 1 || sizes.isEmpty
      ? 1 : sizes.reduce(0, +) / Double(sizes.count) / count
    return try LeaveOneOut(logLikelihood: logLikelihood, relativeEfficiency: efficiency)
  }
}
