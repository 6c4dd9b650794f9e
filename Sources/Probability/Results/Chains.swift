import RealModule

/// The draws of one or more Markov chains, in order.
public struct Chains<Value: Sendable>: Sendable {
  /// The draws, chain by chain.
  public let draws: [[Value]]
  /// The method's own measures of their quality.
  public var diagnostics: Diagnostics

  /// Draws with their diagnostics.
  public init(draws: [[Value]], diagnostics: Diagnostics) {
    self.draws = draws
    self.diagnostics = diagnostics
  }

  /// The mean of a function over all draws.
  public func expectation(_ function: (Value) -> Double) -> Double {
    var sum = 0.0
    var count = 0
    for chain in draws {
      for value in chain { sum += function(value) }
      count += chain.count
    }
    return sum / Double(count)
  }

  /// Split R-hat of a function: √ of pooled over within variance, each chain cut in two.
  ///
  /// Near 1 (below 1.01) when the halves agree, NaN when all draws are one number; Gelman et al., "Bayesian Data Analysis" (2013),
  /// 11.4.
  public func splitRHat(_ function: (Value) -> Double) -> Double {
    ChainStatistics(draws.map { $0.map(function) }).splitRHat
  }

  /// The number of independent draws that the chains are worth for the mean of a function.
  ///
  /// Geyer's initial monotone sequence over split chains, as in Vehtari et al. (2021).
  public func effectiveSampleSize(_ function: (Value) -> Double) -> Double {
    ChainStatistics(draws.map { $0.map(function) }).effectiveSampleSize
  }
}

extension Chains where Value: Hashable {
  /// The distribution of the draws, all weighted alike.
  ///
  /// For numbers, truth values and integers the diagnostics get their R-hat and effective sample
  /// size.
  public var distribution: Distribution<Value> {
    var table = WeightTable<Value>()
    for chain in draws { for value in chain { table.add(value, logWeight: 0) } }
    var diagnostics = diagnostics
    if let numbers = numericDraws {
      let statistics = ChainStatistics(numbers)
      diagnostics.splitRHat = statistics.splitRHat.isNaN ? nil : statistics.splitRHat
      diagnostics.effectiveSampleSize =
        statistics.effectiveSampleSize.isNaN ? nil : statistics.effectiveSampleSize
      if statistics.splitRHat > 1.05 {
        diagnostics.warnings.append(
          "split R-hat is \(statistics.splitRHat): the chains have not mixed; run them longer")
      }
    }
    return table.distribution(diagnostics)
  }

  private var numericDraws: [[Double]]? {
    if let doubles = draws as? [[Double]] { return doubles }
    if let integers = draws as? [[Int]] { return integers.map { $0.map(Double.init) } }
    if let truths = draws as? [[Bool]] { return truths.map { $0.map { $0 ? 1 : 0 } } }
    return nil
  }
}
