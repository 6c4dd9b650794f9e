import Foundation
import Statistics

/// Maps values of one axis to positions and chooses where its ticks go.
struct PlotScale {
  let range: ClosedRange<Double>
  let isLogarithmic: Bool
  let ticks: [Double]

  init(values: [Double], axis: Plot.Axis, ticks wanted: Int) {
    isLogarithmic = axis.isLogarithmic
    let usable = values.filter { $0.isFinite && (!axis.isLogarithmic || $0 > 0) }
    var low = axis.range?.lowerBound ?? usable.min() ?? (axis.isLogarithmic ? 1 : 0)
    var high = axis.range?.upperBound ?? usable.max() ?? (axis.isLogarithmic ? 10 : 1)
    if axis.isLogarithmic {
      if low <= 0 { low = usable.min() ?? 1 }
      if high <= low {
        low /= 2
        high *= 2
      }
    } else if high - low <= 1e-12 * max(low.magnitude, high.magnitude) {
      let half = max(low.magnitude, 1) * 0.5
      low -= half
      high += half
    } else if axis.range == nil {
      let margin = (high - low) * 0.04
      // A quantity that never goes below zero is not shown as if it could.
      low = low >= 0 && low - margin < 0 ? 0 : low - margin
      high += margin
    }
    range = low...high
    ticks =
      axis.isLogarithmic
      ? Self.logarithmicTicks(range, wanted: wanted) : Self.linearTicks(range, wanted: wanted)
  }

  /// 0 at the lower end, 1 at the upper; nil where the value has no place.
  func position(_ value: Double) -> Double? {
    guard value.isFinite else { return nil }
    if isLogarithmic {
      guard value > 0 else { return nil }
      return log(value / range.lowerBound) / log(range.upperBound / range.lowerBound)
    }
    return (value - range.lowerBound) / (range.upperBound - range.lowerBound)
  }

  /// A tick's text, short and unambiguous beside its neighbours.
  func label(_ tick: Double) -> String {
    let largest = max(range.lowerBound.magnitude, range.upperBound.magnitude)
    if isLogarithmic || largest >= 10_000 { return Self.compact(tick) }
    if largest < 1e-3 { return tick == 0 ? "0" : String(format: "%.0e", tick) }
    let step = ticks.count > 1 ? ticks[1] - ticks[0] : 1
    let decimals = Int((-log10(step)).rounded(.up)) + (Self.isHalfStep(step) ? 1 : 0)
    return fixed(tick, max(0, min(6, decimals))).replacingOccurrences(of: "-", with: "−")
  }

  private static func isHalfStep(_ step: Double) -> Bool {
    let mantissa = step / pow(10, floor(log10(step)))
    return (mantissa - 2.5).magnitude < 1e-6
  }

  private static func compact(_ value: Double) -> String {
    let magnitude = value.magnitude
    // Compute is counted far beyond the letters.
    if magnitude >= 1e15 { return String(format: "%.0e", value).replacingOccurrences(of: "e+", with: "e") }
    let (scaled, unit): (Double, String) =
      switch magnitude {
      case 1e12...: (value / 1e12, "T")
      case 1e9...: (value / 1e9, "G")
      case 1e6...: (value / 1e6, "M")
      case 1e3...: (value / 1e3, "k")
      default: (value, "")
      }
    if magnitude != 0, magnitude < 1e-3 { return String(format: "%.0e", value) }
    return String(format: "%.3g", scaled).replacingOccurrences(of: "-", with: "−") + unit
  }

  private static func linearTicks(_ range: ClosedRange<Double>, wanted: Int) -> [Double] {
    let rough = (range.upperBound - range.lowerBound) / Double(max(wanted, 1))
    let power = pow(10, floor(log10(rough)))
    let step = power * ([1, 2, 2.5, 5, 10].first { $0 * power >= rough * 0.999 } ?? 10)
    let first = (range.lowerBound / step - 1e-9).rounded(.up)
    let last = (range.upperBound / step + 1e-9).rounded(.down)
    guard last >= first, last - first < 100 else { return [range.lowerBound, range.upperBound] }
    // Adding 0 turns −0 into 0.
    return stride(from: first, through: last, by: 1).map { $0 * step + 0 }
  }

  private static func logarithmicTicks(_ range: ClosedRange<Double>, wanted: Int) -> [Double] {
    let (low, high) = (log10(range.lowerBound), log10(range.upperBound))
    let mantissas: [Double] = high - low > 3 ? [1] : (high - low > 1.2 ? [1, 3] : [1, 2, 3, 5, 7])
    let every = max(1, Int(((high - low) / Double(max(wanted, 1))).rounded(.up)))
    var ticks: [Double] = []
    for exponent in Int(floor(low))...Int(ceil(high)) where exponent % every == 0 {
      for mantissa in mantissas {
        let tick = mantissa * pow(10, Double(exponent))
        if tick >= range.lowerBound * 0.999, tick <= range.upperBound * 1.001 { ticks.append(tick) }
      }
    }
    return ticks.isEmpty ? [range.lowerBound, range.upperBound] : ticks
  }
}
