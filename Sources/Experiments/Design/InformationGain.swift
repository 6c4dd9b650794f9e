import Foundation

/// The arithmetic of expected information gain over finitely many models.
enum InformationGain {
  /// The information of one response, KL(posterior ‖ prior), and the response's probability.
  ///
  /// - Parameter likelihoods: the models' probabilities of the response, all up to one common factor, which the
  ///   evidence then has too and the information hasn't.
  static func of(
    _ likelihoods: UnsafeBufferPointer<Double>, prior: UnsafeBufferPointer<Double>
  ) -> (information: Double, evidence: Double) {
    var evidence = 0.0
    for model in prior.indices { evidence += prior[model] * likelihoods[model] }
    guard evidence > 0 else { return (0, 0) }
    var sum = 0.0
    for model in prior.indices where prior[model] > 0 && likelihoods[model] > 0 {
      let ratio = likelihoods[model] / evidence
      sum += prior[model] * ratio * log(ratio)
    }
    return (max(sum, 0), evidence)
  }

  /// Weights of any size as probabilities: their sum may be more than a number can hold.
  static func normalized(_ weights: [Double]) -> [Double] {
    let largest = weights.max() ?? 0
    guard largest > 0 else { return weights }
    let scaled = weights.map { $0 / largest }
    let total = scaled.reduce(0, +)
    return scaled.map { $0 / total }
  }

  /// The entropy of probabilities, in nats.
  static func entropy(_ probabilities: [Double]) -> Double {
    probabilities.reduce(0) { $1 > 0 ? $0 - $1 * log($1) : $0 }
  }

  /// The number that experiments are ordered by, descending: gain for cost, on a logarithmic scale so that no cost is too
  /// large or small, and without what differs by rounding alone.
  static func orderingKey(gain: Double, cost: Double) -> Double {
    let rounded = (gain * 1e12).rounded() / 1e12
    return rounded > 0 ? ((log(rounded) - log(cost)) * 1e10).rounded() : -.infinity
  }
}
