import RealModule

/// The draws of one or more Markov chains, in order.
public struct Chains<Value: Sendable>: Sendable {
  /// The draws, chain by chain.
  public let draws: [[Value]]
  /// What the method knows about them.
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

/// Convergence statistics of numeric chains.
struct ChainStatistics {
  private let halves: [[Double]]
  private let means: [Double]
  private let within: Double
  private let pooled: Double

  init(_ chains: [[Double]]) {
    halves = chains.flatMap { chain -> [[Double]] in
      let half = chain.count / 2
      return half < 2 ? [] : [Array(chain[..<half]), Array(chain[(chain.count - half)...])]
    }
    let length = Double(halves.first?.count ?? 0)
    let means = halves.map { $0.reduce(0, +) / length }
    self.means = means
    let variances = zip(halves, means).map { half, mean in
      half.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (length - 1)
    }
    within = variances.reduce(0, +) / Double(variances.count)
    let grand = means.reduce(0, +) / Double(means.count)
    let between =
      means.reduce(0) { $0 + ($1 - grand) * ($1 - grand) } / Double(max(means.count - 1, 1))
    pooled = within * (length - 1) / length + between
  }

  var splitRHat: Double {
    // Draws that are all alike, of chains that stand still among others, say nothing of agreement.
    if halves.isEmpty || pooled == 0 { return .nan }
    return within == 0 ? .infinity : (pooled / within).squareRoot()
  }

  var effectiveSampleSize: Double {
    guard let length = halves.first?.count else { return .nan }
    let total = Double(length * halves.count)
    guard pooled > 0 else { return .nan }
    let deviations = zip(halves, means).map { half, mean in half.map { $0 - mean } }
    func correlation(_ lag: Int) -> Double {
      var covariance = 0.0
      for deviation in deviations {
        deviation.withUnsafeBufferPointer { x in
          // Four sums at a time, which the processor adds side by side.
          var sums = SIMD4<Double>.zero
          let count = length - lag
          var index = 0
          while index + 4 <= count {
            let here = SIMD4(x[index], x[index + 1], x[index + 2], x[index + 3])
            let there = SIMD4(
              x[index + lag], x[index + lag + 1], x[index + lag + 2], x[index + lag + 3])
            sums += here * there
            index += 4
          }
          var sum = sums.sum()
          while index < count {
            sum += x[index] * x[index + lag]
            index += 1
          }
          covariance += sum / Double(length)
        }
      }
      return 1 - (within - covariance / Double(halves.count)) / pooled
    }
    var sum = 0.0
    var previousPair = Double.infinity
    var lag = 0
    while lag + 1 < length {
      let pair = (lag == 0 ? 1 : correlation(lag)) + correlation(lag + 1)
      if pair < 0 { break }
      let monotone = min(pair, previousPair)
      sum += monotone
      previousPair = monotone
      lag += 2
    }
    let time = max(-1 + 2 * sum, 1 / Double.log10(max(total, 10)))
    return total / time
  }
}
