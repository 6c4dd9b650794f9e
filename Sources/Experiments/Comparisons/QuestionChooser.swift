import Foundation
import Probability

/// Chooses which yes-or-no questions to ask next, given several guesses at the answers: which
/// comparisons to put to a person, which strings to have labelled.
///
/// The guesses are an ensemble of reward models, draws from a posterior over one, or hypotheses with
/// their probabilities; each says how probable a "yes" is, for a comparison that the first of the
/// pair is preferred. A question is worth asking where the guesses disagree with each other, not
/// where each of them is unsure: the mutual information between answer and guess (BALD, Houlsby et
/// al. 2011). A batch is chosen by the *joint* information of its answers, so that it holds no two
/// questions with the same answer (BatchBALD, Kirsch et al. 2019).
///
/// ```swift
/// let next = try QuestionChooser(probabilities).batch(of: 10)   // probabilities[guess][question]
/// ```
public struct QuestionChooser: Sendable {
  /// P(yes), by guess and question.
  private let probabilities: [[Double]]
  /// The probability of each guess.
  private let weights: [Double]
  private let costs: [Double]
  private let questionCount: Int
  /// Up to this many answers are followed exactly; beyond it they are sampled.
  private let maximumConfigurations = 512

  /// A question that was chosen.
  public struct Choice: Sendable, Equatable {
    /// The question's position in the pool.
    public let question: Int
    /// The information of its answer in nats, given the answers to the choices before it.
    public let gain: Double
  }

