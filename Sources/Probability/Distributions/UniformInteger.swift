public import RealModule

/// An integer from a range, all equally probable.
public struct UniformInteger: DiscreteDistribution {
  /// The least and the greatest integer, or `nil` when there is none.
  public var range: ClosedRange<Int>?

  /// Uniform over a half-open range.
  @inlinable public init(_ range: Range<Int>) {
    self.range = range.isEmpty ? nil : range.lowerBound...(range.upperBound - 1)
  }
  /// Uniform over a closed range, which may be all integers.
  @inlinable public init(_ range: ClosedRange<Int>) { self.range = range }

  /// Throws when the range is empty.
  @inlinable public func validate() throws {
    if range == nil { throw ParameterError("UniformInteger", "the range", "empty", must: "non-empty") }
  }

  @inlinable var lower: Int { range?.lowerBound ?? 0 }
  /// The greatest integer less the least: the number of integers less 1, which always fits.
  @inlinable var width: UInt { range.map { UInt(bitPattern: $0.upperBound &- $0.lowerBound) } ?? 0 }
  @inlinable var count: Double { range == nil ? 0 : Double(width) + 1 }

  /// The number of integers, `Int.max` if there are more.
  @inlinable public var supportCount: Int {
    range == nil ? 0 : width >= UInt(Int.max) ? .max : Int(width) + 1
  }
  /// The integer at an index; indices from `Int.max` on go on at `Int.min`, as bits do.
  @inlinable public func supportValue(at index: Int) -> Int { lower &+ index }
  /// −log of the number of integers.
  @inlinable public func logMass(at index: Int) -> Double { -Double.log(count) }
  /// −log of the number of integers inside the range, −∞ outside.
  @inlinable public func logDensity(at value: Int) -> Double {
    range?.contains(value) == true ? -Double.log(count) : -.infinity
  }
  /// The logarithm of the share of integers that come later.
  @inlinable public func logTail(above index: Int) -> Double? {
    Double.log(onePlus: -(Double(UInt(bitPattern: index)) + 1) / count)
  }
  /// The index of one draw.
  @inlinable public func drawIndex(using random: inout RandomSource) -> Int {
    Int(bitPattern: width == .max ? UInt(random.next()) : random.next(upperBound: width + 1))
  }
  /// The middle of the range.
  public var mean: Double {
    range.map { (Double($0.lowerBound) + Double($0.upperBound)) / 2 } ?? .nan
  }
  /// (n² − 1)/12.
  public var variance: Double { (count * count - 1) / 12 }
}
