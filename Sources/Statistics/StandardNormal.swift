import RealModule

/// The normal distribution with mean 0 and variance 1.
public enum StandardNormal {
  /// The probability of a value of at most `x`.
  public static func cumulative(_ x: Double) -> Double {
    0.5 * Double.erfc(-x / 2.0.squareRoot())
  }

  /// The logarithm of ``cumulative(_:)``, also where that is too small for a `Double`.
  ///
  /// Far out by Laplace's continued fraction for the ratio of tail and density (Abramowitz and Stegun,
  /// 26.2.14).
  public static func logCumulative(_ x: Double) -> Double {
    if x > 0 { return Double.log(onePlus: -cumulative(-x)) }
    if x > -20 { return Double.log(cumulative(x)) }
    if x == -.infinity { return x }
    let t = -x
    var denominator = t
    for term in stride(from: 30.0, through: 1, by: -1) { denominator = t + term / denominator }
    return -0.5 * x * x - 0.918938533204672741780329736406 - Double.log(denominator)
  }

  /// The value below which a share `p` of the distribution lies.
  ///
  /// Newton's method on the side of the smaller tail, where the tail's logarithm is concave, so
  /// that it converges from any start; checked against SciPy's `ndtri` down to p = 1e-300.
  public static func quantile(_ p: Double) -> Double {
    guard p > 0, p < 1 else { return p == 0 ? -.infinity : (p == 1 ? .infinity : .nan) }
    guard p <= 0.5 else { return -quantile(1 - p) }
    let target = Double.log(p)
    // The tail is about exp(−x²/2): a start that is never on the wrong side of zero.
    var x = -(-2 * target - 1.3862943611198906).magnitude.squareRoot()
    for _ in 0..<100 {
      let tail = cumulative(x)
      guard tail > 0 else {
        x /= 2
        continue
      }
      let density = Double.exp(-x * x / 2) / (2 * Double.pi).squareRoot()
      let step = (Double.log(tail) - target) * tail / density
      x -= step
      if step.magnitude <= 1e-15 * max(1, x.magnitude) { break }
    }
    return x
  }

  /// The half-width of a central interval in standard deviations, such as 1.96 for 0.95.
  public static func criticalValue(confidence: Double) -> Double {
    -quantile((1 - confidence) / 2)
  }
}
