import RealModule

/// A weighted mixture of continuous distributions, as one choice with a density.
///
/// Its components are of one family; wrap them to mix families, or draw the component as a choice
/// of its own.
public struct Mixture<Component: ContinuousDistribution>: ContinuousDistribution {
  /// The components.
  public let components: [Component]
  /// Their weights, which need not sum to one.
  public let weights: [Double]
  private let total: Double

  /// Components with weights; equal weights when there are none.
  public init(_ components: [Component], weights: [Double]? = nil) {
    self.components = components
    self.weights = weights ?? Array(repeating: 1, count: components.count)
    total = self.weights.reduce(0, +)
  }

  /// Throws unless there are components, as many weights, and all make sense.
  public func validate() throws {
    if components.isEmpty || weights.count != components.count {
      throw ParameterError(
        "Mixture", "the number of weights", weights.count,
        must: "the number of components, \(components.count), and not 0")
    }
    if let bad = weights.first(where: { !($0 >= 0 && $0 < .infinity) }) {
      throw ParameterError("Mixture", "a weight", bad, must: "finite and ≥ 0")
    }
    if !(total > 0) { throw ParameterError("Mixture", "the total weight", total, must: "above 0") }
    for component in components { try component.validate() }
  }

  /// log Σ wᵢ pᵢ(x).
  public func logDensity(at x: Double) -> Double {
    logAverage { $0.logDensity(at: x) }
  }

  /// One draw.
  public func draw(using random: inout RandomSource) -> Double {
    let index = CategoricalDraw.index(weights: weights, total: total, using: &random)
    return components[index].draw(using: &random)
  }

  /// From the lowest bound to the highest.
  public var bounds: ClosedRange<Double> {
    let lower = components.map(\.bounds.lowerBound).min() ?? -.infinity
    let upper = components.map(\.bounds.upperBound).max() ?? .infinity
    return lower...upper
  }

  /// Σ wᵢ Fᵢ(x).
  public func cumulative(at x: Double) -> Double { average { $0.cumulative(at: x) } }

  /// Σ wᵢ (1 − Fᵢ(x)).
  public func survival(at x: Double) -> Double { average { $0.survival(at: x) } }

  /// log Σ wᵢ Fᵢ(x).
  public func logCumulative(at x: Double) -> Double { logAverage { $0.logCumulative(at: x) } }

  /// log Σ wᵢ (1 − Fᵢ(x)).
  public func logSurvival(at x: Double) -> Double { logAverage { $0.logSurvival(at: x) } }

  /// Σ wᵢ μᵢ.
  public var mean: Double { average(\.mean) }

  /// Σ wᵢ (σᵢ² + μᵢ²) − μ².
  public var variance: Double {
    let mean = mean
    return average { $0.variance + ($0.mean - mean) * ($0.mean - mean) }
  }

  private func logAverage(_ function: (Component) -> Double) -> Double {
    logSumExp(zip(components, weights).map { function($0) + Double.log($1 / total) })
  }

  private func average(_ function: (Component) -> Double) -> Double {
    zip(components, weights).reduce(0) { $0 + function($1.0) * $1.1 / total }
  }
}
