import RealModule

/// Tests of whether two systems measured on the same items differ.
///
/// Each returns a two-sided p-value: the chance of a difference at least this large if the two
/// were alike.
public enum PairedTest {
  /// The exact sign test on wins and losses; ties are left out, as the test demands.
  ///
  /// Two-sided binomial probability with p = ½. With the discordant counts of two classifiers it
  /// is McNemar's exact test, and ``mcNemar(onlyFirst:onlySecond:)`` is this function.
  public static func sign(wins: Int, losses: Int) -> Double {
    precondition(wins >= 0 && losses >= 0)
    let n = wins + losses
    guard n > 0 else { return 1 }
    let extreme = min(wins, losses)
    let count = Double(n)
    var tail = 0.0
    for k in 0...extreme {
      let logChoose =
        Double.logGamma(count + 1) - Double.logGamma(Double(k) + 1)
        - Double.logGamma(count - Double(k) + 1)
      tail += Double.exp(logChoose - count * Double.log(2))
    }
    return min(1, 2 * tail)
  }

  /// McNemar's exact test: how many items only the first, and only the second, got right.
  public static func mcNemar(onlyFirst: Int, onlySecond: Int) -> Double {
    sign(wins: onlyFirst, losses: onlySecond)
  }

  /// The paired permutation test on the mean difference.
  ///
  /// If the systems were alike, each difference could as well have had the other sign. All sign
  /// patterns are counted where there are at most 2²⁰ of them; otherwise `resamples` random ones
  /// are drawn, and the observed pattern counts as one of them, so p is never 0.
  public static func permutation(
    _ first: [Double], _ second: [Double], resamples: Int = 20_000, seed: UInt64 = 0
  ) -> Double {
    precondition(first.count == second.count, "paired samples differ in length")
    // Zero differences change no sum: only the others have a sign to flip.
    let differences = zip(first, second).map { $0 - $1 }.filter { $0 != 0 }
    guard !differences.isEmpty else { return 1 }
    let observed = differences.reduce(0, +).magnitude
    let threshold = observed - 1e-10 * differences.reduce(0) { $0 + $1.magnitude }
    if differences.count <= 20 {
      return exact(differences, threshold: threshold)
    }
    var random = SeededGenerator(seed: seed)
    var extreme = 1
    for _ in 0..<resamples {
      var sum = 0.0
      var bits: UInt64 = 0
      for (index, difference) in differences.enumerated() {
        if index % 64 == 0 { bits = random.next() }
        sum += bits & 1 == 0 ? difference : -difference
        bits >>= 1
      }
      if sum.magnitude >= threshold { extreme += 1 }
    }
    return Double(extreme) / Double(resamples + 1)
  }

  /// Visits all sign patterns in Gray-code order, where neighbours differ in one sign.
  private static func exact(_ differences: [Double], threshold: Double) -> Double {
    var signs = differences
    var sum = differences.reduce(0, +)
    var extreme = 0
    let patterns = 1 << differences.count
    for pattern in 1...patterns {
      if sum.magnitude >= threshold { extreme += 1 }
      let flipped = pattern.trailingZeroBitCount
      guard flipped < differences.count else { break }
      sum -= 2 * signs[flipped]
      signs[flipped] = -signs[flipped]
    }
    return Double(extreme) / Double(patterns)
  }
}
