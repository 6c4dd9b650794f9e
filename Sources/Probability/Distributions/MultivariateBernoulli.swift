import RealModule

/// Independent truth values, each with its own probability: log p(x) = Σ log p(xᵢ).
///
/// A model draws it as one Bernoulli choice for each.
public struct MultivariateBernoulli: ProbabilityDistribution {
  /// The probability that each is true.
  public var probabilities: [Double]

  /// Truth values with the given probabilities.
  public init(_ probabilities: [Double]) { self.probabilities = probabilities }

  /// Throws unless there are probabilities and all are in [0, 1].
  public func validate() throws {
    if probabilities.isEmpty {
      throw ParameterError(
        "MultivariateBernoulli", "the list of probabilities", "[]", must: "non-empty")
    }
    for probability in probabilities { try Bernoulli(probability).validate() }
  }

  /// The log mass; −∞ for a list of another length.
  public func logDensity(at x: [Bool]) -> Double {
    guard x.count == probabilities.count else { return -.infinity }
    return zip(probabilities, x).reduce(0) { $0 + Bernoulli($1.0).logDensity(at: $1.1) }
  }

  /// One draw.
  public func draw(using random: inout RandomSource) -> [Bool] {
    probabilities.map { random.uniform() < $0 }
  }

  /// Draws as one choice for each truth value.
  public func choose(with sampler: Sampler, at location: UInt64) throws -> [Bool] {
    try validate()
    return try probabilities.enumerated().map { index, probability in
      let bernoulli = Bernoulli(probability)
      return bernoulli.supportValue(
        at: try sampler.chooseIndex(
          from: bernoulli, at: location &+ UInt64(index) &* 0x9E37_79B9))
    }
  }

  /// The probabilities.
  public var mean: [Double] { probabilities }
}
