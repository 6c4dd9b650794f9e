import Foundation
public import Torch

/// The short-time Fourier transform, as a convolution, so that gradients flow through it.
///
/// X[t, k] = Σ_n w[n]·x[t·hop + n − size/2]·e^(−2πikn/size) with Hann's window w and the signal mirrored at its ends, as `torch.stft` and
/// Whisper's features have it.
///
/// ```
/// let fourier = ShortTimeFourier(size: 400, hop: 160)
/// let power = fourier.power(samples)          // [batch, samples] → [batch, 201, 1 + samples/160]
/// ```
public struct ShortTimeFourier {
  /// The length of a window, in samples.
  public let size: Int
  /// The distance between windows, in samples.
  public let hop: Int
  /// Windowed cosines, then sines: `[2·(size/2 + 1), 1, size]`.
  private let basis: Tensor

  /// A transform with windows of `size` samples, `hop` apart.
  ///
  /// - Parameter dtype: the type that sums are made in; float64 where quiet bands beside loud ones must be right to the last digit.
  public init(size: Int, hop: Int, dtype: DType = .float32) {
    precondition(size > 1 && hop > 0, "windows have samples and move")
    self.size = size
    self.hop = hop
    let bins = size / 2 + 1
    let window = (0..<size).map { 0.5 - 0.5 * cos(2 * .pi * Double($0) / Double(size)) }
    var rows: [Double] = []
    rows.reserveCapacity(2 * bins * size)
    for isSine in [false, true] {
      for k in 0..<bins {
        for n in 0..<size {
          // The angle is reduced in whole numbers, so that it is exact.
          let angle = 2 * .pi * Double(k * n % size) / Double(size)
          rows.append(window[n] * (isSine ? -sin(angle) : cos(angle)))
        }
      }
    }
    basis = Tensor(rows, shape: [2 * bins, 1, size]).to(dtype)
  }

  /// |X|² of signals `[batch, samples]`: `[batch, size/2 + 1, 1 + samples/hop]`.
  public func power(_ x: Tensor) -> Tensor {
    let bins = size / 2 + 1
    let squares = mirrored(x.to(basis.dtype)).unsqueezed(1).conv1d(basis.to(device: x.device), nil, stride: hop)
      .square()
    return squares.slice(0..<bins, axis: 1) + squares.slice(bins..<2 * bins, axis: 1)
  }

  /// The signals with `size/2` samples mirrored at each end; shorter ones are first filled up with silence.
  private func mirrored(_ x: Tensor) -> Tensor {
    let half = size / 2
    let x = x.size(1) > half ? x : x.padded([0, half + 1 - x.size(1)])
    let length = x.size(1)
    return .concatenated(
      [
        x.slice(1..<half + 1, axis: 1).flipped(1), x, x.slice(length - half - 1..<length - 1, axis: 1).flipped(1),
      ], axis: 1)
  }
}

/// Triangular filters that are evenly spaced on the mel scale, each of the same area (Slaney 1998, Auditory toolbox).
///
/// They equal `librosa.filters.mel` and what Whisper has in its files.
public enum MelFilters {
  /// The filters of `bands` bands up to half the rate: `[bands, size/2 + 1]`.
  public static func bank(bands: Int, size: Int, rate: Int) -> Tensor {
    let bins = size / 2 + 1
    let top = mel(Double(rate) / 2)
    let edges = (0..<bands + 2).map { hertz(top * Double($0) / Double(bands + 1)) }
    let weights = (0..<bands).flatMap { band -> [Float] in
      let (low, center, high) = (edges[band], edges[band + 1], edges[band + 2])
      return (0..<bins).map { bin in
        let f = Double(bin * rate) / Double(size)
        let slope = min((f - low) / (center - low), (high - f) / (high - center))
        return Float(max(0, slope) * 2 / (high - low))
      }
    }
    return Tensor(weights, shape: [bands, bins])
  }

  /// Linear to 1000 Hz, logarithmic above.
  private static func mel(_ hertz: Double) -> Double {
    hertz < 1000 ? hertz * 3 / 200 : 15 + log(hertz / 1000) * 27 / log(6.4)
  }

  private static func hertz(_ mel: Double) -> Double {
    mel < 15 ? mel * 200 / 3 : 1000 * exp((mel - 15) * log(6.4) / 27)
  }
}
