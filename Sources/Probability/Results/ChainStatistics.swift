import RealModule
import Statistics

/// Convergence statistics of numeric chains of one length, each cut in two.
///
/// As in Vehtari, Gelman, Simpson, Carpenter and Bürkner, "Rank-normalization, folding, and localization"
/// (2021); held to ArviZ's values.
struct ChainStatistics {
  private let chains: [[Double]]
  private let halves: [[Double]]
  private let means: [Double]
  private let within: Double
  private let pooled: Double

  init(_ chains: [[Double]]) {
    self.init(
      chains: chains,
      halves: chains.flatMap { chain -> [[Double]] in
        let half = chain.count / 2
        return half < 2 ? [] : [Array(chain[..<half]), Array(chain[(chain.count - half)...])]
      })
  }

  private init(chains: [[Double]], halves: [[Double]]) {
    self.chains = chains
    self.halves = halves
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

  /// √ of pooled over within variance; NaN for draws that are all one number, which is what chains that
  /// stand still have too, and says nothing of agreement.
  var splitRHat: Double {
    if halves.isEmpty || pooled == 0 { return .nan }
    return within == 0 ? .infinity : (pooled / within).squareRoot()
  }

  /// The larger split R-hat of the ranks and of the distances from the median: the one sees chains in
  /// different places, the other chains of different widths.
  var rankRHat: Double {
    let median = Self.quantile(0.5, ofSorted: chains.joined().sorted())
    let ranks = rankNormalized.splitRHat
    let folded = ChainStatistics(chains.map { $0.map { abs($0 - median) } }).rankNormalized.splitRHat
    return folded.isNaN ? ranks : max(ranks, folded)
  }

  /// The number of independent draws that ranks are worth: of the middle of the distribution.
  var bulkEffectiveSampleSize: Double { rankNormalized.effectiveSampleSize }

  /// The lesser of the numbers of independent draws that the shares below the 5% and 95% quantiles are
  /// worth.
  var tailEffectiveSampleSize: Double {
    let all = chains.joined().sorted()
    let sizes = [0.05, 0.95].map { level in
      let quantile = Self.quantile(level, ofSorted: all)
      return ChainStatistics(chains.map { $0.map { $0 <= quantile ? 1 : 0 } }).effectiveSampleSize
    }
    return sizes.min() ?? .nan
  }

  /// The same chains with each draw replaced by the normal quantile of its rank, ties sharing theirs.
  private var rankNormalized: ChainStatistics {
    let length = halves.first?.count ?? 0
    let all = Array(halves.joined())
    let order = all.indices.sorted { all[$0] < all[$1] }
    var scores = all
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, all[order[end]] == all[order[start]] { end += 1 }
      let rank = Double(start + end + 1) / 2
      let score = StandardNormal.quantile((rank - 0.375) / (Double(all.count) + 0.25))
      for place in start..<end { scores[order[place]] = score }
      start = end
    }
    let ranked = halves.indices.map { Array(scores[($0 * length)..<(($0 + 1) * length)]) }
    return ChainStatistics(chains: ranked, halves: ranked)
  }

  /// The quantile of sorted numbers, between neighbours by linear interpolation.
  static func quantile(_ level: Double, ofSorted sorted: [Double]) -> Double {
    guard let last = sorted.last else { return .nan }
    let position = level * Double(sorted.count - 1)
    let index = Int(position)
    guard index + 1 < sorted.count else { return last }
    return sorted[index] + (position - Double(index)) * (sorted[index + 1] - sorted[index])
  }

  /// Geyer's initial monotone sequence over the pooled autocorrelations.
  var effectiveSampleSize: Double {
    guard let length = halves.first?.count else { return .nan }
    let total = Double(length * halves.count)
    guard pooled > 0 else { return .nan }
    let deviations = zip(halves, means).map { half, mean in half.map { $0 - mean } }
    func correlation(_ lag: Int) -> Double {
      1 - (within - Self.autocovariance(deviations, lag)) / pooled
    }
    // Pairs of neighbouring lags, for as long as their sums are positive.
    var even = 1.0
    var odd = correlation(1)
    var correlations = [even, odd]
    var lag = 1
    while lag < length - 3, even + odd > 0 {
      even = correlation(lag + 1)
      odd = correlation(lag + 2)
      correlations += even + odd >= 0 ? [even, odd] : [0, 0]
      lag += 2
    }
    let last = lag - 2
    if even > 0 { correlations[last + 1] = even }
    // Sums that rise again are noise.
    for t in stride(from: 1, through: last - 2, by: 2)
    where correlations[t + 1] + correlations[t + 2] > correlations[t - 1] + correlations[t] {
      correlations[t + 1] = (correlations[t - 1] + correlations[t]) / 2
      correlations[t + 2] = correlations[t + 1]
    }
    let sum = correlations[..<(last + 1)].reduce(0, +)
    let time = max(-1 + 2 * sum + correlations[last + 1], 1 / Double.log10(max(total, 10)))
    return total / time
  }

  /// The mean over chains of Σ dᵢ dᵢ₊ₗ / n.
  private static func autocovariance(_ deviations: [[Double]], _ lag: Int) -> Double {
    var covariance = 0.0
    for deviation in deviations {
      deviation.withUnsafeBufferPointer { x in
        // Four sums at a time, which the processor adds side by side.
        var sums = SIMD4<Double>.zero
        let count = x.count - lag
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
        covariance += sum / Double(x.count)
      }
    }
    return covariance / Double(deviations.count)
  }
}
