import Foundation
import RealModule

/// A summary of one number's draws: its posterior's moments and interval, and how far to trust them.
///
/// The columns are ArviZ's, and so are the figures: mean and deviation, the narrowest interval with 94% of
/// the draws, the Monte Carlo errors of mean and deviation, the effective sample sizes of bulk and tail, and
/// the rank-normalised split R-hat (Vehtari et al. 2021).
public struct Summary: Sendable, Equatable {
  /// The variable, with its index if it is one of several: `theta[2]`.
  public var name: String
  /// The mean of the draws.
  public var mean: Double
  /// Their standard deviation.
  public var standardDeviation: Double
  /// The narrowest interval that holds 94% of them.
  public var interval: ClosedRange<Double>
  /// The standard error of the mean.
  public var meanError: Double
  /// The standard error of the standard deviation.
  public var deviationError: Double
  /// The number of independent draws that the middle of the distribution is worth.
  public var bulkEffectiveSampleSize: Double
  /// The number of independent draws that the 5% and 95% quantiles are worth.
  public var tailEffectiveSampleSize: Double
  /// Rank-normalised split R-hat: below 1.01 when chains agree in place and width.
  public var rHat: Double
  private let sorted: [Double]

  /// A summary of chains of one length.
  public init(name: String, chains: [[Double]]) {
    self.name = name
    let draws = chains.flatMap { $0 }
    sorted = draws.sorted()
    let count = Double(draws.count)
    let mean = draws.reduce(0, +) / count
    self.mean = mean
    let squares = draws.map { ($0 - mean) * ($0 - mean) }
    let variance = squares.reduce(0, +) / count
    standardDeviation = (variance * count / (count - 1)).squareRoot()
    interval = Self.narrowestInterval(of: sorted, share: 0.94)
    let statistics = ChainStatistics(chains)
    meanError = standardDeviation / statistics.effectiveSampleSize.squareRoot()
    let squareSize = ChainStatistics(
      chains.map { $0.map { ($0 - mean) * ($0 - mean) } }
    ).effectiveSampleSize
    let spread = squares.reduce(0) { $0 + $1 * $1 } / count - variance * variance
    deviationError = (spread / squareSize / variance / 4).squareRoot()
    bulkEffectiveSampleSize = statistics.bulkEffectiveSampleSize
    tailEffectiveSampleSize = statistics.tailEffectiveSampleSize
    rHat = statistics.rankRHat
  }

  /// The quantile of the draws, between neighbours by linear interpolation.
  public func quantile(_ level: Double) -> Double {
    ChainStatistics.quantile(level, ofSorted: sorted)
  }

  private static func narrowestInterval(of sorted: [Double], share: Double) -> ClosedRange<Double> {
    let reach = Int(share * Double(sorted.count))
    var best = 0
    for start in sorted.indices where start + reach < sorted.count {
      if sorted[start + reach] - sorted[start] < sorted[best + reach] - sorted[best] {
        best = start
      }
    }
    guard best + reach < sorted.count else { return 0...0 }
    return sorted[best]...sorted[best + reach]
  }

  /// The columns as ArviZ names them.
  public static let columns = [
    "mean", "sd", "hdi_3%", "hdi_97%", "mcse_mean", "mcse_sd", "ess_bulk", "ess_tail", "r_hat",
  ]

  /// The figures in the order of ``columns``.
  public var figures: [Double] {
    [
      mean, standardDeviation, interval.lowerBound, interval.upperBound, meanError, deviationError,
      bulkEffectiveSampleSize, tailEffectiveSampleSize, rHat,
    ]
  }

  /// Summaries as a table for the terminal: three decimals, whole effective sample sizes.
  public static func table(_ summaries: [Summary]) -> String {
    let rows =
      [[""] + columns]
      + summaries.map { summary in
        [summary.name]
          + zip(columns, summary.figures).map { column, figure in
            String(
              format: column.hasPrefix("ess") ? "%.1f" : column == "r_hat" ? "%.2f" : "%.3f", figure
            )
          }
      }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      row.indices.map { column in
        let space = String(repeating: " ", count: widths[column] - row[column].count)
        return column == 0 ? row[column] + space : space + row[column]
      }.joined(separator: "  ") + "\n"
    }.joined()
  }
}
