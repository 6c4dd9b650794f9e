public import RealModule

/// An integer from a range, all equally probable.
public struct UniformInteger: DiscreteDistribution {
  /// The range.
  public var range: Range<Int>

  /// Uniform over a half-open range.
  @inlinable public init(_ range: Range<Int>) { self.range = range }
  /// Uniform over a closed range.
  @inlinable public init(_ range: ClosedRange<Int>) { self.range = Range(range) }

  /// Throws when the range is empty.
  @inlinable public func validate() throws {
    if range.isEmpty {
      throw ParameterError("UniformInteger", "the range", range, must: "non-empty")
    }
  }

  /// The number of integers.
  @inlinable public var supportCount: Int { range.count }
  /// The integer at an index.
  @inlinable public func supportValue(at index: Int) -> Int { range.lowerBound + index }
  /// −log of the number of integers.
  @inlinable public func logMass(at index: Int) -> Double { -Double.log(Double(range.count)) }
  /// −log of the number of integers inside the range, −∞ outside.
  @inlinable public func logDensity(at value: Int) -> Double {
    range.contains(value) ? -Double.log(Double(range.count)) : -.infinity
  }
  /// The index of one draw.
  @inlinable public func drawIndex(using random: inout RandomSource) -> Int {
    random.integer(below: range.count)
  }
  /// The middle of the range.
  public var mean: Double { Double(range.lowerBound + range.upperBound - 1) / 2 }
  /// (n² − 1)/12.
  public var variance: Double { (Double(range.count) * Double(range.count) - 1) / 12 }
}
