import RealModule

/// Whether predicted probabilities mean what they say.
///
/// Predictions are sorted into bins of equal width. In each bin the mean prediction should equal
/// the share of cases that came true; the expected calibration error is the mean gap, weighted by
/// the bins' counts (Naeini et al., 2015).
///
/// For pairs use ``init(pairwise:outcomes:bins:)``: which side is called the first is arbitrary, so
/// each prediction is turned to the side that it favours, and bins run from ½ to 1.
public struct Calibration: Sendable, Codable, Equatable {
  /// One bin of predictions.
  public struct Bin: Sendable, Codable, Equatable {
    /// The lower edge.
    public var lower: Double
    /// The upper edge.
    public var upper: Double
    /// The mean prediction inside.
    public var prediction: Double
    /// The share that came true, with Wilson's interval.
    public var frequency: Estimate
  }

  /// The bins that hold at least one prediction, in order.
  public var bins: [Bin]
  /// The mean gap between prediction and frequency, weighted by count.
  public var expectedError: Double
  /// The largest gap of a bin.
  public var maximumError: Double
  /// The mean squared difference of prediction and outcome.
  public var brierScore: Double
  /// The mean negative log-likelihood in nats.
  public var logLoss: Double
  /// The number of predictions.
  public var n: Int

  /// Measures probabilities (0 to 1) against outcomes (0 or 1; ½ for a tie).
  public init(predictions: [Double], outcomes: [Double], bins: Int = 10) {
    self.init(predictions: predictions, outcomes: outcomes, bins: bins, from: 0)
  }

  /// Measures the probabilities that the first side wins against 1 (it won), 0 (it lost), ½ (tie).
  public init(pairwise predictions: [Double], outcomes: [Double], bins: Int = 5) {
    let turned = zip(predictions, outcomes).map { $0 < 0.5 ? (1 - $0, 1 - $1) : ($0, $1) }
    self.init(
      predictions: turned.map(\.0), outcomes: turned.map(\.1), bins: bins, from: 0.5)
  }

  private init(predictions: [Double], outcomes: [Double], bins count: Int, from lowest: Double) {
    precondition(predictions.count == outcomes.count && count > 0)
    precondition(predictions.allSatisfy { (0...1).contains($0) }, "a prediction is no probability")
    precondition(outcomes.allSatisfy { (0...1).contains($0) }, "an outcome is not within 0 to 1")
    let width = (1 - lowest) / Double(count)
    var members = [[Int]](repeating: [], count: count)
    for (index, prediction) in predictions.enumerated() {
      members[min(count - 1, max(0, Int((prediction - lowest) / width)))].append(index)
    }
    n = predictions.count
    bins = []
    expectedError = n == 0 ? .nan : 0
    maximumError = n == 0 ? .nan : 0
    for (position, indices) in members.enumerated() where !indices.isEmpty {
      let prediction = indices.reduce(0) { $0 + predictions[$1] } / Double(indices.count)
      let frequency = Estimate.wilson(
        successes: indices.reduce(0) { $0 + outcomes[$1] }, n: indices.count)
      let gap = (prediction - frequency.value).magnitude
      expectedError += gap * Double(indices.count) / Double(n)
      maximumError = max(maximumError, gap)
      bins.append(
        Bin(
          lower: lowest + Double(position) * width, upper: lowest + Double(position + 1) * width,
          prediction: prediction, frequency: frequency))
    }
    var (squares, nats) = (0.0, 0.0)
    for (prediction, outcome) in zip(predictions, outcomes) {
      squares += (prediction - outcome) * (prediction - outcome)
      // Clamped as usual, so that one wrong certainty does not hide all the rest.
      let p = min(max(prediction, 1e-15), 1 - 1e-15)
      nats -= outcome * Double.log(p) + (1 - outcome) * Double.log(onePlus: -p)
    }
    brierScore = squares / Double(n)
    logLoss = nats / Double(n)
  }
}
