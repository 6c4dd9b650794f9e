import RealModule

/// The counts of each outcome in independent trials.
///
/// A model draws it as one binomial choice for each outcome but the last, so it can be enumerated.
public struct Multinomial: ProbabilityDistribution {
  /// n ≥ 0.
  public var trials: Int
  /// The probability of each outcome; they need not sum to one.
  public var weights: [Double]

  /// Counts over a number of trials.
  public init(trials: Int, weights: [Double]) {
    self.trials = trials
    self.weights = weights
  }

  /// Throws unless n ≥ 0 and the weights are non-negative with a positive sum.
  public func validate() throws {
    if trials < 0 {
      throw ParameterError("Multinomial", "the number of trials", trials, must: "≥ 0")
    }
    if let bad = weights.first(where: { !($0 >= 0 && $0 < .infinity) }) {
      throw ParameterError("Multinomial", "a weight", bad, must: "finite and ≥ 0")
    }
    if !(weights.reduce(0, +) > 0) {
      throw ParameterError("Multinomial", "the total weight", 0, must: "above 0")
    }
  }

  /// log n! − Σ log kᵢ! + Σ kᵢ log pᵢ; −∞ where the counts don't fit.
  public func logDensity(at counts: [Int]) -> Double {
    guard counts.count == weights.count, counts.reduce(0, +) == trials,
      !counts.contains(where: { $0 < 0 })
    else { return -.infinity }
    let logTotal = Double.log(weights.reduce(0, +))
    var density = Double.logGamma(Double(trials) + 1)
    for (count, weight) in zip(counts, weights) where count > 0 {
      density +=
        Double(count) * (Double.log(weight) - logTotal) - Double.logGamma(Double(count) + 1)
    }
    return density
  }

  /// n pᵢ.
  public var mean: [Double] {
    let total = weights.reduce(0, +)
    return weights.map { Double(trials) * $0 / total }
  }

  /// n (pᵢ δᵢⱼ − pᵢ pⱼ).
  public var covariance: [[Double]] {
    let total = weights.reduce(0, +)
    return weights.indices.map { i in
      weights.indices.map { j in
        let p = weights[i] / total
        return Double(trials) * ((i == j ? p : 0) - p * weights[j] / total)
      }
    }
  }

  /// One draw.
  public func draw(using random: inout RandomSource) -> [Int] {
    conditionals { _, trials, p in random.binomial(trials: trials, probability: p) }
  }

  /// Draws as one binomial choice an outcome.
  public func choose(with sampler: Sampler, at location: UInt64) throws -> [Int] {
    try validate()
    return try conditionals { index, trials, p in
      try sampler.chooseIndex(
        from: Binomial(trials: trials, p: p), at: location &+ UInt64(index) &* 0x9E37_79B9)
    }
  }

  /// Each outcome's count given those before it.
  private func conditionals(_ draw: (Int, Int, Double) throws -> Int) rethrows -> [Int] {
    var left = trials
    // Summed from the end: differences from the total would lose small weights beside large ones.
    var rests = weights
    for index in rests.indices.dropLast().reversed() { rests[index] += rests[index + 1] }
    var counts: [Int] = []
    for (index, weight) in weights.dropLast().enumerated() {
      let count = try draw(index, left, rests[index] > 0 ? min(weight / rests[index], 1) : 0)
      counts.append(count)
      left -= count
    }
    return counts + [left]
  }
}
