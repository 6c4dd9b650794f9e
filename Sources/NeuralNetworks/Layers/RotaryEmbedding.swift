import Foundation
public import Torch

/// The angles by which rotary positions turn pairs of features: position · base^(−2i/width) (RoFormer, Su 2021).
///
/// The frequencies are worked out in float32 in the order in which `transformers` does it, so that far positions round
/// alike; ``Tensor/rotary(cos:sin:interleaved:)`` applies the tables.
///
/// ```swift
/// let rope = try RotaryEmbedding(width: 64, base: 500_000, contextLength: 8192)
/// let (cos, sin) = rope.tables(positions)              // [tokens, 32]
/// let turned = queries.rotary(cos: cos, sin: sin)      // [tokens, heads, 64]
/// ```
public final class RotaryEmbedding {
  /// The rotated features of a head.
  public let width: Int
  /// The wavelength of the slowest pair over 2π, nearly.
  public let base: Double
  /// The longest sequence without dynamic stretching.
  public let contextLength: Int
  /// The stretching of positions.
  public let scaling: RotaryScaling
  private var frequencies: [Key: Tensor] = [:]
  private struct Key: Hashable {
    var length: Int
    var device: Device
  }

  /// Tables for heads of `width` features.
  ///
  /// - Throws: ``RotaryScalingError`` for settings that don't work.
  public init(
    width: Int, base: Double = 10_000, contextLength: Int, scaling: RotaryScaling = RotaryScaling()
  ) throws {
    guard width > 0, width % 2 == 0, base > 0, contextLength > 0 else {
      throw RotaryScalingError(
        description: "rotary positions need an even width, a base and a context above 0, "
          + "not \(width), \(base) and \(contextLength)")
    }
    try scaling.validate(width: width)
    self.width = width
    self.base = base
    self.contextLength = contextLength
    self.scaling = scaling
  }

  /// cos and sin for int64 positions `[…]`: both `[…, width/2]`, in float32.
  ///
  /// - Parameter longest: the length of the longest sequence, which `dynamic` and `longrope` choose their frequencies by;
  ///   nil is the context.
  public func tables(_ positions: Tensor, longest: Int? = nil) -> (cos: Tensor, sin: Tensor) {
    let key = Key(length: effectiveLength(longest), device: positions.device)
    let inverse =
      frequencies[key] ?? Tensor(inverseFrequencies(longest: longest)).to(device: positions.device)
    frequencies[key] = inverse
    let angles = positions.to(.float32).unsqueezed(-1) * inverse
    let factor = tableFactor
    return factor == 1 ? (angles.cos(), angles.sin()) : (angles.cos() * factor, angles.sin() * factor)
  }

  /// Radians per position of each pair, `width/2` of them.
  public func inverseFrequencies(longest: Int? = nil) -> [Float] {
    let length = effectiveLength(longest)
    switch scaling.kind {
    case .standard: return plain(base)
    case .linear: return plain(base).map { $0 / Float(scaling.factor ?? 1) }
    case .dynamic:
      let factor = scaling.factor ?? 1
      let growth = factor * Double(length) / Double(contextLength) - (factor - 1)
      return plain(base * pow(growth, Double(width) / Double(width - 2)))
    case .llama3: return llama3(plain(base))
    case .yarn: return yarn()
    case .longrope:
      let divisors = (length > originalLength ? scaling.longFactor : scaling.shortFactor) ?? []
      return zip(powers(base), divisors).map { 1 / (Float($1) * $0) }
    }
  }

  /// The factor of cos and sin: above 1 only in `yarn` and `longrope`.
  public var tableFactor: Double {
    switch scaling.kind {
    case .standard, .linear, .dynamic, .llama3: return 1
    case .yarn:
      if let given = scaling.attentionFactor { return given }
      func magnitude(_ m: Double) -> Double { RotaryScaling.magnitude(m, stretch: stretch) }
      if let m = scaling.mscale, let all = scaling.mscaleAllDimensions, m != 0, all != 0 {
        return magnitude(m) / magnitude(all)
      }
      return magnitude(1)
    case .longrope:
      if let given = scaling.attentionFactor { return given }
      return stretch <= 1 ? 1 : (1 + log(stretch) / log(Double(originalLength))).squareRoot()
    }
  }

  private var originalLength: Int { scaling.originalLength ?? contextLength }
  private var stretch: Double { scaling.factor ?? Double(contextLength) / Double(originalLength) }

  /// The length that decides, so that lengths with the same frequencies share a table.
  private func effectiveLength(_ longest: Int?) -> Int {
    switch scaling.kind {
    case .dynamic: max(longest ?? 0, contextLength)
    case .longrope: (longest ?? 0) > originalLength ? originalLength + 1 : originalLength
    default: contextLength
    }
  }

  /// base^(2i/width).
  private func powers(_ base: Double) -> [Float] {
    let exponents = Tensor.arange(0, Double(width), step: 2, dtype: .float32) / Double(width)
    return Tensor(base).pow(exponents).array()
  }

  private func plain(_ base: Double) -> [Float] { powers(base).map { 1 / $0 } }

  private func llama3(_ plain: [Float]) -> [Float] {
    let factor = Float(scaling.factor ?? 1)
    let low = scaling.lowFrequencyFactor ?? 1, high = scaling.highFrequencyFactor ?? 4
    let longWave = Float(Double(originalLength) / low), shortWave = Float(Double(originalLength) / high)
    return plain.map { frequency in
      let wave = Float(2 * Double.pi) / frequency
      if wave > longWave { return frequency / factor }
      if wave < shortWave { return frequency }
      let smooth = (Float(originalLength) / wave - Float(low)) / Float(high - low)
      return (1 - smooth) * frequency / factor + smooth * frequency
    }
  }

  private func yarn() -> [Float] {
    /// The pair that makes `turns` turns over the original context.
    func pair(_ turns: Double) -> Double {
      Double(width) * log(Double(originalLength) / (turns * 2 * .pi)) / (2 * log(base))
    }
    var first = pair(scaling.betaFast ?? 32), last = pair(scaling.betaSlow ?? 1)
    if scaling.truncates ?? true { (first, last) = (first.rounded(.down), last.rounded(.up)) }
    (first, last) = (max(first, 0), min(last, Double(width - 1)))
    if first == last { last += 0.001 }
    return powers(base).enumerated().map { i, power in
      let ramp = min(max((Float(i) - Float(first)) / Float(last - first), 0), 1)
      let kept = 1 - ramp
      return 1 / (Float(stretch) * power) * (1 - kept) + 1 / power * kept
    }
  }
}
