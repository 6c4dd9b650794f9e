public import RealModule

/// A positive number with shape k and scale θ.
///
/// log p(x) = (k − 1) log x − x/θ − log Γ(k) − k log θ
public struct Gamma<Scalar: DifferentiableReal>: DifferentiableDistribution {
  /// k > 0.
  public var shape: Scalar
  /// θ > 0.
  public var scale: Scalar

  /// The distribution over any differentiable scalar.
  @_disfavoredOverload
  @inlinable public init(shape: Scalar, scale: Scalar) {
    self.shape = shape
    self.scale = scale
  }

  /// The log density; −∞ outside the support.
  @inlinable public func logDensity(at x: Scalar) -> Scalar {
    if x.value < 0 { return Scalar(-.infinity) }
    let power = shape.value == 1 ? 0 : (shape - 1) * Scalar.log(x)
    return power - x / scale - Scalar.logGamma(shape) - shape * Scalar.log(scale)
  }

  /// The positive numbers.
  @inlinable public var interval: Interval<Scalar> { .above(0) }

  /// e^u and the log density of u, k(u − log θ) − e^u/θ − log Γ(k): finite however small e^u is.
  @inlinable public func place(_ u: Scalar) -> (x: Scalar, logDensity: Scalar) {
    let z = u - Scalar.log(scale)
    return (interval.constrain(u).x, shape * z - Scalar.exp(z) - Scalar.logGamma(shape))
  }

  /// One draw at the parameters' plain values.
  public func predict(using random: inout RandomSource) -> Double? {
    Gamma<Double>(shape: shape.value, scale: scale.value).draw(using: &random)
  }
}

extension Gamma: ProbabilityDistribution, ContinuousDistribution where Scalar == Double {
  /// The distribution with the given parameters.
  @inlinable public init(shape: Double, scale: Double) {
    self.shape = shape
    self.scale = scale
  }

  /// Throws when a parameter is out of its range.
  @inlinable public func validate() throws {
    if !(shape > 0 && shape < .infinity) {
      throw ParameterError("Gamma", "the shape", shape, must: "finite and > 0")
    }
    if !(scale > 0 && scale < .infinity) {
      throw ParameterError("Gamma", "the scale", scale, must: "finite and > 0")
    }
  }

  /// One draw, above 0 even where it would underflow.
  public func draw(using random: inout RandomSource) -> Double {
    max(scale * Double.exp(random.logGamma(shape: shape)), .leastNonzeroMagnitude)
  }

  /// Draws as a choice of the logarithm, whose density is finite everywhere: at shapes below 1 the
  /// number's own is infinite at 0, and at small ones that is what most numbers round to.
  public func choose(with sampler: Sampler, at location: UInt64) throws -> Double {
    interval.constrain(try sampler.chooseReal(from: GammaLogarithm(gamma: self), at: location)).x
  }

  /// The positive numbers.
  public var bounds: ClosedRange<Double> { 0 ... .infinity }
  /// P(X ≤ x).
  public func cumulative(at x: Double) -> Double {
    x <= 0 ? 0 : SpecialFunctions.incompleteGamma(shape: shape, x / scale).lower
  }
  /// P(X > x).
  public func survival(at x: Double) -> Double {
    x <= 0 ? 1 : SpecialFunctions.incompleteGamma(shape: shape, x / scale).upper
  }
  /// log P(X ≤ x).
  public func logCumulative(at x: Double) -> Double {
    x <= 0 ? -.infinity : SpecialFunctions.logIncompleteGamma(shape: shape, x / scale).lower
  }
  /// log P(X > x).
  public func logSurvival(at x: Double) -> Double {
    x <= 0 ? 0 : SpecialFunctions.logIncompleteGamma(shape: shape, x / scale).upper
  }
  /// The mean.
  public var mean: Double { shape * scale }
  /// The variance.
  public var variance: Double { shape * scale * scale }
}

/// The logarithm of a gamma number, as which a model chooses it.
struct GammaLogarithm: ContinuousDistribution, CustomStringConvertible {
  let gamma: Gamma<Double>

  var description: String { "\(gamma)" }
  func validate() throws { try gamma.validate() }
  func logDensity(at u: Double) -> Double { gamma.place(u).logDensity }
  func draw(using random: inout RandomSource) -> Double {
    Double.log(gamma.scale) + random.logGamma(shape: gamma.shape)
  }
  var bounds: ClosedRange<Double> { -.infinity ... .infinity }
  func cumulative(at u: Double) -> Double { gamma.cumulative(at: Double.exp(u)) }
  func survival(at u: Double) -> Double { gamma.survival(at: Double.exp(u)) }
  var mean: Double { SpecialFunctions.digamma(gamma.shape) + Double.log(gamma.scale) }
  var variance: Double { SpecialFunctions.trigamma(gamma.shape) }
}
