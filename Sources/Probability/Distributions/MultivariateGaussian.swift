import RealModule
import Statistics

/// The normal distribution in several dimensions.
///
/// log p(x) = −½ (x − μ)ᵀ Σ⁻¹ (x − μ) − ½ log det Σ − d/2 · log 2π. A model draws it as `d`
/// standard normal choices, so that every method can handle it.
public struct MultivariateGaussian: ProbabilityDistribution {
  /// μ.
  public let mean: [Double]
  /// Σ.
  public let covariance: [[Double]]
  /// L with L·Lᵀ = Σ, or `nil` when Σ isn't symmetric and positive definite.
  private let factor: Cholesky?

  /// A distribution with a mean and a covariance.
  public init(mean: [Double], covariance: [[Double]]) {
    self.mean = mean
    self.covariance = covariance
    factor = Cholesky(covariance)
  }

  /// Independent coordinates with given standard deviations.
  public init(mean: [Double], standardDeviations: [Double]) {
    self.init(
      mean: mean,
      covariance: standardDeviations.indices.map { i in
        standardDeviations.indices.map { i == $0 ? standardDeviations[i] * standardDeviations[i] : 0 }
      })
  }

  /// Throws unless the covariance fits the mean and is symmetric and positive definite.
  public func validate() throws {
    if mean.isEmpty || covariance.count != mean.count
      || covariance.contains(where: { $0.count != mean.count })
    {
      throw ParameterError(
        "MultivariateGaussian", "the covariance's size",
        "\(covariance.count)×\(covariance.first?.count ?? 0)",
        must: "\(mean.count)×\(mean.count), as the mean has it, and not empty")
    }
    if factor == nil {
      throw ParameterError(
        "MultivariateGaussian", "the covariance", covariance,
        must: "symmetric and positive definite")
    }
  }

  /// The log density; −∞ for a vector of another length.
  public func logDensity(at x: [Double]) -> Double {
    guard let factor, x.count == mean.count else { return -.infinity }
    let z = factor.whitened(zip(x, mean).map { $0 - $1 })
    var density = -0.5 * Double(mean.count) * Double.log(2 * .pi)
    for i in mean.indices { density -= 0.5 * z[i] * z[i] + Double.log(factor.factor[i][i]) }
    return density
  }

  /// One draw.
  public func draw(using random: inout RandomSource) -> [Double] {
    place(mean.map { _ in random.normal() })
  }

  /// Draws as standard normal choices.
  public func choose(with sampler: Sampler, at location: UInt64) throws -> [Double] {
    try validate()
    return place(
      try mean.indices.map {
        try sampler.chooseReal(
          from: Gaussian(mean: 0, standardDeviation: 1),
          at: location &+ UInt64($0) &* 0x9E37_79B9)
      })
  }

  /// μ + L·z.
  func place<Scalar: DifferentiableReal>(_ z: [Scalar]) -> [Scalar] {
    guard let l = factor?.factor else { return mean.map { Scalar($0) } }
    return mean.indices.map { i in
      var sum = Scalar(mean[i])
      for k in 0...i { sum = sum + Scalar(l[i][k]) * z[k] }
      return sum
    }
  }
}
