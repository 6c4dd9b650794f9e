public import RealModule

/// A seeded, splittable random source: xoshiro256++ seeded by SplitMix64.
///
/// Two sources with the same seed and stream give the same numbers on every machine. Parallel
/// inference gives each chunk of work a stream of its own, numbered by the work and not by the
/// core, which is why results don't depend on how many cores there are. Period 2²⁵⁶ − 1 (Blackman
/// and Vigna, "Scrambled linear pseudorandom number generators", 2021).
public struct RandomSource: RandomNumberGenerator, Sendable {
  @usableFromInline var a: UInt64
  @usableFromInline var b: UInt64
  @usableFromInline var c: UInt64
  @usableFromInline var d: UInt64
  @usableFromInline var spareNormal = Double.nan

  /// A source for a seed and, within it, a numbered stream.
  public init(seed: UInt64, stream: UInt64 = 0) {
    var z = seed ^ (stream &* 0xD1B5_4A32_D192_ED03)
    func mix() -> UInt64 {
      z &+= 0x9E37_79B9_7F4A_7C15
      var x = z
      x = (x ^ (x >> 30)) &* 0xBF58_476D_1CE4_E5B9
      x = (x ^ (x >> 27)) &* 0x94D0_49BB_1331_11EB
      return x ^ (x >> 31)
    }
    a = mix()
    b = mix()
    c = mix()
    d = mix()
  }

  /// The next 64 bits.
  @inlinable public mutating func next() -> UInt64 {
    let sum = a &+ d
    let result = (sum << 23 | sum >> 41) &+ a
    let t = b << 17
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= t
    d = d << 45 | d >> 19
    return result
  }

  /// A number in the open interval (0, 1).
  @inlinable public mutating func uniform() -> Double {
    (Double(next() >> 12) + 0.5) * 0x1p-52
  }

  /// An integer in 0..<count, without modulo bias.
  @inlinable public mutating func integer(below count: Int) -> Int {
    Int(truncatingIfNeeded: next(upperBound: UInt64(count)))
  }

  /// A standard normal number, by Marsaglia's polar method.
  @inlinable public mutating func normal() -> Double {
    if spareNormal == spareNormal {
      let spare = spareNormal
      spareNormal = .nan
      return spare
    }
    while true {
      let x = 2 * uniform() - 1
      let y = 2 * uniform() - 1
      let s = x * x + y * y
      if s < 1, s > 0 {
        let scale = (-2 * Double.log(s) / s).squareRoot()
        spareNormal = y * scale
        return x * scale
      }
    }
  }

  /// A standard exponential number.
  @inlinable public mutating func exponential() -> Double { -Double.log(uniform()) }

  /// The logarithm of a standard gamma number, exact for tiny shapes where the number itself
  /// underflows.
  ///
  /// Marsaglia and Tsang, "A simple method for generating gamma variables" (2000); shapes below 1
  /// are boosted by u^(1/shape).
  public mutating func logGamma(shape: Double) -> Double {
    if shape < 1 {
      let boost = Double.log(uniform()) / shape
      return logGamma(shape: shape + 1) + boost
    }
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normal()
      let v = 1 + c * x
      if v <= 0 { continue }
      let cube = v * v * v
      let u = uniform()
      if Double.log(u) < 0.5 * x * x + d - d * cube + d * Double.log(cube) {
        return Double.log(d) + Double.log(cube)
      }
    }
  }

  /// A beta number in [0, 1].
  public mutating func beta(_ a: Double, _ b: Double) -> Double {
    let x = logGamma(shape: a)
    let y = logGamma(shape: b)
    return Double.logistic(x - y)
  }

  /// A binomial count: beta splitting for large `trials` (Devroye 1986, X.4.3), Bernoulli draws
  /// below 24.
  public mutating func binomial(trials: Int, probability: Double) -> Int {
    var n = trials
    var p = probability
    var count = 0
    while n >= 24, p > 0, p < 1 {
      let middle = 1 + n / 2
      let x = beta(Double(middle), Double(n - middle + 1))
      if x >= p {
        n = middle - 1
        p = x > 0 ? min(p / x, 1) : 0
      } else {
        count += middle
        n -= middle
        p = min((p - x) / (1 - x), 1)
      }
    }
    // Certain either way, however many trials are left.
    if p <= 0 { return count }
    if p >= 1 { return count + n }
    for _ in 0..<max(n, 0) where uniform() < p { count += 1 }
    return count
  }

  /// A Poisson count: gamma reduction for large rates (Ahrens and Dieter 1974), multiplication
  /// below 12.
  public mutating func poisson(rate: Double) -> Int {
    var rate = rate
    var count = 0
    while rate > 12 {
      let m = Int(rate * 0.875)
      let x = Double.exp(logGamma(shape: Double(m)))
      if x > rate { return count + binomial(trials: m - 1, probability: rate / x) }
      count += m
      rate -= x
    }
    let limit = Double.exp(-rate)
    var product = uniform()
    while product > limit {
      count += 1
      product *= uniform()
    }
    return count
  }
}
