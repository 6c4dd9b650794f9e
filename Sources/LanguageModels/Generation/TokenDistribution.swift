import Foundation
import Torch

/// The probabilities that a token is drawn by: after temperature, min-p, top-k and top-p.
struct TokenDistribution {
  private(set) var probabilities: [Float]

  /// The distributions of rows of logits `[rows, vocabulary]`, all at positive temperatures.
  static func rows(_ logits: Tensor, _ parameters: [SamplingParameters]) -> [TokenDistribution] {
    guard !parameters.isEmpty else { return [] }
    let factors = Tensor(parameters.map { Float(1 / $0.temperature) }, shape: [parameters.count, 1])
    let width = logits.size(1)
    let all = (logits.to(.float32) * factors.to(device: logits.device)).softmax(axis: -1).array()
    return parameters.enumerated().map { row, how in
      TokenDistribution(softmax: Array(all[row * width..<(row + 1) * width]), how)
    }
  }

  /// Filters in the order of the sampling kernel: what is kept must be the same tokens.
  private init(softmax: [Float], _ how: SamplingParameters) {
    probabilities = softmax
    if how.minP > 0 {
      let floor = (softmax.max() ?? 0) * Float(how.minP)
      for i in softmax.indices where softmax[i] < floor { probabilities[i] = 0 }
    }
    if how.topK > 0 || how.topP < 1 {
      var best = probabilities.indices.filter { probabilities[$0] > 0 }
        .sorted { (probabilities[$1], $0) < (probabilities[$0], $1) }
      if how.topK > 0 { best = Array(best.prefix(how.topK)) }
      if how.topP < 1 {
        let goal = how.topP * best.reduce(0) { $0 + Double(probabilities[$1]) }
        var held = 0.0
        let count = best.firstIndex {
          held += Double(probabilities[$0])
          return held >= goal
        }
        if let count { best = Array(best[...count]) }
      }
      var kept = [Float](repeating: 0, count: softmax.count)
      for i in best { kept[i] = probabilities[i] }
      probabilities = kept
    }
    normalize()
  }

  private mutating func normalize() {
    let total = probabilities.reduce(0.0) { $0 + Double($1) }
    guard total > 0 else { return }
    let factor = Float(1 / total)
    for i in probabilities.indices { probabilities[i] *= factor }
  }

  /// The token in which a uniform number falls.
  func token(at uniform: Double) -> Int {
    let goal = uniform * probabilities.reduce(0.0) { $0 + Double($1) }
    var running = 0.0
    var last = 0
    for (i, p) in probabilities.enumerated() where p > 0 {
      last = i
      running += Double(p)
      if running > goal { return i }
    }
    return last
  }

  /// The distribution to draw from when a token proposed by `other` was refused: max(p − q, 0), scaled (Leviathan 2023,
  /// algorithm 1).
  ///
  /// This distribution where nothing is left, which only rounding brings about.
  func residual(after other: TokenDistribution) -> TokenDistribution {
    var left = self
    for i in probabilities.indices {
      left.probabilities[i] = Swift.max(probabilities[i] - other.probabilities[i], 0)
    }
    guard left.probabilities.contains(where: { $0 > 0 }) else { return self }
    left.normalize()
    return left
  }
}

/// Uniform numbers of a completion, each from its seed, what it is for, and the token's place alone.
struct CompletionRandom {
  /// The purpose of a random number; numbers of different purposes are independent.
  enum Purpose: UInt64 {
    case proposal = 0x5EED_0000_0000_0001
    case acceptance = 0x5EED_0000_0000_0002
    case residual = 0x5EED_0000_0000_0003
  }
  let seed: UInt64

  /// In [0, 1): two rounds of SplitMix64's finaliser (Steele 2014), as the sampling kernel has them.
  func uniform(_ purpose: Purpose, at place: Int) -> Double {
    func mix(_ value: UInt64) -> UInt64 {
      var z = value
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
    let golden: UInt64 = 0x9E37_79B9_7F4A_7C15
    let own = mix(mix(seed &+ purpose.rawValue) &+ golden)
    return Double(mix(own &+ golden &* UInt64(place + 1)) >> 11) * 0x1p-53
  }
}
