public import Torch

/// The random numbers of a run: one seeded ``Generator`` for each device, saved and restored together.
///
/// One source is made by the run and handed to every module that draws while it trains, so that the whole network's
/// randomness is one small state: a resumed run drops the same features as the interrupted one would have.
///
/// ```swift
/// let random = RandomSource(seed: 1)
/// let dropout = Dropout(0.1, random: random)
/// let saved = random.state        // with the checkpoint
/// random.state = saved            // on resume
/// ```
public final class RandomSource {
  /// The seed of every device's stream.
  public private(set) var seed: UInt64
  private var generators: [Device: Generator] = [:]
  private var waiting: [String: [UInt8]] = [:]

  /// Streams that start from `seed` when a device first asks.
  public init(seed: UInt64) { self.seed = seed }

  /// Starts every stream again from another seed.
  ///
  /// A loop that does so with a seed made of its own and the step's number needs no saved state to resume to the bit.
  public func restart(seed: UInt64) {
    self.seed = seed
    generators = [:]
    waiting = [:]
  }

  /// The stream of a device.
  public func generator(on device: Device) -> Generator {
    if let made = generators[device] { return made }
    let made = Generator(seed: seed, device: device)
    if let saved = waiting.removeValue(forKey: device.description) { made.state = saved }
    generators[device] = made
    return made
  }

  /// The state of every stream that was used, by the device's name.
  ///
  /// Setting it puts streams that it doesn't name back to the seed; a device that is first used later starts where its
  /// saved stream was.
  public var state: [String: [UInt8]] {
    get {
      var found = waiting
      for (device, generator) in generators { found[device.description] = generator.state }
      return found
    }
    set {
      generators = [:]
      waiting = newValue
    }
  }
}
