import RealModule

/// Probabilities that sum to one.
///
/// log p(x) = Σ (αᵢ − 1) log xᵢ + log Γ(Σαᵢ) − Σ log Γ(αᵢ). A model draws it as one beta choice for
/// each component but the last (stick breaking), so every method can handle it.
public struct Dirichlet: ProbabilityDistribution {
  /// α, one positive number for each component.
  public var concentrations: [Double]

  /// A distribution with given concentrations.
  public init(_ concentrations: [Double]) { self.concentrations = concentrations }

  /// Throws unless there are concentrations and all are positive and finite.
  public func validate() throws {
    if concentrations.isEmpty {
      throw ParameterError("Dirichlet", "the list of concentrations", "[]", must: "non-empty")
    }
    if let bad = concentrations.first(where: { !($0 > 0 && $0 < .infinity) }) {
      throw ParameterError("Dirichlet", "a concentration", bad, must: "finite and > 0")
    }
  }

  /// The log density; −∞ where a component is negative or the sum isn't 1 (to 1e-8).
  public func logDensity(at x: [Double]) -> Double {
    guard x.count == concentrations.count, !x.contains(where: { $0 < 0 }),
      abs(x.reduce(0, +) - 1) < 1e-8
    else { return -.infinity }
    var density = Double.logGamma(concentrations.reduce(0, +))
    for (a, xi) in zip(concentrations, x) {
      density += (a == 1 ? 0 : (a - 1) * Double.log(xi)) - Double.logGamma(a)
    }
    return density
  }

  /// One draw, by normalised gamma numbers in logarithms.
  public func draw(using random: inout RandomSource) -> [Double] {
    let logs = concentrations.map { random.logGamma(shape: $0) }
    let total = logSumExp(logs)
    return logs.map { Double.exp($0 - total) }
  }

  /// Draws as one beta choice a component, of its logit.
  public func choose(with sampler: Sampler, at location: UInt64) throws -> [Double] {
    try validate()
    return try breakStick { index, beta in
      try sampler.chooseReal(
        from: BetaLogit(beta: beta), at: location &+ UInt64(index) &* 0x9E37_79B9)
    }
  }

  /// The components from the logit of each one's share of what those before it left.
  ///
  /// In logarithms, and with what is left summed from the end: differences from the total would lose
  /// small concentrations beside large ones.
  func breakStick<Scalar: DifferentiableReal>(
    _ logit: (Int, Beta<Double>) throws -> Scalar
  ) rethrows -> [Scalar] {
    var rests = concentrations
    for index in rests.indices.dropLast().reversed() { rests[index] += rests[index + 1] }
    var logStick: Scalar = 0
    var x: [Scalar] = []
    x.reserveCapacity(concentrations.count)
    for index in concentrations.indices.dropLast() {
      let u = try logit(index, Beta(concentrations[index], rests[index + 1]))
      x.append(Scalar.exp(logStick - Scalar.softplus(-u)))
      logStick = logStick - Scalar.softplus(u)
    }
    return x + [Scalar.exp(logStick)]
  }

  /// αᵢ / Σα.
  public var mean: [Double] {
    let total = concentrations.reduce(0, +)
    return concentrations.map { $0 / total }
  }

  /// (αᵢ δᵢⱼ / A − αᵢ αⱼ / A²) / (A + 1), A = Σα.
  public var covariance: [[Double]] {
    let total = concentrations.reduce(0, +)
    return concentrations.indices.map { i in
      concentrations.indices.map { j in
        let a = concentrations[i] / total
        let b = concentrations[j] / total
        return ((i == j ? a : 0) - a * b) / (total + 1)
      }
    }
  }
}
