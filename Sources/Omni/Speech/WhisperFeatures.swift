package import Torch

/// The log-mel spectrogram that Whisper reads (Radford 2022, section 2.2): windows of 25 ms every 10 ms of sound at 16 kHz.
///
/// log₁₀ of the mel bands' power, not more than 8 below its maximum, plus 4, over 4. Frames follow the whole recording, as in
/// OpenAI's and faster-whisper's implementations: windows of 30 seconds are cut out of it and filled up with zeros.
package struct WhisperFeatures {
  /// Samples a second.
  static let rate = 16_000
  /// Samples between frames.
  static let hop = 160
  /// Frames of a window of 30 seconds.
  static let windowFrames = 3000

  private let fourier = ShortTimeFourier(size: 400, hop: hop, dtype: .float64)
  private let filters: Tensor

  package init(bands: Int) { filters = MelFilters.bank(bands: bands, size: 400, rate: Self.rate).to(.float64) }

  /// The features of a recording, `[bands, frames]`, one frame for each 160 samples, rounded up.
  package func callAsFunction(_ samples: [Float]) -> Tensor {
    // The last window reaches into silence.
    let x = Tensor(samples + [Float](repeating: 0, count: Self.hop), shape: [1, samples.count + Self.hop])
    let power = fourier.power(x).select(0, axis: 0)
    let bands = filters.matmul(power.slice(0..<max(1, power.size(1) - 1), axis: 1))
    let logs = bands.clamped(1e-10).log() * (1 / 2.302585092994046)
    return ((logs.maximum(logs.max() - 8) + 4) / 4).to(.float32)
  }

  /// The window of 30 seconds from a frame on, `[1, bands, 3000]`, zeros where the recording has ended.
  static func window(_ features: Tensor, from frame: Int) -> Tensor {
    let part = features.slice(frame..<min(frame + windowFrames, features.size(1)), axis: 1)
    return part.padded([0, windowFrames - part.size(1)]).unsqueezed(0)
  }
}
