public import Media
import Torch

/// Says which of some known sentences a sound is, by its distance to each of them spoken: a judge of speech that learnt nothing.
///
/// Log-mel spectra of 24 bands every 10 ms, their mean taken off, are laid over each other by dynamic time warping (Sakoe 1978).
///
/// ```
/// let reader = UtteranceReader(examples.map { ($0.text, $0.sound) })
/// print(reader.text(of: sound))
/// ```
public final class UtteranceReader {
  private let fourier = ShortTimeFourier(size: 400, hop: 160)
  private let filters = MelFilters.bank(bands: 24, size: 400, rate: SoundCodec.rate)
  private var examples: [(text: String, features: Tensor)] = []

  /// A reader of these sentences; one may be there in several voices.
  public init(_ examples: [(text: String, sound: Sound)]) {
    self.examples = examples.map { ($0.text, features($0.sound)) }
  }

  /// The sentence whose spoken example is nearest.
  public func text(of sound: Sound) -> String {
    let own = features(sound)
    let distances = examples.map { Self.warped(own, $0.features) }
    let best = distances.indices.min { distances[$0] < distances[$1] }
    return best.map { examples[$0].text } ?? ""
  }

  /// `[frames, bands]`, each band's mean 0.
  private func features(_ sound: Sound) -> Tensor {
    let samples = sound.mono().resampled(to: SoundCodec.rate).channels[0]
    let x = Tensor(samples.isEmpty ? [0] : samples, shape: [1, max(1, samples.count)])
    return withoutGradients {
      let logs = (filters.matmul(fourier.power(x).select(0, axis: 0)) + 1e-4).log().transposed().contiguous()
      return logs - logs.mean(axis: 0, keepAxes: true)
    }
  }

  /// The mean distance along the best path that never goes back in either.
  private static func warped(_ a: Tensor, _ b: Tensor) -> Double {
    let (n, m) = (a.size(0), b.size(0))
    let squares = a.square().sum(axis: 1).unsqueezed(1) + b.square().sum(axis: 1) - a.matmul(b.transposed()) * 2
    let costs = squares.clamped(0).sqrt().array() as [Float]
    return costs.withUnsafeBufferPointer { costs in
      var row = [Float](repeating: .infinity, count: m + 1)
      row[0] = 0
      for i in 0..<n {
        var diagonal = row[0]
        row[0] = .infinity
        for j in 0..<m {
          let up = row[j + 1]
          row[j + 1] = costs[i * m + j] + min(diagonal, up, row[j])
          diagonal = up
        }
      }
      return Double(row[m]) / Double(n + m)
    }
  }
}
