/// A measured number with its interval and the size of the sample behind it.
///
/// Every figure that Apprentice reports is one of these. As JSON it has exactly the keys `value`,
/// `low`, `high` and `n`; a number that does not exist (the mean of nothing) is NaN in memory and
/// `null` in JSON.
///
/// ```swift
/// let rate = Estimate.wilson(successes: 56, n: 100)
/// print(rate)             // 0.560 [0.462, 0.653], n = 100
/// print(rate.excludes(0.5))  // false
/// ```
public struct Estimate: Sendable, Equatable {
  /// The point estimate.
  public var value: Double
  /// The lower end of the interval.
  public var low: Double
  /// The upper end of the interval.
  public var high: Double
  /// The number of observations.
  public var n: Int

  /// Makes an estimate from its four numbers.
  public init(value: Double, low: Double, high: Double, n: Int) {
    self.value = value
    self.low = low
    self.high = high
    self.n = n
  }

  /// Whether a reference value lies outside the interval.
  public func excludes(_ reference: Double) -> Bool {
    reference < low || reference > high
  }

  /// The estimate of one minus the quantity, such as the other side's win rate.
  public var complement: Estimate {
    Estimate(value: 1 - value, low: 1 - high, high: 1 - low, n: n)
  }
}

extension Estimate: Codable {
  private enum CodingKeys: String, CodingKey {
    case value, low, high, n
  }

  /// Reads the four keys; `null` stands for NaN.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func number(_ key: CodingKeys) throws -> Double {
      try container.decode(Double?.self, forKey: key) ?? .nan
    }
    self.init(
      value: try number(.value), low: try number(.low), high: try number(.high),
      n: try container.decode(Int.self, forKey: .n))
  }

  /// Writes the four keys; numbers that JSON cannot hold become `null`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    for (key, number) in [(CodingKeys.value, value), (.low, low), (.high, high)] {
      if number.isFinite {
        try container.encode(number, forKey: key)
      } else {
        try container.encodeNil(forKey: key)
      }
    }
    try container.encode(n, forKey: .n)
  }
}

extension Estimate: CustomStringConvertible {
  /// The estimate to three decimals, with its interval and sample size.
  public var description: String {
    "\(fixed(value, 3)) [\(fixed(low, 3)), \(fixed(high, 3))], n = \(n)"
  }

  /// The estimate as a percentage, such as `56.0% [46.2, 65.3]`.
  public var percentage: String {
    "\(fixed(100 * value, 1))% [\(fixed(100 * low, 1)), \(fixed(100 * high, 1))]"
  }
}
