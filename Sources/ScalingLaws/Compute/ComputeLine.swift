import Foundation

/// A power of compute: k · C^a, a straight line of the logarithms.
public struct ComputeLine: Sendable, Equatable, Codable {
  /// k, the value at one FLOP.
  public var coefficient: Double
  /// a.
  public var exponent: Double

  /// Makes a line.
  public init(coefficient: Double, exponent: Double) {
    (self.coefficient, self.exponent) = (coefficient, exponent)
  }

  /// The line of least squares through the logarithms of points; nil where compute doesn't differ.
  init?(through points: [(flops: Double, value: Double)]) {
    guard points.count > 1 else { return nil }
    let x = points.map { log($0.flops) }
    let y = points.map { log($0.value) }
    let (meanX, meanY) = (x.reduce(0, +) / Double(x.count), y.reduce(0, +) / Double(y.count))
    let spread = x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
    guard spread > 1e-9 else { return nil }
    exponent = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) } / spread
    coefficient = exp(meanY - exponent * meanX)
  }

  /// The value after some compute.
  public func value(at flops: Double) -> Double { coefficient * pow(flops, exponent) }

  /// C₀ of the form (C/C₀)^a, in FLOP: the papers' other way to write the line.
  public var scale: Double { pow(coefficient, -1 / exponent) }
}
