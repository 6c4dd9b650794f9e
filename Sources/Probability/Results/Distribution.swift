import RealModule

/// The result of inference: values with probabilities that sum to one.
///
/// It is a ``DiscreteDistribution`` itself, so a model can sample from or observe the result of an
/// inner inference.
public struct Distribution<Value: Hashable & Sendable>: Sendable {
  /// The values, each once, in the order in which they first appeared.
  public let values: [Value]
  /// The probability of each value.
  public let probabilities: [Double]
  /// Measures of the result's quality.
  public var diagnostics: Diagnostics
  private let positions: [Value: Int]

  init(values: [Value], positions: [Value: Int], weights: [Double], diagnostics: Diagnostics) {
    let total = weights.reduce(0, +)
    self.values = values
    self.positions = positions
    probabilities = weights.map { $0 / total }
    self.diagnostics = diagnostics
  }

  /// A distribution from values and weights; equal values are merged.
  ///
  /// - Throws: A ``ParameterError`` when a weight is negative or not a number, or all are zero.
  public init(_ weighted: some Sequence<(Value, Double)>) throws {
    var positions: [Value: Int] = [:]
    var values: [Value] = []
    var weights: [Double] = []
    for (value, weight) in weighted {
      guard weight >= 0, weight < .infinity else {
        throw ParameterError(
          "Distribution", "the weight of \(value)", weight, must: "finite and ≥ 0")
      }
      if let position = positions[value] {
        weights[position] += weight
      } else {
        positions[value] = values.count
        values.append(value)
        weights.append(weight)
      }
    }
    guard weights.reduce(0, +) > 0 else {
      throw ParameterError("Distribution", "the total weight", 0, must: "above 0")
    }
    self.init(
      values: values, positions: positions, weights: weights,
      diagnostics: Diagnostics(method: "given"))
  }

  /// The probability of a value; 0 if it never appeared.
  public func probability(of value: Value) -> Double {
    positions[value].map { probabilities[$0] } ?? 0
  }

  /// The probability that a statement holds.
  public func probability(where holds: (Value) throws -> Bool) rethrows -> Double {
    try expectation { try holds($0) ? 1 : 0 }
  }

  /// The mean of a function of the value.
  public func expectation(_ function: (Value) throws -> Double) rethrows -> Double {
    var sum = 0.0
    for (value, probability) in zip(values, probabilities) where probability > 0 {
      sum += try function(value) * probability
    }
    return sum
  }

  /// The variance of a function of the value.
  public func variance(_ function: (Value) throws -> Double) rethrows -> Double {
    let mean = try expectation(function)
    return try expectation {
      let deviation = try function($0) - mean
      return deviation * deviation
    }
  }

  /// The distribution of a function of the value.
  public func map<Image: Hashable & Sendable>(
    _ function: (Value) throws -> Image
  ) rethrows -> Distribution<Image> {
    var table = WeightTable<Image>()
    for (value, probability) in zip(values, probabilities) where probability > 0 {
      table.add(try function(value), logWeight: Double.log(probability))
    }
    return table.distribution(diagnostics)
  }

  /// The marginal of one part of the value.
  public func marginal<Part: Hashable & Sendable>(
    _ part: KeyPath<Value, Part>
  ) -> Distribution<Part> {
    map { $0[keyPath: part] }
  }

  /// The distribution given that a statement holds, or `nil` when it has probability zero.
  public func conditioned(on holds: (Value) throws -> Bool) rethrows -> Distribution<Value>? {
    var table = WeightTable<Value>()
    for (value, probability) in zip(values, probabilities) where probability > 0 {
      if try holds(value) { table.add(value, logWeight: Double.log(probability)) }
    }
    return table.values.isEmpty ? nil : table.distribution(diagnostics)
  }

  /// The most probable value; of equals, the first that appeared.
  public var mode: Value {
    var best = 0
    for index in probabilities.indices where probabilities[index] > probabilities[best] {
      best = index
    }
    return values[best]
  }

  /// −Σ p log p, in nats.
  public var entropy: Double {
    probabilities.reduce(0) { $1 > 0 ? $0 - $1 * Double.log($1) : $0 }
  }

  /// KL(self ‖ other) = Σ p log(p/q), in nats; infinite when `other` rules out what this allows.
  public func divergence(from other: Distribution<Value>) -> Double {
    var sum = 0.0
    for (value, p) in zip(values, probabilities) where p > 0 {
      sum += p * Double.log(p / other.probability(of: value))
    }
    return max(sum, 0)
  }

  /// ½ Σ |p − q|, the largest difference in the probability of any event.
  public func totalVariation(from other: Distribution<Value>) -> Double {
    var sum = 0.0
    for (value, p) in zip(values, probabilities) { sum += abs(p - other.probability(of: value)) }
    for (value, q) in zip(other.values, other.probabilities) where positions[value] == nil {
      sum += q
    }
    return sum / 2
  }

  /// Values with probabilities, most probable first.
  public var ranked: [(value: Value, probability: Double)] {
    zip(values, probabilities).enumerated()
      .sorted { ($1.element.1, $0.offset) < ($0.element.1, $1.offset) }
      .map { (value: $0.element.0, probability: $0.element.1) }
  }

  func position(of value: Value) -> Int? { positions[value] }
}

extension Distribution: DiscreteDistribution {
  /// Results are normalised when made.
  public func validate() {}

  /// The number of values.
  public var supportCount: Int { values.count }

  /// The value at an index.
  public func supportValue(at index: Int) -> Value { values[index] }

  /// The log probability of the value at an index.
  public func logMass(at index: Int) -> Double { Double.log(probabilities[index]) }

  /// The log probability of a value.
  public func logDensity(at value: Value) -> Double { Double.log(probability(of: value)) }

  /// The index of one draw.
  public func drawIndex(using random: inout RandomSource) -> Int {
    CategoricalDraw.index(weights: probabilities, total: 1, using: &random)
  }
}

extension Distribution where Value == Double {
  /// The mean.
  public var mean: Double { expectation { $0 } }
  /// The variance.
  public var variance: Double { variance { $0 } }
  /// The standard deviation.
  public var standardDeviation: Double { variance.squareRoot() }

  /// The smallest value with at least the given probability at or below it.
  public func quantile(_ level: Double) -> Double {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var cumulative = 0.0
    for index in order {
      cumulative += probabilities[index]
      if cumulative >= level - 1e-12 { return values[index] }
    }
    return order.last.map { values[$0] } ?? .nan
  }
}

extension Distribution where Value == Int {
  /// The mean.
  public var mean: Double { expectation(Double.init) }
  /// The variance.
  public var variance: Double { variance(Double.init) }
}
