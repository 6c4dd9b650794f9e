public import RealModule

/// A real number that log densities can be written over: `Double` for values, ``Dual`` for
/// gradients.
///
/// A density written once over this protocol serves plain scoring (`Double`) and the gradient-based
/// methods (``Dual``). Elementary functions come from swift-numerics.
public protocol DifferentiableReal:
  AlgebraicField, Sendable, Comparable, ExpressibleByFloatLiteral
{
  /// Lifts a constant.
  init(_ constant: Double)
  /// The plain value, its derivatives dropped.
  var value: Double { get }

  /// The exponential.
  static func exp(_ x: Self) -> Self
  /// exp(x) − 1, exact near 0.
  static func expMinusOne(_ x: Self) -> Self
  /// The natural logarithm.
  static func log(_ x: Self) -> Self
  /// log(1 + x), exact near 0.
  static func log(onePlus x: Self) -> Self
  /// The square root.
  static func sqrt(_ x: Self) -> Self
  /// The sine.
  static func sin(_ x: Self) -> Self
  /// The cosine.
  static func cos(_ x: Self) -> Self
  /// The hyperbolic tangent.
  static func tanh(_ x: Self) -> Self
  /// log Γ(x) for x > 0.
  static func logGamma(_ x: Self) -> Self
}

extension Double: DifferentiableReal {
  /// The number itself.
  @inlinable public var value: Double { self }
}

extension DifferentiableReal {
  /// The absolute value.
  @inlinable public var absolute: Self { value < 0 ? -self : self }

  /// 1 / (1 + e^−x), without overflow on either side.
  @inlinable public static func logistic(_ x: Self) -> Self {
    if x.value >= 0 { return 1 / (1 + exp(-x)) }
    let e = exp(x)
    return e / (1 + e)
  }

  /// log(1 + e^x), without overflow.
  @inlinable public static func softplus(_ x: Self) -> Self {
    x.value > 0 ? x + log(onePlus: exp(-x)) : log(onePlus: exp(x))
  }
}
