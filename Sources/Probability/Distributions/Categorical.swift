import RealModule

/// Draws from weighted lists.
enum CategoricalDraw {
  /// An index with probability proportional to its weight.
  static func index(
    weights: [Double], total: Double, using random: inout RandomSource
  ) -> Int {
    var remaining = random.uniform() * total
    var last = 0
    for (index, weight) in weights.enumerated() where weight > 0 {
      remaining -= weight
      if remaining < 0 { return index }
      last = index
    }
    return last
  }
}

/// One of a list of values, with weights that need not sum to one.
public struct Categorical<Value: Hashable & Sendable>: DiscreteDistribution {
  /// The values, in support order.
  public let values: [Value]
  /// Their weights, as given.
  public let weights: [Double]
  @usableFromInline let logMasses: [Double]
  private let total: Double
  private let areEqual: Bool

  /// Values with weights; a list of equal weights when there are none.
  public init(_ values: [Value], weights: [Double]? = nil) {
    self.values = values
    areEqual = weights == nil
    let given = weights ?? Array(repeating: 1, count: values.count)
    self.weights = given
    let total = given.reduce(0, +)
    self.total = total
    let logTotal = Double.log(total)
    logMasses = given.map { Double.log($0) - logTotal }
  }

  /// Throws unless there are values, as many weights, none negative, and one above zero.
  @inlinable public func validate() throws {
    if !isValid { throw problem() }
  }

  @usableFromInline var isValid: Bool {
    total > 0 && total < .infinity && weights.count == values.count
      && (areEqual || !weights.contains { $0 < 0 })
  }

  @usableFromInline func problem() -> ParameterError {
    if values.isEmpty {
      return ParameterError("Categorical", "the list of values", "[]", must: "non-empty")
    }
    if weights.count != values.count {
      return ParameterError(
        "Categorical", "the number of weights", weights.count,
        must: "\(values.count), one for each value")
    }
    if let negative = weights.first(where: { !($0 >= 0 && $0 < .infinity) }) {
      return ParameterError("Categorical", "a weight", negative, must: "finite and ≥ 0")
    }
    return ParameterError("Categorical", "the total weight", total, must: "finite and above 0")
  }

  /// The number of values.
  @inlinable public var supportCount: Int { values.count }
  /// The value at an index.
  @inlinable public func supportValue(at index: Int) -> Value { values[index] }
  /// The log of its normalised weight.
  @inlinable public func logMass(at index: Int) -> Double { logMasses[index] }

  /// The log mass of a value, summed over its appearances in the list.
  public func logDensity(at value: Value) -> Double {
    var mass = -Double.infinity
    for index in values.indices where values[index] == value {
      mass = mass == -.infinity ? logMasses[index] : logSumExp([mass, logMasses[index]])
    }
    return mass
  }

  /// The index of one draw.
  public func drawIndex(using random: inout RandomSource) -> Int {
    areEqual
      ? random.integer(below: values.count)
      : CategoricalDraw.index(weights: weights, total: total, using: &random)
  }
}
