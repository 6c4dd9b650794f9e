/// Smooth random fields over the plane, the same everywhere: hashed corners of a lattice, blended.
enum ValueNoise {
  /// A number from 0 to 1 for a lattice point.
  static func corner(_ x: Int, _ y: Int, _ seed: Int) -> Float {
    var z = UInt64(bitPattern: Int64(x &* 0x1F1F_1F1F &+ y &* 0x2B3C_4D5F &+ seed &* 0x6A09_E667))
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Float((z ^ (z >> 31)) >> 40) * 0x1p-24
  }

  /// The field at a point, from 0 to 1; it repeats after `period` both ways where one is given.
  static func value(_ x: Float, _ y: Float, _ seed: Int, period: Int = 0) -> Float {
    let (fx, fy) = (x.rounded(.down), y.rounded(.down))
    func wrapped(_ n: Int) -> Int { period > 0 ? ((n % period) + period) % period : n }
    let (left, right) = (wrapped(Int(fx)), wrapped(Int(fx) + 1))
    let (low, high) = (wrapped(Int(fy)), wrapped(Int(fy) + 1))
    let (u, v) = (smooth(x - fx), smooth(y - fy))
    let a = corner(left, low, seed) * (1 - u) + corner(right, low, seed) * u
    let b = corner(left, high, seed) * (1 - u) + corner(right, high, seed) * u
    return a * (1 - v) + b * v
  }

  /// Several fields of growing fineness, summed, from 0 to 1.
  static func layered(_ x: Float, _ y: Float, _ seed: Int, period: Int = 0, layers: Int = 3) -> Float {
    var (sum, weight, scale, total): (Float, Float, Int, Float) = (0, 1, 1, 0)
    for layer in 0..<layers {
      sum += weight * value(x * Float(scale), y * Float(scale), seed + layer * 17, period: period * scale)
      total += weight
      weight *= 0.5
      scale *= 2
    }
    return sum / total
  }

  private static func smooth(_ t: Float) -> Float { t * t * (3 - 2 * t) }
}
