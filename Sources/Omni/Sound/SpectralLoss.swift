public import Torch

/// How far two sounds are apart in what is heard: mean |ln mel₁ − ln mel₂| over windows of three lengths (after Yamamoto 2020).
///
/// Windows of 16, 32 and 64 ms see when and which; phases count for nothing.
public struct SpectralLoss {
  private let scales: [(fourier: ShortTimeFourier, filters: Tensor)]

  /// The loss for sounds at 16 kHz.
  public init() {
    scales = [(256, 64, 32), (512, 128, 64), (1024, 256, 80)].map { size, hop, bands in
      (ShortTimeFourier(size: size, hop: hop), MelFilters.bank(bands: bands, size: size, rate: SoundCodec.rate))
    }
  }

  /// The distance of sounds `[batch, samples]`, a scalar.
  public func callAsFunction(_ a: Tensor, _ b: Tensor) -> Tensor {
    var sum = Tensor(0)
    for scale in scales {
      func logs(_ x: Tensor) -> Tensor { (scale.filters.matmul(scale.fourier.power(x)) + 1e-6).log() }
      sum = sum + (logs(a) - logs(b)).abs().mean()
    }
    return sum / Double(scales.count)
  }
}
