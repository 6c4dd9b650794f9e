import CTorch

// One operand, element by element. Shape and device stay; integer input becomes float32 where the result is not integer.

extension Tensor {
  /// −x.
  public func negated() -> Tensor { made("neg", torch.pointee.neg(pointer), [self]) }
  /// |x|.
  public func abs() -> Tensor { made("abs", torch.pointee.abs(pointer), [self]) }
  /// eˣ.
  public func exp() -> Tensor { made("exp", torch.pointee.exp(pointer), [self]) }
  /// eˣ − 1, exact near 0.
  public func expm1() -> Tensor { made("expm1", torch.pointee.expm1(pointer), [self]) }
  /// ln x.
  public func log() -> Tensor { made("log", torch.pointee.log(pointer), [self]) }
  /// ln(1 + x), exact near 0.
  public func log1p() -> Tensor { made("log1p", torch.pointee.log1p(pointer), [self]) }
  /// log₂ x.
  public func log2() -> Tensor { made("log2", torch.pointee.log2(pointer), [self]) }
  /// √x.
  public func sqrt() -> Tensor { made("sqrt", torch.pointee.sqrt(pointer), [self]) }
  /// 1/√x.
  public func rsqrt() -> Tensor { made("rsqrt", torch.pointee.rsqrt(pointer), [self]) }
  /// x².
  public func square() -> Tensor { made("square", torch.pointee.square(pointer), [self]) }
  /// 1/x.
  public func reciprocal() -> Tensor { made("reciprocal", torch.pointee.reciprocal(pointer), [self]) }
  /// sin x.
  public func sin() -> Tensor { made("sin", torch.pointee.sin(pointer), [self]) }
  /// cos x.
  public func cos() -> Tensor { made("cos", torch.pointee.cos(pointer), [self]) }
  /// tanh x.
  public func tanh() -> Tensor { made("tanh", torch.pointee.tanh(pointer), [self]) }
  /// 1/(1 + e⁻ˣ).
  public func sigmoid() -> Tensor { made("sigmoid", torch.pointee.sigmoid(pointer), [self]) }
  /// max(x, 0).
  public func relu() -> Tensor { made("relu", torch.pointee.relu(pointer), [self]) }
  /// x·sigmoid(x).
  public func silu() -> Tensor { made("silu", torch.pointee.silu(pointer), [self]) }
  /// The error function.
  public func erf() -> Tensor { made("erf", torch.pointee.erf(pointer), [self]) }
  /// The largest integer not above x.
  public func floor() -> Tensor { made("floor", torch.pointee.floor(pointer), [self]) }
  /// The smallest integer not below x.
  public func ceil() -> Tensor { made("ceil", torch.pointee.ceil(pointer), [self]) }
  /// The nearest integer, halves to even.
  public func round() -> Tensor { made("round", torch.pointee.round(pointer), [self]) }
  /// −1, 0 or 1.
  public func sign() -> Tensor { made("sign", torch.pointee.sign(pointer), [self]) }
  /// The truth of being NaN, for each element.
  public func isNaN() -> Tensor { made("isnan", torch.pointee.isnan(pointer), [self]) }
  /// The truth of being neither infinite nor NaN, for each element.
  public func isFinite() -> Tensor { made("isfinite", torch.pointee.isfinite(pointer), [self]) }
  /// The truth of being zero, for each element.
  public func logicalNot() -> Tensor { made("logical_not", torch.pointee.logical_not(pointer), [self]) }
  /// ln(1 + eˣ).
  public func softplus() -> Tensor { made("softplus", torch.pointee.softplus(pointer), [self]) }
  /// ln sigmoid(x), without overflow.
  public func logSigmoid() -> Tensor { made("log_sigmoid", torch.pointee.log_sigmoid(pointer), [self]) }
  /// ln Γ(x).
  public func logGamma() -> Tensor { made("lgamma", torch.pointee.lgamma(pointer), [self]) }
  /// Γ′(x)/Γ(x).
  public func digamma() -> Tensor { made("digamma", torch.pointee.digamma(pointer), [self]) }
  /// x·Φ(x) (Hendrycks 2016), exact or by the tanh approximation that GPT-2 uses.
  public func gelu(tanhApproximation: Bool = false) -> Tensor {
    made("gelu", torch.pointee.gelu(pointer, tanhApproximation ? 1 : 0), [self])
  }
  /// x where positive, slope·x elsewhere.
  public func leakyReLU(slope: Double = 0.01) -> Tensor {
    made("leaky_relu", torch.pointee.leaky_relu(pointer, slope), [self])
  }
  /// x where positive, alpha·(eˣ − 1) elsewhere.
  public func elu(alpha: Double = 1) -> Tensor {
    made("elu", torch.pointee.elu(pointer, alpha), [self])
  }
  /// Limits every element to [low, high]; an infinite bound is none.
  public func clamped(_ low: Double = -.infinity, _ high: Double = .infinity) -> Tensor {
    made("clamp", torch.pointee.clamp(pointer, low, high), [self])
  }
  /// Limits every element to [low, high], bounds element by element.
  public func clamped(_ low: Tensor, _ high: Tensor) -> Tensor {
    made("clamp", torch.pointee.clamp_tensor(pointer, low.pointer, high.pointer), [self, low, high])
  }
}
