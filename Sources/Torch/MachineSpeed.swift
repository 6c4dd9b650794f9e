public import Foundation

/// The speed at which this machine multiplies matrices and moves memory, which training steps are measured against.
///
/// ```swift
/// let speed = try MachineSpeed.measured()
/// print(speed.productFlops(.bfloat16) / 1e9, "GFLOP/s")
/// ```
///
/// The figures are the best of several runs in under a second each, kept in `~/.cache/apprentice/machine-speed.json` under
/// the processor, the number of threads and the libtorch that gave them.
public struct MachineSpeed: Codable, Equatable, Sendable {
  /// Multiply and add counted as two, of square float32 products, per second.
  public var float32: Double
  /// The same in bfloat16.
  public var bfloat16: Double
  /// Bytes read plus bytes written per second by a long copy.
  public var memory: Double
  /// The measured machine: processor, threads, device, libtorch.
  public var machine: String
  /// The date of the measurement.
  public var date: Date

  /// Floating-point operations per second of matrix products in a type; float16 is taken to be as fast as bfloat16.
  public func productFlops(_ dtype: DType) -> Double {
    switch dtype {
    case .bfloat16, .float16: bfloat16
    default: float32
    }
  }

  /// The file that remembers the figures: `machine-speed.json` in `$XDG_CACHE_HOME/apprentice` or `~/.cache/apprentice`.
  public static var cacheFile: URL { MachineCache<Self>.file("machine-speed.json") }

  /// The figures of this machine, from the cache or measured now.
  ///
  /// - Parameters:
  ///   - again: measure even if the cache knows; the better of old and new is kept, since a busy machine only looks slow.
  ///   - cache: the file to use; a cache that can't be read or written is no error.
  public static func measured(
    on device: Device = .cpu, again: Bool = false, cache: URL = cacheFile
  ) throws -> MachineSpeed {
    try TorchLibrary.load()
    let machine = Machine.identity(of: device)
    let cache = MachineCache<Self>(cache)
    let old = cache[machine]
    if let old, !again, min(old.float32, old.bfloat16, old.memory) > 0 { return old }
    var speed = try withTensorErrors { measure(device, machine) }
    if let old {
      speed.float32 = max(speed.float32, old.float32)
      speed.bfloat16 = max(speed.bfloat16, old.bfloat16)
      speed.memory = max(speed.memory, old.memory)
    }
    cache[machine] = speed
    return speed
  }

  // MARK: Measuring

  private static func measure(_ device: Device, _ machine: String) -> MachineSpeed {
    withoutGradients {
      let size = device.kind == .cpu ? 1024 : 8192
      let generator = Generator(seed: 1, device: device)
      func product(_ dtype: DType) -> Double {
        let a = Tensor.randn([size, size], generator: generator).to(dtype)
        let b = Tensor.randn([size, size], generator: generator).to(dtype)
        let work = 2 * Double(size) * Double(size) * Double(size)
        return best(device, work: work) { _ = a.matmul(b) }
      }
      let count = device.kind == .cpu ? 32 << 20 : 256 << 20
      let from = Tensor.ones([count], device: device)
      let to = Tensor.zeros([count], device: device)
      return MachineSpeed(
        float32: product(.float32), bfloat16: product(.bfloat16),
        memory: best(device, work: Double(8 * count)) { to.copyInPlace(from) },
        machine: machine, date: Date())
    }
  }

  /// The highest rate of single runs within about half a second.
  private static func best(_ device: Device, work: Double, _ body: () -> Void) -> Double {
    body()
    device.synchronize()
    let clock = ContinuousClock()
    let start = clock.now
    var fastest = Double.infinity
    repeat {
      let taken = clock.measure {
        body()
        device.synchronize()
      }
      fastest = min(fastest, taken / .seconds(1))
    } while clock.now - start < .milliseconds(500)
    return work / fastest
  }
}
