import NeuralNetworks
import Testing
import Torch

@Suite struct InitializerTests {
  private let generator = Generator(seed: 5)

  private func moments(_ x: Tensor) -> (mean: Double, deviation: Double, largest: Double) {
    (x.mean().item(), x.variance().item().squareRoot(), x.abs().max().item())
  }

  private static let stated: [(Initializer, Double)] = {
    let inAndOut: Double = 2.0 / 500
    let inOnly: Double = 2.0 / 200
    return [
      (.normal(standardDeviation: 0.02), 0.02),
      (.xavierNormal(gain: 2), 2 * inAndOut.squareRoot()),
      (.xavierUniform(), inAndOut.squareRoot()),
      (.kaimingNormal(), inOnly.squareRoot()),
      (.kaimingUniform(), inOnly.squareRoot()),
      // A normal cut at ±2σ has 0.8796 of its deviation.
      (.truncatedNormal(standardDeviation: 0.5), 0.5 * 0.87962566),
    ]
  }()

  /// 300 × 200 draws: a mean within five standard errors, a deviation within 2%.
  @Test(arguments: stated)
  func hasTheStatedDeviation(_ initializer: Initializer, _ deviation: Double) {
    let found = moments(initializer([300, 200], generator: generator))
    #expect(abs(found.mean) < 5 * deviation / 60_000.0.squareRoot())
    #expect(abs(found.deviation / deviation - 1) < 0.02)
  }

  @Test func boundsHold() {
    let truncated = moments(
      Initializer.truncatedNormal(standardDeviation: 0.1)([300, 200], generator: generator))
    #expect(truncated.largest <= 0.2 && truncated.largest > 0.19)
    let uniform = moments(Initializer.kaimingUniform(gain: 1)([300, 12], generator: generator))
    #expect(uniform.largest <= 0.5 && uniform.largest > 0.49)
    // Kernels count their window: fan-in 4·9.
    let kernel = moments(Initializer.kaimingUniform(gain: 1)([300, 4, 3, 3], generator: generator))
    #expect(kernel.largest <= (3.0 / 36).squareRoot() && kernel.largest > 0.98 * (3.0 / 36).squareRoot())
  }

  @Test(arguments: [[6, 6], [4, 10], [10, 4], [64, 64], [8, 2, 3]])
  func orthogonalRowsOrColumnsAreOrthonormal(_ shape: [Int]) {
    let made = Initializer.orthogonal(gain: 3)(shape, generator: generator)
    #expect(made.shape == shape)
    let x = made.reshaped(shape[0], -1) / 3
    let gram = x.size(0) <= x.size(1) ? x.matmul(x.transposed()) : x.transposed().matmul(x)
    #expect(difference(gram, Tensor.eye(gram.size(0))) < 1e-5)
  }

  /// A uniform orthogonal matrix has entries of mean 0 and variance 1/n, whatever the place.
  @Test func orthogonalMatricesAreUniform() {
    let corner = (0..<400).map { _ in
      Initializer.orthogonal()([3, 3], generator: generator)[0, 0].item()
    }
    let mean = corner.reduce(0, +) / 400
    let variance = corner.map { $0 * $0 }.reduce(0, +) / 400
    #expect(abs(mean) < 0.12)
    #expect(abs(variance - 1.0 / 3) < 0.06)
  }

  @Test func theSameSeedGivesTheSameNumbers() {
    for initializer in [Initializer.truncatedNormal(standardDeviation: 1), .orthogonal(), .xavierNormal()] {
      let a = initializer([20, 30], generator: Generator(seed: 8))
      #expect(isSame(a, initializer([20, 30], generator: Generator(seed: 8))))
      #expect(!isSame(a, initializer([20, 30], generator: Generator(seed: 9))))
    }
  }
}
