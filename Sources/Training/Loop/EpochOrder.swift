import Statistics
import Torch

/// The order in which examples are visited: a fresh random order each epoch, decided by the seed alone.
///
/// What step n sees is a function of n, so a resumed run needs no data-loader state, and several processes agree without
/// talking.
public struct EpochOrder {
  /// The number of examples.
  public let count: Int
  let seed: UInt64
  let isShuffled: Bool
  private var epoch = -1
  private var order: [Int] = []

  /// An order over `count` examples.
  public init(count: Int, seed: UInt64, isShuffled: Bool = true) {
    self.count = count
    self.seed = seed
    self.isShuffled = isShuffled
  }

  /// The examples number `first` to `first + length − 1` of the endless sequence of epochs.
  public mutating func indices(from first: Int, count length: Int) -> [Int] {
    guard count > 0 else { return [] }
    return (first..<first + length).map { position in
      let wanted = position / count
      if wanted != epoch {
        epoch = wanted
        order =
          isShuffled
          ? Self.permutation(count, seed: DerivedSeed(run: seed, for: "epoch", step: wanted).value)
          : Array(0..<count)
      }
      return order[position % count]
    }
  }

  /// A random order of 0 ..< count, decided by the seed.
  public static func permutation(_ count: Int, seed: UInt64) -> [Int] {
    Tensor.randperm(count, generator: Generator(seed: seed)).array(of: Int.self)
  }
}
