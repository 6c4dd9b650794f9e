/// A seed for one purpose at one place of a run, derived from the run's seed.
///
/// Every word goes through SplitMix64's finaliser (Steele et al., 2014), so that neighbouring runs, steps and places have
/// unrelated seeds: sums and multiples of them make the third draw of one run the first of another.
///
/// ```swift
/// let seed = DerivedSeed(run: settings.seed, for: "rollout", step: step, index: rank).value
/// ```
public struct DerivedSeed: Sendable, Hashable {
  /// The seed, of 63 bits: integers of JSON files and of other languages hold it.
  public let value: UInt64

  /// A seed that is the same whenever these four are.
  ///
  /// - Parameters:
  ///   - run: the seed of the whole run.
  ///   - purpose: what is drawn, in words of one's own; other words give unrelated seeds.
  ///   - step: the step, or whatever else is counted first.
  ///   - index: the place within the step.
  public init(run: UInt64, for purpose: String, step: Int = 0, index: Int = 0) {
    // FNV-1a of the purpose's bytes.
    var state = purpose.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    for word in [run, UInt64(bitPattern: Int64(step)), UInt64(bitPattern: Int64(index))] {
      var generator = SeededGenerator(seed: state ^ word)
      state = generator.next()
    }
    value = state >> 1
  }
}
