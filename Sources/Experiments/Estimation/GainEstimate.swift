/// A number with its sampling error.
public struct GainEstimate: Sendable, Equatable {
  /// The relation of an estimate to the true gain, apart from its sampling error.
  public enum Kind: String, Sendable {
    /// Too high on average, by an amount that falls with the number of inner draws.
    case upperBound
    /// Too low on average.
    case lowerBound
    /// Right on average.
    case unbiased
  }

  /// The estimate in nats.
  public var value: Double
  /// Its standard error.
  public var standardError: Double
  /// Whether it is a bound.
  public var kind: Kind
  /// An estimate of how much too high it is, where that can be had.
  public var bias: Double?

  /// An estimate from independent terms.
  init(terms: [Double], kind: Kind, bias: Double? = nil) {
    let count = Double(terms.count)
    let mean = terms.reduce(0, +) / count
    let squares = terms.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    value = mean
    // An infinite term leaves no spread to measure.
    standardError =
      terms.count > 1 && mean.isFinite ? (squares / (count - 1) / count).squareRoot() : .infinity
    self.kind = kind
    self.bias = bias
  }

  /// The 95% interval of the sampling error; the bias is not in it.
  public var interval: ClosedRange<Double> {
    let reach = 1.96 * standardError
    guard reach < .infinity else { return -.infinity ... .infinity }
    return (value - reach)...(value + reach)
  }
}
