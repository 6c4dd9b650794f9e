/// Functions of real numbers from sums, products, quotients and square roots alone.
///
/// IEEE 754 fixes the result of those to the last bit, and no two C libraries agree on sines: levels, games and pictures
/// must be the same on every platform.
enum ExactMath {
  static let pi: Float = 3.14159265

  /// The sine of an angle in radians; within 1e-7 of the true one for angles up to some thousands.
  static func sin(_ angle: Float) -> Float { Float(sine(Double(angle))) }

  /// The cosine of an angle in radians.
  static func cos(_ angle: Float) -> Float { Float(sine(Double(angle) + 1.57079632679489661923)) }

  /// The angle of a direction in radians, from −π to π.
  static func angle(y: Float, x: Float) -> Float {
    let (x, y) = (Double(x), Double(y))
    if x == 0, y == 0 { return 0 }
    let (ax, ay) = (abs(x), abs(y))
    var result = arctangent(min(ax, ay) / max(ax, ay))
    if ay > ax { result = 1.57079632679489661923 - result }
    if x < 0 { result = 3.14159265358979323846 - result }
    return Float(y < 0 ? -result : result)
  }

  /// A number from 0 to 1 to the power of 1.4.
  static func power7Fifths(_ value: Float) -> Float {
    guard value > 0 else { return 0 }
    // u^1.4 = u · r² where r⁵ = u; Newton's method comes down to r from above.
    let u = Double(value)
    var root = 1.0
    for _ in 0..<60 {
      let square = root * root
      root -= (root - u / (square * square)) / 5
    }
    return Float(u * root * root)
  }

  private static func sine(_ angle: Double) -> Double {
    let turns = (angle * 0.318309886183790671538).rounded(.toNearestOrEven)
    let x = angle - turns * 3.14159265358979323846
    let square = x * x
    // Taylor's series to the 17th power: within 1e-12 on ±π/2.
    var sum = 1 - square / 272
    for n in stride(from: 14.0, through: 2.0, by: -2.0) { sum = 1 - square / (n * (n + 1)) * sum }
    let odd = turns - (turns * 0.5).rounded(.down) * 2
    return odd == 0 ? x * sum : -x * sum
  }

  private static func arctangent(_ ratio: Double) -> Double {
    // Two halvings of the angle bring it below π/16, where the series is short.
    var x = ratio
    for _ in 0..<2 { x /= 1 + (1 + x * x).squareRoot() }
    let square = x * x
    var sum = 0.0
    for n in stride(from: 17.0, through: 1.0, by: -2.0) { sum = 1 / n - square * sum }
    return 4 * x * sum
  }
}
