/// A way to draw a word from the numbers that a model gives all of them.
public enum TokenDraw: Sendable {
  /// From the probabilities softmax(logits/T); temperature 0 takes the most probable.
  case categorical
  /// As the published page did it: argmax of exp(pᵢ/T)·Uᵢ with p = softmax(logits), which is not sampling.
  case released

  /// Draws a number below `count`, which is 1 or more; `weights` is scratch of that length.
  public func draw(
    _ logits: UnsafePointer<Float>, weights: UnsafeMutablePointer<Float>, count: Int, temperature: Float,
    random: inout RandomBits
  ) -> Int {
    var best = 0
    for i in 0..<count where logits[i] > logits[best] { best = i }
    guard temperature > 0 else { return best }
    let divisor = self == .categorical ? temperature : 1
    var sum: Float = 0
    for i in 0..<count {
      weights[i] = Elementary.exp((logits[i] - logits[best]) / divisor)
      sum += weights[i]
    }
    switch self {
    case .categorical:
      var left = random.uniform() * sum
      for i in 0..<count {
        left -= weights[i]
        if left < 0 { return i }
      }
      return best
    case .released:
      var most: Float = -1
      var chosen = best
      for i in 0..<count {
        let score = Elementary.exp(weights[i] / sum / temperature) * random.uniform()
        if score > most { (most, chosen) = (score, i) }
      }
      return chosen
    }
  }
}

/// Random bits whose whole state is one number: SplitMix64 (Steele et al., 2014).
public struct RandomBits: Sendable {
  private var state: UInt64

  /// A stream of a seed.
  public init(seed: UInt64) { state = seed }

  /// A number drawn evenly from 0 (included) to 1 (excluded), with 24 bits.
  public mutating func uniform() -> Float {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Float((z ^ (z >> 31)) >> 40) * 0x1p-24
  }
}
