import RealModule

/// A smooth density around draws: a normal kernel of one width at each.
///
/// p(x) = 1/n Σ N(x; xᵢ, h). The width is Scott's n^(−1/5) standard deviations unless given.
public struct KernelDensity: ContinuousDistribution {
  /// The draws that it is built on.
  public let points: [Double]
  /// The kernels' standard deviation h.
  public let bandwidth: Double
  private let mixture: Mixture<Gaussian<Double>>

  /// A density around points.
  public init(_ points: [Double], bandwidth: Double? = nil) {
    self.points = points
    let count = Double(points.count)
    let mean = points.reduce(0, +) / count
    let squares = points.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let width =
      bandwidth ?? (squares / max(count - 1, 1)).squareRoot() * Double.pow(count, -0.2)
    self.bandwidth = width
    mixture = Mixture(points.map { Gaussian(mean: $0, standardDeviation: width) })
  }

  /// Throws unless there are finite points and the width is positive; equal points have no width of
  /// their own.
  public func validate() throws {
    if points.isEmpty || !points.allSatisfy(\.isFinite) {
      throw ParameterError(
        "KernelDensity", "the list of points", "\(points.prefix(5))…",
        must: "non-empty, all finite")
    }
    if !(bandwidth > 0 && bandwidth < .infinity) {
      throw ParameterError("KernelDensity", "the bandwidth", bandwidth, must: "finite and > 0")
    }
  }

  /// The log density.
  public func logDensity(at x: Double) -> Double { mixture.logDensity(at: x) }
  /// One draw.
  public func draw(using random: inout RandomSource) -> Double { mixture.draw(using: &random) }
  /// All real numbers.
  public var bounds: ClosedRange<Double> { mixture.bounds }
  /// P(X ≤ x).
  public func cumulative(at x: Double) -> Double { mixture.cumulative(at: x) }
  /// P(X > x).
  public func survival(at x: Double) -> Double { mixture.survival(at: x) }
  /// log P(X ≤ x).
  public func logCumulative(at x: Double) -> Double { mixture.logCumulative(at: x) }
  /// log P(X > x).
  public func logSurvival(at x: Double) -> Double { mixture.logSurvival(at: x) }
  /// The mean of the points.
  public var mean: Double { mixture.mean }
  /// The variance of the points, plus h².
  public var variance: Double { mixture.variance }
}
