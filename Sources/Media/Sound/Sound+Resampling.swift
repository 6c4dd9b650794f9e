import Foundation

extension Sound {
  /// The sound at another rate: convolution with a sinc under a Kaiser window, its cut-off at the lower rate's half.
  ///
  /// Output n lies at time n/`rate`, so both begin together; there are ⌈count·new/old⌉ samples. What lies above 0.95 of the lower
  /// rate's half is damped, and what would be folded back from above it by more than 60 dB (Smith 2002, Digital audio resampling).
  public func resampled(to newRate: Int) -> Sound {
    precondition(newRate > 0, "a rate is above 0")
    guard newRate != rate else { return self }
    let kernel = ResamplingKernel(from: rate, to: newRate)
    return Sound(rate: newRate, channels: channels.map(kernel.apply))
  }
}

/// The filter of one change of rate: for each of the phases that come up, its taps.
private struct ResamplingKernel {
  /// New and old rate without their common divisor.
  let up: Int
  let down: Int
  /// Samples of the old sound on each side of an output.
  let half: Int
  /// `up` phases of `2·half + 1` taps.
  let taps: [[Float]]

  init(from old: Int, to new: Int) {
    let divisor = Self.commonDivisor(old, new)
    up = new / divisor
    down = old / divisor
    let lower = min(1, Double(new) / Double(old))
    // The passband ends a little below the half, so that the slope of the filter lies under it.
    let cutoff = 0.93 * lower
    let zeros = 32.0
    half = Int((zeros / cutoff).rounded(.up))
    let (width, phases) = (half, up)
    taps = (0..<phases).map { phase in
      let shift = Double(phase) / Double(phases)
      let row = (-width...width).map { i -> Double in
        let x = Double(i) - shift
        return cutoff * Self.sinc(cutoff * x) * Self.window(x / Double(width + 1))
      }
      // A constant stays what it is.
      let sum = row.reduce(0, +)
      return row.map { Float($0 / sum) }
    }
  }

  func apply(_ x: [Float]) -> [Float] {
    let count = (x.count * up + down - 1) / down
    return [Float](unsafeUninitializedCapacity: count) { result, filled in
      x.withUnsafeBufferPointer { x in
        for n in 0..<count {
          let place = n * down
          let (center, phase) = (place / up, place % up)
          taps[phase].withUnsafeBufferPointer { taps in
            var sum: Float = 0
            for i in max(-half, -center)...max(-center, min(half, x.count - 1 - center)) where center + i < x.count {
              sum += taps[i + half] * x[center + i]
            }
            result[n] = sum
          }
        }
      }
      filled = count
    }
  }

  private static func sinc(_ x: Double) -> Double { abs(x) < 1e-9 ? 1 : sin(.pi * x) / (.pi * x) }

  /// Kaiser's window with β 8, whose sidelobes lie below −80 dB.
  private static func window(_ x: Double) -> Double {
    abs(x) >= 1 ? 0 : bessel(8 * (1 - x * x).squareRoot()) / bessel(8)
  }

  /// The modified Bessel function of order 0, by its series.
  private static func bessel(_ x: Double) -> Double {
    var (term, sum, k) = (1.0, 1.0, 1.0)
    while term > 1e-12 * sum {
      term *= (x / (2 * k)) * (x / (2 * k))
      sum += term
      k += 1
    }
    return sum
  }

  private static func commonDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : commonDivisor(b, a % b) }
}
