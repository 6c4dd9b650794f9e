import RealModule

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
  private let factor: [[Double]]?

  /// A distribution with a mean and a covariance.
  public init(mean: [Double], covariance: [[Double]]) {
    self.mean = mean
    self.covariance = covariance
    factor = Self.cholesky(covariance)
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

  private static func cholesky(_ matrix: [[Double]]) -> [[Double]]? {
    let size = matrix.count
    guard !matrix.contains(where: { $0.count != size }) else { return nil }
    var l = Array(repeating: Array(repeating: 0.0, count: size), count: size)
    for i in 0..<size {
      for j in 0...i {
        guard abs(matrix[i][j] - matrix[j][i]) <= 1e-9 * (abs(matrix[i][j]) + 1e-300) else {
          return nil
        }
        var sum = matrix[i][j]
        for k in 0..<j { sum -= l[i][k] * l[j][k] }
        if i == j {
          guard sum > 0, sum < .infinity else { return nil }
          l[i][i] = sum.squareRoot()
        } else {
          l[i][j] = sum / l[j][j]
        }
      }
    }
    return l
  }

  /// The log density; −∞ for a vector of another length.
  public func logDensity(at x: [Double]) -> Double {
    guard let l = factor, x.count == mean.count else { return -.infinity }
    var z: [Double] = []
    var density = -0.5 * Double(mean.count) * Double.log(2 * .pi)
    for i in mean.indices {
      var sum = x[i] - mean[i]
      for k in 0..<i { sum -= l[i][k] * z[k] }
      let zi = sum / l[i][i]
      z.append(zi)
      density -= 0.5 * zi * zi + Double.log(l[i][i])
    }
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
    guard let l = factor else { return mean.map { Scalar($0) } }
    return mean.indices.map { i in
      var sum = Scalar(mean[i])
      for k in 0...i { sum = sum + Scalar(l[i][k]) * z[k] }
      return sum
    }
  }
}
