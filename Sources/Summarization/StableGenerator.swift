/// A small random generator whose output is the same on every platform and in every release.
///
/// SplitMix64: `state += 0x9E3779B97F4A7C15`, then two rounds of xor-shift and multiplication
/// (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014).
/// The bounded methods below are defined here rather than taken from the standard library, whose
/// algorithms for ranges and shuffles aren't promised to stay as they are: a post must not change
/// with the compiler.
package struct StableGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// Starts the stream of SplitMix64 from a state.
  package init(state: UInt64) {
    self.state = state
  }

  /// Starts a stream for a path of numbers, such as `[seed, purpose, index]`.
  ///
  /// Streams of different paths are unrelated, also where the numbers are small and close.
  package init(path: [UInt64]) {
    state = path.reduce(0x6A09_E667_F3BC_C908) { Self.mixed($0 &* 31 &+ Self.mixed($1)) }
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Self.mixed(state)
  }

  /// A number in `0..<bound`, by Lemire's multiply-shift; the bias is below `bound / 2^64`.
  package mutating func below(_ bound: Int) -> Int {
    precondition(bound > 0, "a draw needs at least one outcome")
    return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// True with the given probability.
  package mutating func chance(_ probability: Double) -> Bool {
    Double(next() >> 11) * 0x1p-53 < probability
  }

  /// One of the elements, each as likely as the others.
  package mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[below(elements.count)]
  }

  /// One of the elements except those that the predicate rejects, or nil if it rejects all.
  package mutating func pick<Element>(
    _ elements: [Element], where accepted: (Element) -> Bool
  ) -> Element? {
    let candidates = elements.filter(accepted)
    return candidates.isEmpty ? nil : pick(candidates)
  }

  /// The elements in an order drawn by Fisher and Yates's method.
  package mutating func permuted<Element>(_ elements: [Element]) -> [Element] {
    var result = elements
    for last in stride(from: result.count - 1, to: 0, by: -1) {
      result.swapAt(last, below(last + 1))
    }
    return result
  }

  /// SplitMix64's finaliser: a bijection of 64-bit numbers in which every bit depends on every bit.
  package static func mixed(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