  /// A chooser for a pool.
  ///
  /// - Parameters:
  ///   - probabilities: `probabilities[g][i]` is guess `g`'s probability of a "yes" to question `i`.
  ///   - weights: How probable each guess is, up to a factor; all alike if left out.
  ///   - costs: What asking each question costs; all 1 if left out. Choices are by gain per cost.
  /// - Throws: An ``ExperimentError`` for an empty ensemble or pool, rows of different lengths,
  ///   numbers outside [0, 1], weights that are no weights, or costs that aren't positive.
  public init(
    _ probabilities: [[Double]], weights: [Double]? = nil, costs: [Double]? = nil
  ) throws(ExperimentError) {
    guard let first = probabilities.first, !first.isEmpty else {
      throw ExperimentError("choosing questions takes at least one guess and one question")
    }
    for (guess, row) in probabilities.enumerated() {
      guard row.count == first.count else {
        throw ExperimentError(
          "guess \(guess) has \(row.count) probabilities and guess 0 has \(first.count)")
      }
      if let question = row.firstIndex(where: { !($0 >= 0 && $0 <= 1) }) {
        throw ExperimentError(
          "guess \(guess) gives question \(question) the probability \(row[question]), outside "
            + "[0, 1]")
      }
    }
    let weights = weights ?? Array(repeating: 1, count: probabilities.count)
    guard weights.count == probabilities.count, weights.allSatisfy({ $0 >= 0 && $0.isFinite }),
      weights.contains(where: { $0 > 0 })
    else {
      throw ExperimentError(
        "the weights must be \(probabilities.count) numbers ≥ 0, one for each guess, not all 0")
    }
    let costs = costs ?? Array(repeating: 1, count: first.count)
    guard costs.count == first.count, costs.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw ExperimentError(
        "costs must be \(first.count) finite numbers above 0, one for each question")
    }
    self.probabilities = probabilities
    self.weights = InformationGain.normalized(weights)
    self.costs = costs
    questionCount = first.count
  }

  /// A chooser for an ensemble of reward models.
  ///
  /// - Parameters:
  ///   - rewards: `rewards[g][i]` is what model `g` gives the two items of pair `i`.
  ///   - costs: What asking each pair costs; all 1 if left out.
  /// - Throws: What ``init(_:weights:costs:)`` throws, and for rewards that aren't finite.
  public init(rewards: [[(first: Double, second: Double)]], costs: [Double]? = nil)
    throws(ExperimentError)
  {
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

  /// The expected information gain of each question alone, in nats.
  public func gains() -> [Double] {
    let conditional = conditionalEntropies
    return (0..<questionCount).map { question in
      let mean = zip(weights, probabilities).reduce(0) { $0 + $1.0 * $1.1[question] }
      return max(Self.entropy(mean) - conditional[question], 0)
    }
  }

  /// The most informative batch, chosen greedily.
  ///
  /// Greedy choice has at least 1 − 1/e of the best batch's information, which is submodular.
  /// Choosing looks at every question once for each place in the batch and stops early when nothing
  /// more can be learnt.
  ///
  /// - Throws: An ``ExperimentError`` for a size below 1.
  public func batch(of size: Int, seed: UInt64 = 0) throws -> [Choice] {
    guard size > 0 else { throw ExperimentError("a batch has at least one comparison, not \(size)") }
    var random = RandomSource(seed: seed)
    var taken = Array(repeating: false, count: questionCount)
    var choices: [Choice] = []
    let conditional = conditionalEntropies
    // Rows: configurations of answers so far; columns: guesses; entries: P(guess, answers), and
    // the importance weight of each configuration once they are sampled.
    var table = [weights]
    var importance = [1.0]
    var jointEntropy = 0.0
    var conditionalSum = 0.0
    while choices.count < min(size, questionCount) {
      let before = jointEntropy - conditionalSum
      var best: (question: Int, value: Double, entropy: Double)?
      for question in 0..<questionCount where !taken[question] {
        let entropy = self.jointEntropy(table, importance, question)
        let gain = entropy - conditionalSum - conditional[question] - before
        let value = gain / costs[question]
        if value > best?.value ?? -.infinity { best = (question, value, entropy) }
      }
      guard let best else { break }
      let gain = best.entropy - conditionalSum - conditional[best.question] - before
      if gain <= 1e-12, !choices.isEmpty { break }
      choices.append(Choice(question: best.question, gain: max(gain, 0)))
      taken[best.question] = true
      jointEntropy = best.entropy
      conditionalSum += conditional[best.question]
      extend(&table, &importance, by: best.question, &random)
    }
    return choices
  }

  /// The mean over guesses of how unsure each is of the answer, by question.
  private var conditionalEntropies: [Double] {
    (0..<questionCount).map { question in
      zip(weights, probabilities).reduce(0) { $0 + $1.0 * Self.entropy($1.1[question]) }
    }
  }

  /// H of the answers so far and one more: −Σ w P log P over configurations and both answers.
  private func jointEntropy(
    _ table: [[Double]], _ importance: [Double], _ question: Int
  ) -> Double {
    var entropy = 0.0
    for (row, weight) in zip(table, importance) {
      var yes = 0.0
      var all = 0.0
      for guess in row.indices {
        yes += row[guess] * probabilities[guess][question]
        all += row[guess]
      }
      let no = max(all - yes, 0)
      if yes > 0 { entropy -= weight * yes * log(yes) }
      if no > 0 { entropy -= weight * no * log(no) }
    }
    return entropy
  }

  /// Splits every configuration by the new answer; past the limit, draws configurations by
  /// probability.
  private func extend(
    _ table: inout [[Double]], _ importance: inout [Double], by question: Int,
    _ random: inout RandomSource
  ) {
    var next: [[Double]] = []
    var nextWeights: [Double] = []
    for (row, weight) in zip(table, importance) {
      next.append(row.indices.map { row[$0] * probabilities[$0][question] })
      next.append(row.indices.map { row[$0] * (1 - probabilities[$0][question]) })
      nextWeights.append(weight)
      nextWeights.append(weight)
    }
    if next.count > maximumConfigurations {
      // Systematic draws in proportion to w·P: each kept configuration stands for 1/(n·P).
      let masses = zip(next, nextWeights).map { $0.reduce(0, +) * $1 }
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
    importance = nextWeights
  }

  private static func entropy(_ p: Double) -> Double {
    (p > 0 ? -p * log(p) : 0) + (p < 1 ? -(1 - p) * log(1 - p) : 0)
  }
}
