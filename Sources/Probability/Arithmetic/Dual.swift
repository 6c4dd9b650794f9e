public import RealModule

/// A number with its derivatives in eight directions: forward-mode differentiation.
///
/// `Dual` carries `value` and the partial derivatives with respect to up to eight coordinates, one
/// vector register on a machine with AVX-512. A gradient of `d` coordinates costs ⌈d/8⌉ passes over
/// the model; there is no tape, so the cost of memory is nil. For hundreds of coordinates reverse
/// mode would be cheaper; the models this library is for have tens.
public struct Dual: DifferentiableReal {
  /// The number of directions that one pass carries.
  public static let width = 8

  /// The number.
  public var value: Double
  /// Its derivatives along the eight directions of this pass.
  public var derivatives: SIMD8<Double>

  /// A number with given derivatives.
  @inlinable public init(value: Double, derivatives: SIMD8<Double>) {
    self.value = value
    self.derivatives = derivatives
  }

  /// A constant: all derivatives zero.
  @inlinable public init(_ constant: Double) {
    self.init(value: constant, derivatives: .zero)
  }

  /// A floating-point literal as a constant.
  @inlinable public init(floatLiteral value: Double) { self.init(value) }

  /// An integer literal as a constant.
  @inlinable public init(integerLiteral value: Int) { self.init(Double(value)) }

  /// The image of `self` under a function with the given value and slope here (the chain rule).
  @inlinable func mapped(to image: Double, slope: Double) -> Dual {
    Dual(value: image, derivatives: derivatives * slope)
  }
}

extension Dual {
  /// The sum.
  @inlinable public static func + (a: Dual, b: Dual) -> Dual {
    Dual(value: a.value + b.value, derivatives: a.derivatives + b.derivatives)
  }

  /// The difference.
  @inlinable public static func - (a: Dual, b: Dual) -> Dual {
    Dual(value: a.value - b.value, derivatives: a.derivatives - b.derivatives)
  }

  /// The product.
  @inlinable public static func * (a: Dual, b: Dual) -> Dual {
    Dual(
      value: a.value * b.value,
      derivatives: a.derivatives * b.value + b.derivatives * a.value)
  }

  /// Multiplies in place.
  @inlinable public static func *= (a: inout Dual, b: Dual) { a = a * b }

  /// Divides in place.
  @inlinable public static func /= (a: inout Dual, b: Dual) { a = a / b }

  /// Zero.
  @inlinable public static var zero: Dual { Dual(0.0) }

  /// The absolute value.
  @inlinable public var magnitude: Dual { absolute }

  /// An integer as a constant, if a `Double` can hold it.
  public init?(exactly source: some BinaryInteger) {
    guard let value = Double(exactly: source) else { return nil }
    self.init(value)
  }

  /// The quotient.
  @inlinable public static func / (a: Dual, b: Dual) -> Dual {
    let quotient = a.value / b.value
    return Dual(value: quotient, derivatives: (a.derivatives - b.derivatives * quotient) / b.value)
  }

  /// The negative.
  @inlinable public static prefix func - (a: Dual) -> Dual {
    Dual(value: -a.value, derivatives: -a.derivatives)
  }

  // Disfavoured, for `0.25 + 3` must go on meaning two plain numbers.

  /// The sum with a constant on the left.
  @_disfavoredOverload
  @inlinable public static func + (a: Double, b: Dual) -> Dual { Dual(a) + b }

  /// The sum with a constant on the right.
  @_disfavoredOverload
  @inlinable public static func + (a: Dual, b: Double) -> Dual { a + Dual(b) }

  /// The difference with a constant on the left.
  @_disfavoredOverload
  @inlinable public static func - (a: Double, b: Dual) -> Dual { Dual(a) - b }

  /// The difference with a constant on the right.
  @_disfavoredOverload
  @inlinable public static func - (a: Dual, b: Double) -> Dual { a - Dual(b) }

  /// The product with a constant on the left.
  @_disfavoredOverload
  @inlinable public static func * (a: Double, b: Dual) -> Dual { Dual(a) * b }

  /// The product with a constant on the right.
  @_disfavoredOverload
  @inlinable public static func * (a: Dual, b: Double) -> Dual { a * Dual(b) }

  /// The quotient with a constant on the left.
  @_disfavoredOverload
  @inlinable public static func / (a: Double, b: Dual) -> Dual { Dual(a) / b }

  /// The quotient with a constant on the right.
  @_disfavoredOverload
  @inlinable public static func / (a: Dual, b: Double) -> Dual { a / Dual(b) }

  /// Order by value.
  @inlinable public static func < (a: Dual, b: Dual) -> Bool { a.value < b.value }

  /// The exponential.
  @inlinable public static func exp(_ x: Dual) -> Dual {
    let e = Double.exp(x.value)
    return x.mapped(to: e, slope: e)
  }

  /// exp(x) − 1, exact near 0.
  @inlinable public static func expMinusOne(_ x: Dual) -> Dual {
    x.mapped(to: Double.expMinusOne(x.value), slope: Double.exp(x.value))
  }

  /// The natural logarithm.
  @inlinable public static func log(_ x: Dual) -> Dual {
    x.mapped(to: Double.log(x.value), slope: 1 / x.value)
  }

  /// log(1 + x), exact near 0.
  @inlinable public static func log(onePlus x: Dual) -> Dual {
    x.mapped(to: Double.log(onePlus: x.value), slope: 1 / (1 + x.value))
  }

  /// The square root.
  @inlinable public static func sqrt(_ x: Dual) -> Dual {
    let root = Double.sqrt(x.value)
    return x.mapped(to: root, slope: 0.5 / root)
  }

  /// The sine.
  @inlinable public static func sin(_ x: Dual) -> Dual {
    x.mapped(to: Double.sin(x.value), slope: Double.cos(x.value))
  }

  /// The cosine.
  @inlinable public static func cos(_ x: Dual) -> Dual {
    x.mapped(to: Double.cos(x.value), slope: -Double.sin(x.value))
  }

  /// The hyperbolic tangent.
  @inlinable public static func tanh(_ x: Dual) -> Dual {
    let t = Double.tanh(x.value)
    return x.mapped(to: t, slope: 1 - t * t)
  }

  /// log Γ(x), whose slope is the digamma function.
  @inlinable public static func logGamma(_ x: Dual) -> Dual {
    x.mapped(to: Double.logGamma(x.value), slope: SpecialFunctions.digamma(x.value))
  }
}
