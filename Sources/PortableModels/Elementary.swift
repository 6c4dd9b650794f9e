/// Elementary functions in single precision whose every bit is the same wherever they run.
///
/// A C library's own differ between systems, and a browser has none. Only additions, multiplications, divisions and roundings are used, in
/// a fixed order, which IEEE 754 leaves no choice about and which Swift doesn't fuse. The error is below 2⁻²² of the result.
public enum Elementary {
  /// eˣ: 0 below −87, and at most e⁸⁸.
  @inline(__always)
  public static func exp(_ x: Float) -> Float {
    if x < -87 { return 0 }
    let bounded = x > 88 ? 88 : x
    let power = (bounded * 1.442_695_04).rounded(.toNearestOrEven)
    // x − power·ln 2 in two parts, so that nothing is lost of a large power.
    let rest = (bounded - power * 0.693_359_375) - power * -2.121_944_4e-4
    // Taylor's polynomial of degree 7 over ±ln 2 / 2.
    var sum: Float = 1.984_127e-4
    sum = sum * rest + 1.388_888_9e-3
    sum = sum * rest + 8.333_333_3e-3
    sum = sum * rest + 4.166_666_7e-2
    sum = sum * rest + 1.666_666_7e-1
    sum = sum * rest + 0.5
    sum = sum * rest + 1
    sum = sum * rest + 1
    return sum * Float(bitPattern: UInt32(bitPattern: Int32(power) + 127) << 23)
  }

  /// 1/(1 + e⁻ˣ).
  @inline(__always)
  public static func sigmoid(_ x: Float) -> Float { 1 / (1 + exp(-x)) }

  /// The hyperbolic tangent, 1 − 2/(e²ˣ + 1).
  @inline(__always)
  public static func tanh(_ x: Float) -> Float {
    let size = 1 - 2 / (exp(2 * x.magnitude) + 1)
    return x < 0 ? -size : size
  }
}
