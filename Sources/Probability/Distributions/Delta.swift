/// One value, for certain.
public struct Delta<Value: Hashable & Sendable>: DiscreteDistribution {
  /// The value.
  public var value: Value

  /// All mass on one value.
  @inlinable public init(_ value: Value) { self.value = value }

  /// Never throws: any value will do.
  @inlinable public func validate() {}
  /// One.
  @inlinable public var supportCount: Int { 1 }
  /// The value.
  @inlinable public func supportValue(at index: Int) -> Value { value }
  /// 0.
  @inlinable public func logMass(at index: Int) -> Double { 0 }
  /// 0 for the value, −∞ for all others.
  @inlinable public func logDensity(at other: Value) -> Double { other == value ? 0 : -.infinity }
  /// Always the first.
  @inlinable public func drawIndex(using random: inout RandomSource) -> Int { 0 }
}
