/// A small, fast random source whose whole state is one seed: SplitMix64 (Steele et al., 2014).
///
/// The same seed gives the same numbers on every platform. Not for secrets.
public struct SeededGenerator: RandomNumberGenerator, Sendable, Codable, Equatable {
  /// The whole state: a generator with this seed goes on with the same numbers.
  public private(set) var state: UInt64

  /// Starts a stream of numbers; nearby seeds give unrelated streams.
  public init(seed: UInt64) {
    state = seed
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A number drawn evenly from 0 (included) to 1 (excluded), with 53 random bits.
  public mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// An index drawn evenly from `0..<count`.
  @inline(__always)
  public mutating func index(below count: Int) -> Int {
    // Lemire's multiplication: the bias, below count / 2⁶⁴, is far under what could be measured.
    Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(count)).high)
  }
}
