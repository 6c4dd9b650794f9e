import RealModule

/// Probabilities that sum to one, whose log ratios to the last are independent normals.
///
/// log p(x) = Σᵢ log N(log xᵢ/x_k; μᵢ, σᵢ) − Σ log xᵢ, with i up to k − 1 in the first sum and k in
/// the second (Aitchison and Shen 1980). A model draws it as k − 1 normal choices.
public struct LogisticNormal: ProbabilityDistribution {
  /// μ, one for each component but the last.
  public var means: [Double]
  /// σ, as many.
  public var standardDeviations: [Double]

  /// A distribution over one more component than there are means.
  public init(means: [Double], standardDeviations: [Double]) {
    self.means = means
    self.standardDeviations = standardDeviations
  }

  /// Throws unless there are as many positive deviations as finite means, and any.
  public func validate() throws {
    if means.isEmpty || means.count != standardDeviations.count {
      throw ParameterError(
        "LogisticNormal", "the number of standard deviations", standardDeviations.count,
        must: "the number of means, \(means.count), and not 0")
    }
    for component in components { try component.validate() }
  }

  private var components: [Gaussian<Double>] {
    zip(means, standardDeviations).map { Gaussian(mean: $0, standardDeviation: $1) }
  }

  /// The log density; −∞ where a component isn't positive or the sum isn't 1 (to 1e-8).
  public func logDensity(at x: [Double]) -> Double {
    guard x.count == means.count + 1, x.allSatisfy({ $0 > 0 }), abs(x.reduce(0, +) - 1) < 1e-8
    else { return -.infinity }
    let logs = x.map { Double.log($0) }
    var density = -logs.reduce(0, +)
    for (component, log) in zip(components, logs) {
      density += component.logDensity(at: log - logs[means.count])
    }
    return density
  }

  /// One draw.
  public func draw(using random: inout RandomSource) -> [Double] {
    Self.place(components.map { $0.draw(using: &random) })
  }

  /// Draws as one normal choice for each component but the last.
  public func choose(with sampler: Sampler, at location: UInt64) throws -> [Double] {
    try validate()
    return Self.place(
      try components.enumerated().map { index, component in
        try sampler.chooseReal(from: component, at: location &+ UInt64(index) &* 0x9E37_79B9)
      })
  }

  private static func place(_ z: [Double]) -> [Double] {
    let total = logSumExp(z + [0])
    return (z + [0]).map { Double.exp($0 - total) }
  }
}
