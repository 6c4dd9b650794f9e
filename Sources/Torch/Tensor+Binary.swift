import CTorch

// Two operands, element by element, with NumPy's broadcasting; a scalar keeps an integer tensor's type if it is whole.

extension Tensor {
  /// Sum.
  public static func + (a: Tensor, b: Tensor) -> Tensor {
    made("add", torch.pointee.add(a.pointer, b.pointer, 1), [a, b])
  }
  /// Difference.
  public static func - (a: Tensor, b: Tensor) -> Tensor {
    made("sub", torch.pointee.add(a.pointer, b.pointer, -1), [a, b])
  }
  /// Product.
  public static func * (a: Tensor, b: Tensor) -> Tensor {
    made("mul", torch.pointee.mul(a.pointer, b.pointer), [a, b])
  }
  /// Quotient; true division, also of integers.
  public static func / (a: Tensor, b: Tensor) -> Tensor {
    made("div", torch.pointee.div(a.pointer, b.pointer), [a, b])
  }
  /// Sum with a scalar.
  public static func + (a: Tensor, b: Double) -> Tensor {
    made("add", torch.pointee.add_scalar(a.pointer, b), [a])
  }
  /// Sum with a scalar.
  public static func + (a: Double, b: Tensor) -> Tensor { b + a }
  /// Difference with a scalar.
  public static func - (a: Tensor, b: Double) -> Tensor { a + (-b) }
  /// A scalar less each element.
  public static func - (a: Double, b: Tensor) -> Tensor {
    made("rsub", torch.pointee.rsub_scalar(b.pointer, a), [b])
  }
  /// Product with a scalar.
  public static func * (a: Tensor, b: Double) -> Tensor {
    made("mul", torch.pointee.mul_scalar(a.pointer, b), [a])
  }
  /// Product with a scalar.
  public static func * (a: Double, b: Tensor) -> Tensor { b * a }
  /// Quotient by a scalar.
  public static func / (a: Tensor, b: Double) -> Tensor {
    switch a.dtype {
    // The divisor itself must not be rounded to eight bits: divide in float32, as PyTorch does.
    case .bfloat16, .float16: (a.to(.float32) / b).to(a.dtype)
    case .float32, .float64: a / Tensor(b, dtype: a.dtype, device: a.device)
    default: a / Tensor(b, dtype: .float32, device: a.device)
    }
  }
  /// A scalar over each element.
  public static func / (a: Double, b: Tensor) -> Tensor { a * b.reciprocal() }
  /// Negation.
  public static prefix func - (a: Tensor) -> Tensor { a.negated() }
  /// The truth of a = b for each element, as bool.
  public static func .== (a: Tensor, b: Tensor) -> Tensor {
    made("eq", torch.pointee.eq(a.pointer, b.pointer), [a, b])
  }
  /// The truth of a = b for each element, as bool.
  public static func .== (a: Tensor, b: Double) -> Tensor {
    made("eq", torch.pointee.eq_scalar(a.pointer, b), [a])
  }
  /// The truth of a ≠ b for each element, as bool.
  public static func .!= (a: Tensor, b: Tensor) -> Tensor {
    made("ne", torch.pointee.ne(a.pointer, b.pointer), [a, b])
  }
  /// The truth of a ≠ b for each element, as bool.
  public static func .!= (a: Tensor, b: Double) -> Tensor {
    made("ne", torch.pointee.ne_scalar(a.pointer, b), [a])
  }
  /// The truth of a < b for each element, as bool.
  public static func .< (a: Tensor, b: Tensor) -> Tensor {
    made("lt", torch.pointee.lt(a.pointer, b.pointer), [a, b])
  }
  /// The truth of a < b for each element, as bool.
  public static func .< (a: Tensor, b: Double) -> Tensor {
    made("lt", torch.pointee.lt_scalar(a.pointer, b), [a])
  }
  /// The truth of a ≤ b for each element, as bool.
  public static func .<= (a: Tensor, b: Tensor) -> Tensor {
    made("le", torch.pointee.le(a.pointer, b.pointer), [a, b])
  }
  /// The truth of a ≤ b for each element, as bool.
  public static func .<= (a: Tensor, b: Double) -> Tensor {
    made("le", torch.pointee.le_scalar(a.pointer, b), [a])
  }
  /// The truth of a > b for each element, as bool.
  public static func .> (a: Tensor, b: Tensor) -> Tensor {
    made("gt", torch.pointee.gt(a.pointer, b.pointer), [a, b])
  }
  /// The truth of a > b for each element, as bool.
  public static func .> (a: Tensor, b: Double) -> Tensor {
    made("gt", torch.pointee.gt_scalar(a.pointer, b), [a])
  }
  /// The truth of a ≥ b for each element, as bool.
  public static func .>= (a: Tensor, b: Tensor) -> Tensor {
    made("ge", torch.pointee.ge(a.pointer, b.pointer), [a, b])
  }
  /// The truth of a ≥ b for each element, as bool.
  public static func .>= (a: Tensor, b: Double) -> Tensor {
    made("ge", torch.pointee.ge_scalar(a.pointer, b), [a])
  }
  /// This to the power of `other`.
  public func pow(_ other: Tensor) -> Tensor {
    made("pow", torch.pointee.pow(pointer, other.pointer), [self, other])
  }
  /// This to the power of `other`.
  public func pow(_ other: Double) -> Tensor {
    made("pow", torch.pointee.pow_scalar(pointer, other), [self])
  }
  /// The remainder of division, with the divisor's sign.
  public func remainder(_ other: Tensor) -> Tensor {
    made("remainder", torch.pointee.remainder(pointer, other.pointer), [self, other])
  }
  /// The remainder of division, with the divisor's sign.
  public func remainder(_ other: Double) -> Tensor {
    made("remainder", torch.pointee.remainder_scalar(pointer, other), [self])
  }
  /// Division rounded down.
  public func floorDivide(_ other: Tensor) -> Tensor {
    made("floor_divide", torch.pointee.floor_divide(pointer, other.pointer), [self, other])
  }
  /// Division rounded down.
  public func floorDivide(_ other: Double) -> Tensor {
    made("floor_divide", torch.pointee.floor_divide_scalar(pointer, other), [self])
  }
  /// The larger of both.
  public func maximum(_ other: Tensor) -> Tensor {
    made("maximum", torch.pointee.maximum(pointer, other.pointer), [self, other])
  }
  /// The smaller of both.
  public func minimum(_ other: Tensor) -> Tensor {
    made("minimum", torch.pointee.minimum(pointer, other.pointer), [self, other])
  }
  /// The truth of both being non-zero, for each element.
  public func logicalAnd(_ other: Tensor) -> Tensor {
    made("logical_and", torch.pointee.logical_and(pointer, other.pointer), [self, other])
  }
  /// The truth of either being non-zero, for each element.
  public func logicalOr(_ other: Tensor) -> Tensor {
    made("logical_or", torch.pointee.logical_or(pointer, other.pointer), [self, other])
  }
  /// The angle of the point (other, self).
  public func atan2(_ other: Tensor) -> Tensor {
    made("atan2", torch.pointee.atan2(pointer, other.pointer), [self, other])
  }
  /// self + weight·(other − self).
  public func lerp(_ other: Tensor, _ weight: Double) -> Tensor {
    made("lerp", torch.pointee.lerp(pointer, other.pointer, weight), [self, other])
  }

  // MARK: In place

  /// Adds `factor`·other to the memory that all copies of this value share.
  public func addInPlace(_ other: Tensor, factor: Double = 1) {
    done("add_", torch.pointee.add_(pointer, other.pointer, factor), [self, other])
  }
  /// Multiplies in place, element by element.
  public func multiplyInPlace(_ other: Tensor) {
    done("mul_", torch.pointee.mul_(pointer, other.pointer), [self, other])
  }
  /// Multiplies every element in place.
  public func multiplyInPlace(_ factor: Double) {
    done("mul_", torch.pointee.mul_scalar_(pointer, factor), [self])
  }
  /// self ← self + weight·(other − self).
  public func lerpInPlace(_ other: Tensor, _ weight: Double) {
    done("lerp_", torch.pointee.lerp_(pointer, other.pointer, weight), [self, other])
  }
  /// Overwrites every element.
  public func fillInPlace(_ value: Double) {
    done("fill_", torch.pointee.fill_(pointer, value), [self])
  }
  /// Overwrites the elements with `other`'s, converted and broadcast.
  public func copyInPlace(_ other: Tensor) {
    done("copy_", torch.pointee.copy_(pointer, other.pointer), [self, other])
  }
}
