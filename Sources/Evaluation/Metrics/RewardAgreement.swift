public import Alignment
import Foundation
public import Statistics

/// The agreement of a reward model with people's comparisons: accuracy and calibration over the pairs that are no ties.
public struct RewardAgreement: Sendable {
  /// The share of pairs whose better side the model scores higher; equal scores count half.
  public var accuracy: Estimate
  /// σ(score difference) against how often the first side was preferred.
  public var calibration: Calibration
  /// The number of pairs.
  public var pairs: Int

  /// Scores the completions of judged prompts; nil where every comparison is a tie.
  public init?(of model: ScalarModel, on rankings: [RankedCompletions]) {
    let scores = model.scores(of: rankings.flatMap { item in item.completions.map { (item.prompt, $0) } })
    var right = 0.0
    var (predictions, outcomes): ([Double], [Double]) = ([], [])
    var first = 0
    for item in rankings {
      for pair in item.pairs where pair.probability != 0.5 {
        let difference = Double(scores[first + pair.first] - scores[first + pair.second])
        let toward = pair.probability > 0.5 ? difference : -difference
        right += toward > 0 ? 1 : toward == 0 ? 0.5 : 0
        predictions.append(1 / (1 + exp(-difference)))
        outcomes.append(pair.probability)
      }
      first += item.completions.count
    }
    guard !predictions.isEmpty else { return nil }
    accuracy = .wilson(successes: right, n: predictions.count)
    calibration = Calibration(pairwise: predictions, outcomes: outcomes)
    pairs = predictions.count
  }
}
