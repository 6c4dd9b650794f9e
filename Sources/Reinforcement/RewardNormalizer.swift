/// Rewards divided by the running deviation of their discounted sums, so that one set of step sizes suits every game.
///
/// Each environment's R ← γ·R + r goes into a running variance, rewards are divided by its root and limited, and R starts
/// again at 0 where an episode ended: the `VecNormalize` of OpenAI's baselines, with which Procgen's curves were made
/// (Cobbe 2019), and Gymnasium's `NormalizeReward`. The mean is not taken off: it would change what is worth doing.
public struct RewardNormalizer: Sendable, Codable, Equatable {
  /// The discount γ of the sums.
  public var gamma: Double
  /// The largest magnitude of what comes out.
  public var limit: Double
  /// The number of sums seen, with the small start that keeps the first variance near 1.
  public private(set) var count = 1e-4
  /// Their mean.
  public private(set) var mean = 0.0
  /// Their variance.
  public private(set) var variance = 1.0
  /// The running sum of each environment.
  public private(set) var sums: [Double]

  /// A normaliser that has seen nothing.
  public init(environments: Int, gamma: Double, limit: Double = 10) {
    self.gamma = gamma
    self.limit = limit
    sums = [Double](repeating: 0, count: environments)
  }

  /// The number that rewards are divided by.
  public var scale: Double { (variance + 1e-8).squareRoot() }

  /// Takes note of one step's rewards, one of each environment, and returns them scaled.
  ///
  /// - Parameters:
  ///   - rewards: as the environments gave them.
  ///   - ends: whether the episode ended with the step.
  public mutating func normalize(_ rewards: [Float], ends: [Bool]) -> [Float] {
    precondition(
      rewards.count == sums.count && ends.count == sums.count,
      "\(rewards.count) rewards and \(ends.count) ends of \(sums.count) environments")
    for i in sums.indices { sums[i] = sums[i] * gamma + Double(rewards[i]) }
    take(sums)
    for i in sums.indices where ends[i] { sums[i] = 0 }
    let divisor = scale
    return rewards.map { Float(min(max(Double($0) / divisor, -limit), limit)) }
  }

  /// Joins the moments of a batch to the running ones (Chan and others 1979).
  private mutating func take(_ batch: [Double]) {
    let n = Double(batch.count)
    let batchMean = batch.reduce(0, +) / n
    let squares = batch.reduce(0) { $0 + ($1 - batchMean) * ($1 - batchMean) }
    let delta = batchMean - mean
    let total = count + n
    variance = (variance * count + squares + delta * delta * count * n / total) / total
    mean += delta * n / total
    count = total
  }
}
