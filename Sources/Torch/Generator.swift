import CTorch

/// A seeded stream of random numbers, libtorch's own Mersenne Twister on the CPU and Philox on GPUs.
///
/// The same seed gives the numbers that PyTorch gives for it. The state can be saved and restored, so that a resumed run
/// draws what the interrupted one would have drawn.
public final class Generator {
  let pointer: OpaquePointer
  /// The device whose numbers it draws.
  public let device: Device

  /// A stream that starts from `seed`.
  public init(seed: UInt64, device: Device = .cpu) {
    guard let made = torch.pointee.generator_new(seed, device.kind.rawValue, Int32(device.index)) else {
      fatalError("generator: \(lastMessage())")
    }
    pointer = made
    self.device = device
  }
  deinit { torch.pointee.generator_free(pointer) }

  /// The whole state, as bytes.
  public var state: [UInt8] {
    get { made("generator_state", torch.pointee.generator_state(pointer), []).array(of: UInt8.self) }
    set {
      let bytes = Tensor(newValue)
      done("generator_set_state", torch.pointee.generator_set_state(pointer, bytes.pointer), [bytes])
    }
  }
}

extension Tensor {
  /// Draws from the standard normal distribution.
  public static func randn(_ shape: [Int], generator: Generator, dtype: DType = .float32) -> Tensor {
    let device = generator.device
    return shape.withDims { dims, n in
      made(
        "randn",
        torch.pointee.randn(
          dims, n, generator.pointer, dtype.rawValue, device.kind.rawValue, Int32(device.index)), [])
    }
  }
  /// Draws uniformly from [0, 1).
  public static func rand(_ shape: [Int], generator: Generator, dtype: DType = .float32) -> Tensor {
    let device = generator.device
    return shape.withDims { dims, n in
      made(
        "rand",
        torch.pointee.rand(
          dims, n, generator.pointer, dtype.rawValue, device.kind.rawValue, Int32(device.index)), [])
    }
  }
  /// Draws integers uniformly from `range`, as int64.
  public static func randint(_ range: Range<Int>, _ shape: [Int], generator: Generator) -> Tensor {
    let device = generator.device
    return shape.withDims { dims, n in
      made(
        "randint",
        torch.pointee.randint(
          Int64(range.lowerBound), Int64(range.upperBound), dims, n, generator.pointer,
          device.kind.rawValue, Int32(device.index)), [])
    }
  }
  /// A random order of 0 ..< size, as int64.
  public static func randperm(_ size: Int, generator: Generator) -> Tensor {
    made("randperm", torch.pointee.randperm(Int64(size), generator.pointer), [])
  }
  /// Draws `count` indices for each row of probabilities (which need not be normalised).
  public func multinomial(_ count: Int, replacement: Bool = false, generator: Generator) -> Tensor {
    made(
      "multinomial",
      torch.pointee.multinomial(pointer, Int64(count), replacement ? 1 : 0, generator.pointer), [self])
  }
  /// Overwrites the elements with draws from a normal distribution.
  public func normalInPlace(mean: Double = 0, standardDeviation: Double = 1, generator: Generator) {
    done(
      "normal_", torch.pointee.normal_(pointer, mean, standardDeviation, generator.pointer), [self])
  }
  /// Overwrites the elements with draws from [low, high).
  public func uniformInPlace(_ low: Double = 0, _ high: Double = 1, generator: Generator) {
    done("uniform_", torch.pointee.uniform_(pointer, low, high, generator.pointer), [self])
  }
  /// Zeroes each element with probability `p` and scales the rest by 1/(1 − p) (Srivastava 2014).
  public func dropout(_ p: Double, generator: Generator) -> Tensor {
    p == 0 ? self : made("dropout", torch.pointee.dropout(pointer, p, generator.pointer), [self])
  }
}
