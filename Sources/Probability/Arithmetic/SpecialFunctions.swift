public import RealModule

/// The special functions that neither the C library nor swift-numerics has.
///
/// `lgamma`, `erf` and `erfc` come from the C library through swift-numerics, and the normal
/// distribution from `Statistics`. These remain: digamma and the regularised incomplete gamma and
/// beta functions. GSL and R's `mathlib` have them under the GPL, and Boost.Math would put a C++
/// shim and 100 MB of headers in the way of every user, so they are here, by the textbook series
/// and continued fractions, checked against SciPy.
public enum SpecialFunctions {
  /// ψ(x), the derivative of log Γ.
  ///
  /// Recurrence up to x ≥ 10, then the asymptotic series with Bernoulli numbers to B₁₄; reflection
  /// for x < 0. Relative error about 1e-14 away from its zeros.
  public static func digamma(_ x: Double) -> Double {
    if x <= 0 {
      if x == x.rounded() { return .nan }
      return digamma(1 - x) - .pi * Double.cos(.pi * x) / Double.sin(.pi * x)
    }
    var x = x
    var shift = 0.0
    while x < 10 {
      shift -= 1 / x
      x += 1
    }
    let r = 1 / (x * x)
    let tail =
      r
      * (1.0 / 12
        - r
        * (1.0 / 120
          - r
          * (1.0 / 252
            - r * (1.0 / 240 - r * (1.0 / 132 - r * (691.0 / 32760 - r * (1.0 / 12)))))))
    return shift + Double.log(x) - 0.5 / x - tail
  }

  /// ψ′(x) for x > 0, the second derivative of log Γ.
  ///
  /// Recurrence up to x ≥ 10, then the asymptotic series, as of ``digamma(_:)``.
  public static func trigamma(_ x: Double) -> Double {
    guard x > 0 else { return .nan }
    var x = x
    var shift = 0.0
    while x < 10 {
      shift += 1 / (x * x)
      x += 1
    }
    let r = 1 / (x * x)
    let tail =
      r * (1.0 / 6 - r * (1.0 / 30 - r * (1.0 / 42 - r * (1.0 / 30 - r * (5.0 / 66 - r * 691.0 / 2730)))))
    return shift + (1 + 0.5 / x + tail) / x
  }

  /// P(a, x) and Q(a, x) = 1 − P, the regularised incomplete gamma functions, each to full
  /// precision.
  public static func incompleteGamma(shape a: Double, _ x: Double) -> (lower: Double, upper: Double) {
    let logs = logIncompleteGamma(shape: a, x)
    return (Double.exp(logs.lower), Double.exp(logs.upper))
  }

  /// log P(a, x) and log Q(a, x), where either may be too small for a `Double`.
  public static func logIncompleteGamma(
    shape a: Double, _ x: Double
  ) -> (lower: Double, upper: Double) {
    guard a > 0, x >= 0 else { return (.nan, .nan) }
    if x == 0 { return (-.infinity, 0) }
    if x == .infinity { return (0, -.infinity) }
    let logFront = a * Double.log(x) - x - Double.logGamma(a)
    let limit = 200 + Int(10 * Double.sqrt(max(a, x)))
    if x < a + 1 {
      var term = 1 / a
      var sum = term
      var n = a
      for _ in 0..<limit where term > sum * 1e-17 {
        n += 1
        term *= x / n
        sum += term
      }
      let lower = Double.log(sum) + logFront
      return (lower, logOneMinusExp(lower))
    }
    // Legendre's continued fraction, modified Lentz.
    let tiny = 1e-300
    var b = x + 1 - a
    var c = 1 / tiny
    var d = 1 / b
    var h = d
    for i in 1...limit {
      let an = -Double(i) * (Double(i) - a)
      b += 2
      d = an * d + b
      if abs(d) < tiny { d = tiny }
      c = b + an / c
      if abs(c) < tiny { c = tiny }
      d = 1 / d
      let delta = d * c
      h *= delta
      if abs(delta - 1) < 1e-16 { break }
    }
    let upper = Double.log(h) + logFront
    return (logOneMinusExp(upper), upper)
  }

  /// log(1 − e^x) for x ≤ 0, exact at both ends.
  static func logOneMinusExp(_ x: Double) -> Double {
    x > -0.7 ? Double.log(-Double.expMinusOne(min(x, 0))) : Double.log(onePlus: -Double.exp(x))
  }

  /// Iₓ(a, b), the regularised incomplete beta function.
  public static func incompleteBeta(_ a: Double, _ b: Double, _ x: Double) -> Double {
    Double.exp(logIncompleteBeta(a, b, x).lower)
  }

  /// log Iₓ(a, b) and log(1 − Iₓ(a, b)), where either may be too small for a `Double`.
  public static func logIncompleteBeta(
    _ a: Double, _ b: Double, _ x: Double
  ) -> (lower: Double, upper: Double) {
    guard a > 0, b > 0, x >= 0, x <= 1 else { return (.nan, .nan) }
    if x == 0 { return (-.infinity, 0) }
    if x == 1 { return (0, -.infinity) }
    if x > (a + 1) / (a + b + 2) {
      let mirrored = logIncompleteBeta(b, a, 1 - x)
      return (mirrored.upper, mirrored.lower)
    }
    let logFront =
      a * Double.log(x) + b * Double.log(onePlus: -x) - logBeta(a, b) - Double.log(a)
    let tiny = 1e-300
    var c = 1.0
    var d = 1 - (a + b) * x / (a + 1)
    if abs(d) < tiny { d = tiny }
    d = 1 / d
    var h = d
    for m in 1...(500 + Int(5 * Double.sqrt(a + b))) {
      let k = Double(m)
      let even = k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k))
      d = 1 + even * d
      if abs(d) < tiny { d = tiny }
      c = 1 + even / c
      if abs(c) < tiny { c = tiny }
      d = 1 / d
      h *= d * c
      let odd = -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1))
      d = 1 + odd * d
      if abs(d) < tiny { d = tiny }
      c = 1 + odd / c
      if abs(c) < tiny { c = tiny }
      d = 1 / d
      let delta = d * c
      h *= delta
      if abs(delta - 1) < 1e-16 { break }
    }
    let lower = logFront + Double.log(h)
    return (lower, logOneMinusExp(lower))
  }

  /// log B(a, b).
  @inlinable public static func logBeta<Scalar: DifferentiableReal>(
    _ a: Scalar, _ b: Scalar
  ) -> Scalar {
    Scalar.logGamma(a) + Scalar.logGamma(b) - Scalar.logGamma(a + b)
  }
}

/// log Σ exp(xᵢ), without overflow; −∞ for nothing.
@inlinable public func logSumExp(_ values: some Sequence<Double>) -> Double {
  var largest = -Double.infinity
  for value in values where value > largest { largest = value }
  if largest == -.infinity || largest == .infinity { return largest }
  var sum = 0.0
  for value in values { sum += Double.exp(value - largest) }
  return largest + Double.log(sum)
}
