import Foundation
public import Torch

/// How fast this machine multiplies matrices and moves memory, measured by doing it.
///
/// The matrix-product speed is what a training run's speed is a share of: a run at 50% of it spends
/// half of its time on arithmetic that counts.
public enum MachineSpeed {
  /// The best speed of a square matrix product in floating-point operations a second, one
  /// multiply-add counted as two.
  ///
  /// - Parameters:
  ///   - dtype: the element type, such as `float32` or `bfloat16`.
  ///   - device: where the product is taken.
  ///   - size: rows and columns.
  ///   - seconds: for how long it is repeated; the fastest repetition counts.
  public static func matrixProduct(
    dtype: DType = .float32, device: Device = .cpu, size: Int = 1024, seconds: Double = 0.3
  ) -> Double {
    let generator = Generator(seed: 0)
    let left = Tensor.randn([size, size], generator: generator).to(dtype, device: device)
    let right = Tensor.randn([size, size], generator: generator).to(dtype, device: device)
    let operations = 2 * pow(Double(size), 3)
    return operations
      / fastest(seconds: seconds) {
        // Reading one element waits for the device.
        _ = left.matmul(right)[0, 0].item()
      }
  }

  /// The best speed of copying a tensor far larger than the caches, in bytes read and written a
  /// second.
  public static func memory(
    device: Device = .cpu, megabytes: Int = 128, seconds: Double = 0.3
  ) -> Double {
    let count = megabytes * 1_000_000 / 4
    let source = Tensor.zeros([count], device: device)
    let target = Tensor.ones([count], device: device)
    return Double(count * 4 * 2)
      / fastest(seconds: seconds) {
        target.copyInPlace(source)
        _ = target[0].item()
      }
  }

  /// The time of the fastest of the repetitions that fit into some seconds, the first not counted.
  private static func fastest(seconds: Double, _ body: () -> Void) -> Double {
    body()
    let clock = ContinuousClock()
    let end = clock.now + .seconds(seconds)
    var best = Double.infinity
    repeat {
      let time = clock.measure(body)
      best = min(best, time / .seconds(1))
    } while clock.now < end
    return best
  }
}
