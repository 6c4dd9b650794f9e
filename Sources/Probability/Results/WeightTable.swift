import RealModule

/// Sums log weights by value, in order of first appearance.
///
/// Weights are kept linear relative to a reference that moves when it must: one exponential a path
/// where log-sum-exp would take two transcendental functions.
struct WeightTable<Value: Hashable & Sendable> {
  private var positions: [Value: Int] = [:]
  private(set) var values: [Value] = []
  private(set) var weights: [Double] = []
  /// The log weight that a linear weight of 1 stands for.
  private(set) var reference = -Double.infinity

  /// Adds exp(logWeight) to a value.
  mutating func add(_ value: Value, logWeight: Double) {
    if logWeight - reference > 200 { rescale(to: logWeight) }
    let weight = Double.exp(logWeight - reference)
    if let position = positions[value] {
      weights[position] += weight
    } else {
      positions[value] = values.count
      values.append(value)
      weights.append(weight)
    }
  }

  private mutating func rescale(to new: Double) {
    if reference > -.infinity {
      let scale = Double.exp(reference - new)
      for index in weights.indices { weights[index] *= scale }
    }
    reference = new
  }

  /// The log of the sum of all weights.
  var logTotal: Double {
    let total = weights.reduce(0, +)
    return total > 0 ? reference + Double.log(total) : -.infinity
  }

  /// The normalised result.
  func distribution(_ diagnostics: Diagnostics) -> Distribution<Value> {
    Distribution(values: values, positions: positions, weights: weights, diagnostics: diagnostics)
  }
}
