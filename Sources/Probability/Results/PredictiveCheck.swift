/// Whether data that a fitted model would make look like the data it was fitted to.
///
/// A statistic of the data is compared with its distribution over predictions (Gelman, Meng and Stern 1996).
public struct PredictiveCheck: Sendable, Equatable {
  /// The statistic of what was seen.
  public var observed: Double
  /// The mean of the statistic over predictions.
  public var predictedMean: Double
  /// The middle 90% of the statistic over predictions.
  public var predictedInterval: ClosedRange<Double>
  /// The share of predictions whose statistic is at least the observed one, ties by half.
  ///
  /// Near 0 or 1 the model can't make data like these in this respect.
  public var tailProbability: Double

  /// Whether the observed statistic is among the outer 5% of what the model predicts.
  public var isSurprising: Bool { tailProbability < 0.025 || tailProbability > 0.975 }
}

extension PosteriorTrace {
  /// Compares a statistic of what was observed under a name with its distribution over predictions.
  ///
  /// - Throws: An ``InferenceError`` when there are no predictions under the name.
  public func predictiveCheck(
    of name: String, _ statistic: ([Double]) -> Double
  ) throws -> PredictiveCheck {
    guard let seen = observed[name], let predictions = predictions(of: name) else {
      throw InferenceError(
        .badSetting,
        "there are no predictions under the name \(name); names are given by observe(_:_:named:)")
    }
    let reference = statistic(seen)
    let predicted = predictions.flatMap { $0.map(statistic) }.sorted()
    let above = predicted.reduce(0.0) { $0 + ($1 > reference ? 1 : $1 == reference ? 0.5 : 0) }
    return PredictiveCheck(
      observed: reference, predictedMean: predicted.reduce(0, +) / Double(predicted.count),
      predictedInterval: ChainStatistics.quantile(
        0.05, ofSorted: predicted)...ChainStatistics.quantile(0.95, ofSorted: predicted),
      tailProbability: above / Double(predicted.count))
  }
}
