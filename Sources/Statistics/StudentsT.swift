import RealModule

/// Student's t distribution of a whole number of degrees of freedom, for intervals over a few repetitions.
enum StudentsT {
  /// P(T ≤ t) by the finite series of its angle (Abramowitz and Stegun, 26.7.3 and 26.7.4).
  static func cumulative(_ t: Double, degrees: Int) -> Double {
    precondition(degrees > 0)
    let angle = Double.atan(t / Double(degrees).squareRoot())
    let (sine, cosine) = (Double.sin(angle), Double.cos(angle))
    var term = degrees.isMultiple(of: 2) ? 1.0 : cosine
    var sum = degrees == 1 ? 0.0 : term
    var k = degrees.isMultiple(of: 2) ? 1 : 2
    while k + 1 < degrees {
      term *= cosine * cosine * Double(k) / Double(k + 1)
      sum += term
      k += 2
    }
    let within = degrees.isMultiple(of: 2) ? sine * sum : 2 / Double.pi * (angle + sine * sum)
    return (1 + within) / 2
  }

  /// The t that |T| exceeds with probability 1 − confidence.
  static func criticalValue(confidence: Double, degrees: Int) -> Double {
    precondition(confidence > 0 && confidence < 1)
    var (low, high) = (0.0, 1.0)
    while cumulative(high, degrees: degrees) < (1 + confidence) / 2 { (low, high) = (high, 2 * high) }
    for _ in 0..<200 {
      let middle = (low + high) / 2
      if cumulative(middle, degrees: degrees) < (1 + confidence) / 2 { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}

extension Estimate {
  /// The mean over repetitions (runs of other seeds), each of which has an interval over its own items.
  ///
  /// The interval is Student's t over the repetitions, and never narrower than what the items alone leave open: two or three
  /// seeds may agree by chance. One repetition is its own estimate.
  public static func overRepetitions(_ estimates: [Estimate], confidence: Double = 0.95) -> Estimate {
    guard estimates.count > 1 else {
      return estimates.first ?? Estimate(value: .nan, low: .nan, high: .nan, n: 0)
    }
    let count = Double(estimates.count)
    let mean = estimates.reduce(0) { $0 + $1.value } / count
    let variance = estimates.reduce(0) { $0 + ($1.value - mean) * ($1.value - mean) } / (count - 1)
    let over =
      StudentsT.criticalValue(confidence: confidence, degrees: estimates.count - 1) * (variance / count).squareRoot()
    // Half widths add as standard errors do; each side by itself, for intervals of shares are not symmetric.
    func half(_ side: (Estimate) -> Double) -> Double {
      estimates.reduce(0) { $0 + side($1) * side($1) }.squareRoot() / count
    }
    return Estimate(
      value: mean, low: mean - max(over, half { $0.value - $0.low }),
      high: mean + max(over, half { $0.high - $0.value }),
      n: estimates.reduce(0) { $0 + $1.n })
  }
}
