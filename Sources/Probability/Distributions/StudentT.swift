public import RealModule

/// Student's t with location and scale.
///
/// log p(x) = log Γ((ν+1)/2) − log Γ(ν/2) − ½ log νπ − log σ − (ν+1)/2 · log(1 + z²/ν), z = (x −
/// μ)/σ
public struct StudentT<Scalar: DifferentiableReal>: DifferentiableDistribution {
  /// ν > 0.
  public var degreesOfFreedom: Scalar
  /// μ.
  public var location: Scalar
  /// σ > 0.
  public var scale: Scalar

  /// The distribution over any differentiable scalar.
  @_disfavoredOverload
  @inlinable public init(degreesOfFreedom: Scalar, location: Scalar, scale: Scalar) {
    self.degreesOfFreedom = degreesOfFreedom
    self.location = location
    self.scale = scale
  }

  /// The log density; −∞ outside the support.
  @inlinable public func logDensity(at x: Scalar) -> Scalar {
    let z = (x - location) / scale
    let half = (degreesOfFreedom + 1) * 0.5
    let front = Scalar.logGamma(half) - Scalar.logGamma(degreesOfFreedom * 0.5)
    let width = Scalar.log(degreesOfFreedom * .init(Double.pi)) * 0.5 + Scalar.log(scale)
    return front - width - half * Scalar.log(onePlus: z * z / degreesOfFreedom)
  }

  /// The real line.
  @inlinable public var interval: Interval<Scalar> { .real }

  /// One draw at the parameters' plain values.
  public func predict(using random: inout RandomSource) -> Double? {
    StudentT<Double>(
      degreesOfFreedom: degreesOfFreedom.value, location: location.value, scale: scale.value
    ).draw(using: &random)
  }
}

extension StudentT: ProbabilityDistribution, ContinuousDistribution where Scalar == Double {
  /// The distribution with the given parameters.
  @inlinable public init(degreesOfFreedom: Double, location: Double, scale: Double) {
    self.degreesOfFreedom = degreesOfFreedom
    self.location = location
    self.scale = scale
  }

  /// Throws when a parameter is out of its range.
  @inlinable public func validate() throws {
    if !(degreesOfFreedom > 0 && degreesOfFreedom < .infinity) {
      throw ParameterError(
        "StudentT", "the number of degrees of freedom", degreesOfFreedom, must: "finite and > 0")
    }
    if !(scale > 0 && scale < .infinity) {
      throw ParameterError("StudentT", "the scale", scale, must: "finite and > 0")
    }
    if !location.isFinite {
      throw ParameterError("StudentT", "the location", location, must: "finite")
    }
  }

  /// One draw.
  public func draw(using random: inout RandomSource) -> Double {
    let gamma = Double.exp(random.logGamma(shape: degreesOfFreedom / 2))
    let chiSquared = 2 * max(gamma, .leastNonzeroMagnitude)
    return location + scale * random.normal() * (degreesOfFreedom / chiSquared).squareRoot()
  }

  /// The real line.
  public var bounds: ClosedRange<Double> { -.infinity ... .infinity }
  /// P(X ≤ x).
  public func cumulative(at x: Double) -> Double {
    let tail = Double.exp(logTail(x))
    return x < location ? tail : 1 - tail
  }
  /// log P(X ≤ x).
  public func logCumulative(at x: Double) -> Double {
    x < location ? logTail(x) : Double.log(onePlus: -Double.exp(logTail(x)))
  }
  /// log P(X > x), by symmetry.
  public func logSurvival(at x: Double) -> Double { logCumulative(at: 2 * location - x) }
  /// The log probability of lying further out than x on its side.
  private func logTail(_ x: Double) -> Double {
    let z = (x - location) / scale
    let v = degreesOfFreedom
    // Near the median by the share that lies further in: the other's argument would round to 1.
    let log =
      z * z < v
      ? SpecialFunctions.logIncompleteBeta(0.5, v / 2, z * z / (v + z * z)).upper
      : SpecialFunctions.logIncompleteBeta(v / 2, 0.5, v / (v + z * z)).lower
    return log - 0.693147180559945309417232121458
  }
  /// P(X > x), by symmetry.
  public func survival(at x: Double) -> Double { cumulative(at: 2 * location - x) }
  /// The mean.
  public var mean: Double { degreesOfFreedom > 1 ? location : .nan }
  /// The variance.
  public var variance: Double {
    degreesOfFreedom > 2
      ? scale * scale * degreesOfFreedom / (degreesOfFreedom - 2)
      : degreesOfFreedom > 1 ? .infinity : .nan
  }
  /// A typical width, for proposals.
  public var spread: Double { degreesOfFreedom > 2 ? standardDeviation : scale }
}
