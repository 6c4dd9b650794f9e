import Probability
import Foundation

/// Chooses which comparisons to ask a person next, given several guesses at their preferences.
///
/// The guesses are an ensemble of reward models, or draws from a posterior over one; each says how
/// probable it is that the first of a pair is preferred. A comparison is worth asking where the
/// guesses disagree with each other, not where each of them is unsure: the mutual information
/// between answer and guess (BALD, Houlsby et al. 2011). A batch is chosen by the *joint*
/// information of its answers, so that it holds no two questions with the same answer (BatchBALD,
/// Kirsch et al. 2019).
///
/// ```swift
/// let next = try ComparisonChooser(probabilities).batch(of: 10)   // probabilities[guess][pair]
/// ```
public struct ComparisonChooser: Sendable {
  /// P(first preferred), by guess and pair.
  private let probabilities: [[Double]]
  private let costs: [Double]
  private let pairCount: Int
  /// Up to this many answers are followed exactly; beyond it they are sampled.
  private let maximumConfigurations = 512

  /// A comparison that was chosen.
  public struct Choice: Sendable, Equatable {
    /// The pair's position in the pool.
    public let pair: Int
    /// What its answer tells, in nats, given the answers to the choices before it.
    public let gain: Double
  }

  /// A chooser for a pool.
  ///
  /// - Parameters:
  ///   - probabilities: `probabilities[g][i]` is guess `g`'s probability that the first of pair `i`
  ///     is preferred.
  ///   - costs: What asking each pair costs; all 1 if left out. Choices are by gain per cost.
  /// - Throws: An ``ExperimentError`` for an empty ensemble or pool, rows of different lengths,
  ///   numbers outside [0, 1], or costs that aren't positive.
  public init(_ probabilities: [[Double]], costs: [Double]? = nil) throws {
    guard let first = probabilities.first, !first.isEmpty else {
      throw ExperimentError("choosing comparisons takes at least one guess and one pair")
    }
    for (guess, row) in probabilities.enumerated() {
      guard row.count == first.count else {
        throw ExperimentError(
          "guess \(guess) has \(row.count) probabilities and guess 0 has \(first.count)")
      }
      if let pair = row.firstIndex(where: { !($0 >= 0 && $0 <= 1) }) {
        throw ExperimentError(
          "guess \(guess) gives pair \(pair) the probability \(row[pair]), outside [0, 1]")
      }
    }
    let costs = costs ?? Array(repeating: 1, count: first.count)
    guard costs.count == first.count, costs.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw ExperimentError("costs must be \(first.count) finite numbers above 0, one for each pair")
    }
    self.probabilities = probabilities
    self.costs = costs
    pairCount = first.count
  }

  /// A chooser for an ensemble of reward models.
  ///
  /// - Parameters:
  ///   - rewards: `rewards[g][i]` is what model `g` gives the two items of pair `i`.
  ///   - costs: What asking each pair costs; all 1 if left out.
  /// - Throws: What ``init(_:costs:)`` throws, and for rewards that aren't finite.
  public init(rewards: [[(first: Double, second: Double)]], costs: [Double]? = nil) throws {
    for (guess, row) in rewards.enumerated() {
      if let pair = row.firstIndex(where: { !($0.first.isFinite && $0.second.isFinite) }) {
        throw ExperimentError(
          "model \(guess) gives pair \(pair) the rewards \(row[pair]), which aren't both finite")
      }
    }
    try self.init(
      rewards.map { $0.map { Self.preference($0.first, over: $0.second) } }, costs: costs)
  }

  /// P(first preferred) = logistic(first − second) (Bradley and Terry 1952).
  public static func preference(_ first: Double, over second: Double) -> Double {
    Double.logistic(first - second)
  }

  /// What the answer to each pair alone tells, in nats.
  public func gains() -> [Double] {
    let guesses = Double(probabilities.count)
    return (0..<pairCount).map { pair in
      var mean = 0.0
      var conditional = 0.0
      for row in probabilities {
        mean += row[pair] / guesses
        conditional += Self.entropy(row[pair]) / guesses
      }
      return max(Self.entropy(mean) - conditional, 0)
    }
  }

  /// The most informative batch, chosen greedily.
  ///
  /// Greedy choice has at least 1 − 1/e of the best batch's information, which is submodular.
  /// Choosing looks at every pair once for each place in the batch and stops early when nothing
  /// more can be learnt.
  ///
  /// - Throws: An ``ExperimentError`` for a size below 1.
  public func batch(of size: Int, seed: UInt64 = 0) throws -> [Choice] {
    guard size > 0 else { throw ExperimentError("a batch has at least one comparison, not \(size)") }
    let guesses = probabilities.count
    var random = RandomSource(seed: seed)
    var taken = Array(repeating: false, count: pairCount)
    var choices: [Choice] = []
    let conditional = (0..<pairCount).map { pair in
      probabilities.reduce(0) { $0 + Self.entropy($1[pair]) } / Double(guesses)
    }
    // Rows: configurations of answers so far; columns: guesses; entries: P(answers | guess), and
    // the importance weight of each configuration once they are sampled.
    var table = [Array(repeating: 1.0, count: guesses)]
    var weights = [1.0]
    var jointEntropy = 0.0
    var conditionalSum = 0.0
    while choices.count < min(size, pairCount) {
      let before = jointEntropy - conditionalSum
      var best: (pair: Int, value: Double, entropy: Double)?
      for pair in 0..<pairCount where !taken[pair] {
        let entropy = Self.jointEntropy(table, weights, probabilities, pair)
        let gain = entropy - conditionalSum - conditional[pair] - before
        let value = gain / costs[pair]
        if value > best?.value ?? -.infinity { best = (pair, value, entropy) }
      }
      guard let best else { break }
      let gain = best.entropy - conditionalSum - conditional[best.pair] - before
      if gain <= 1e-12, !choices.isEmpty { break }
      choices.append(Choice(pair: best.pair, gain: max(gain, 0)))
      taken[best.pair] = true
      jointEntropy = best.entropy
      conditionalSum += conditional[best.pair]
      extend(&table, &weights, by: best.pair, &random)
    }
    return choices
  }

  /// H of the answers so far and one more: −Σ w P log P over configurations and both answers.
  private static func jointEntropy(
    _ table: [[Double]], _ weights: [Double], _ probabilities: [[Double]], _ pair: Int
  ) -> Double {
    let guesses = Double(probabilities.count)
    var entropy = 0.0
    for (row, weight) in zip(table, weights) {
      var yes = 0.0
      var all = 0.0
      for guess in row.indices {
        yes += row[guess] * probabilities[guess][pair]
        all += row[guess]
      }
      yes /= guesses
      let no = max(all / guesses - yes, 0)
      if yes > 0 { entropy -= weight * yes * log(yes) }
      if no > 0 { entropy -= weight * no * log(no) }
    }
    return entropy
  }

  /// Splits every configuration by the new answer; past the limit, draws configurations by
  /// probability.
  private func extend(
    _ table: inout [[Double]], _ weights: inout [Double], by pair: Int,
    _ random: inout RandomSource
  ) {
    var next: [[Double]] = []
    var nextWeights: [Double] = []
    for (row, weight) in zip(table, weights) {
      next.append(row.indices.map { row[$0] * probabilities[$0][pair] })
      next.append(row.indices.map { row[$0] * (1 - probabilities[$0][pair]) })
      nextWeights.append(weight)
      nextWeights.append(weight)
    }
    if next.count > maximumConfigurations {
      // Systematic draws in proportion to w·P: each kept configuration stands for 1/(n·P).
      let guesses = Double(probabilities.count)
      let masses = zip(next, nextWeights).map { $0.reduce(0, +) / guesses * $1 }
      let total = masses.reduce(0, +)
      let keep = maximumConfigurations / 2
      let step = total / Double(keep)
      var pointer = random.uniform() * step
      var cumulative = 0.0
      var kept: [[Double]] = []
      var keptWeights: [Double] = []
      for (index, mass) in masses.enumerated() {
        cumulative += mass
        var copies = 0.0
        while pointer < cumulative {
          copies += 1
          pointer += step
        }
        if copies > 0 {
          kept.append(next[index])
          keptWeights.append(nextWeights[index] * copies * step / mass)
        }
      }
      next = kept
      nextWeights = keptWeights
    }
    table = next
    weights = nextWeights
  }

  private static func entropy(_ p: Double) -> Double {
    (p > 0 ? -p * log(p) : 0) + (p < 1 ? -(1 - p) * log(1 - p) : 0)
  }
}
