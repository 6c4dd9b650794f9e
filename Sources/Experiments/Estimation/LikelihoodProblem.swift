public import Probability
import Foundation

/// A design problem with any parameters and responses, known by its simulator and its likelihood.
///
/// ```swift
/// let problem = LikelihoodProblem<Double, Double, Double>(
///   prior: { $0.normal() },
///   simulate: { slope, x, random in slope * x + random.normal() },
///   logLikelihood: { y, slope, x in Gaussian(mean: slope * x, standardDeviation: 1).logDensity(at: y) })
/// let gain = try problem.nestedMonteCarlo(at: 3)
/// ```
public struct LikelihoodProblem<Parameter: Sendable, Experiment: Sendable, Response: Sendable>:
  Sendable
{
  /// One draw from the prior.
  public var prior: @Sendable (inout RandomSource) -> Parameter
  /// One response of a parameter to an experiment.
  public var simulate: @Sendable (Parameter, Experiment, inout RandomSource) -> Response
  /// log p(response | parameter, experiment).
  public var logLikelihood: @Sendable (Response, Parameter, Experiment) -> Double

  /// A problem by its three functions.
  public init(
    prior: @escaping @Sendable (inout RandomSource) -> Parameter,
    simulate: @escaping @Sendable (Parameter, Experiment, inout RandomSource) -> Response,
    logLikelihood: @escaping @Sendable (Response, Parameter, Experiment) -> Double
  ) {
    self.prior = prior
    self.simulate = simulate
    self.logLikelihood = logLikelihood
  }

  /// Nested Monte Carlo: E log p(y | θ) − log mean p(y | θ′), with fresh inner draws for each outer
  /// one.
  ///
  /// Biased upwards by Jensen's inequality, by c/inner to first order (Rainforth et al. 2018). The
  /// same draws with half the inner ones have twice that bias, and their difference estimates it; `nil`
  /// when half of the inner draws, or all, rule a response out. All make the bound infinite.
  ///
  /// - Throws: An ``ExperimentError`` for counts below 2 or a likelihood that isn't a number.
  public func nestedMonteCarlo(
    at experiment: Experiment, outer: Int = 2_000, inner: Int = 200, seed: UInt64 = 0
  ) throws -> GainEstimate {
    let rows = try contrasts(at: experiment, outer: outer, inner: inner, seed: seed)
    var terms: [Double] = []
    var halves: [Double] = []
    for row in rows {
      terms.append(row.own - (logSumExp(row.others) - log(Double(inner))))
      let middle = inner / 2
      let first = logSumExp(row.others[..<middle]) - log(Double(middle))
      let second = logSumExp(row.others[middle...]) - log(Double(inner - middle))
      halves.append(row.own - (first + second) / 2)
    }
    let count = Double(terms.count)
    let bias = (halves.reduce(0, +) - terms.reduce(0, +)) / count
    return GainEstimate(terms: terms, kind: .upperBound, bias: bias.isFinite ? bias : nil)
  }

  /// The prior contrastive estimator: the parameter that made the response is among the contrasts.
  ///
  /// A lower bound of the gain, and never above log(contrasts + 1) (Foster et al. 2020).
  ///
  /// - Throws: An ``ExperimentError`` for counts below 2 or a likelihood that isn't a number.
  public func priorContrastive(
    at experiment: Experiment, outer: Int = 2_000, contrasts: Int = 200, seed: UInt64 = 0
  ) throws -> GainEstimate {
    let rows = try self.contrasts(at: experiment, outer: outer, inner: contrasts, seed: seed)
    return GainEstimate(
      terms: rows.map { row in
        row.own - (logSumExp(row.others + [row.own]) - log(Double(contrasts + 1)))
      }, kind: .lowerBound)
  }

  /// For each outer draw, the log likelihood of its response under its own parameter and under
  /// others.
  private func contrasts(
    at experiment: Experiment, outer: Int, inner: Int, seed: UInt64
  ) throws -> [(own: Double, others: [Double])] {
    guard outer >= 2, inner >= 2 else {
      throw ExperimentError("nested estimates need at least 2 outer and 2 inner draws")
    }
    // Numbered chunks, each with its own stream: the same result on any number of cores.
    let chunk = 256
    let problem = self
    return try inParallel((outer + chunk - 1) / chunk) { part in
      var random = RandomSource(seed: seed, stream: UInt64(part) + 1)
      return try (0..<min(chunk, outer - part * chunk)).map { _ in
        try problem.contrast(at: experiment, inner: inner, &random)
      }
    }.flatMap { $0 }
  }

  private func contrast(
    at experiment: Experiment, inner: Int, _ random: inout RandomSource
  ) throws -> (own: Double, others: [Double]) {
    let parameter = prior(&random)
    let response = simulate(parameter, experiment, &random)
    let own = logLikelihood(response, parameter, experiment)
    guard own > -.infinity, own < .infinity else {
      throw ExperimentError(
        "the log likelihood of a simulated response is \(own): simulate and logLikelihood must "
          + "describe the same distribution, at \(experiment)")
    }
    let others = (0..<inner).map { _ in
      logLikelihood(response, prior(&random), experiment)
    }
    if let bad = others.first(where: { $0.isNaN }) {
      throw ExperimentError("the log likelihood is \(bad) for some parameters at \(experiment)")
    }
    return (own, others)
  }
}
