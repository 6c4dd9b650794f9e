import Foundation
import Probability
import Statistics

/// Which comparisons to put to people next, given what they have said so far.
///
/// ```
/// let queue = try ComparisonQueue(differences: features, components: 32)
/// let next = try queue.next(10, answers: [3: true, 8: false], open: open, by: .information)
/// ```
/// A reward that is linear in the features is learnt from the answers (``PreferencePosterior``), and what is asked next is what that
/// posterior leaves open.
public struct ComparisonQueue: Sendable {
  /// A way to choose.
  public enum Choice: String, Sendable, Codable, CaseIterable {
    /// By chance.
    case random
    /// Where the learnt reward is least sure which is better: the probability next to one half.
    case uncertainty
    /// Where the answers tell most about the reward, jointly: ``QuestionChooser`` over draws of the posterior.
    case information
  }

  private let features: [[Double]]
  private let priorDeviation: Double

  /// A queue of comparisons.
  ///
  /// - Parameters:
  ///   - differences: for each comparison, the first item's features less the second's.
  ///   - components: how many principal components of the features to learn on.
  /// - Throws: ``ExperimentError`` for features that aren't finite or of several lengths.
  public init(differences: [[Double]], components: Int, seed: UInt64 = 0) throws(ExperimentError) {
    var random = RandomSource(seed: seed)
    guard let reduction = PrincipalComponents(of: differences, count: components, drawing: { random.normal() }) else {
      throw ExperimentError("principal components need rows of finite features, all of one length")
    }
    // Coordinates have mean square 1, so preferences are worth a few units of logit beforehand.
    priorDeviation = 2 / Double(reduction.directions.count).squareRoot()
    features = differences.map(reduction.project)
  }

  /// A queue of comparisons whose features are few.
  ///
  /// - Parameter priorDeviation: of each feature's weight.
  init(differences: [[Double]], priorDeviation: Double) {
    (features, self.priorDeviation) = (differences, priorDeviation)
  }

  /// The posterior of the reward after some answers.
  ///
  /// - Parameter answers: by comparison, whether the first was preferred; ties are left out.
  public func posterior(_ answers: [Int: Bool]) throws -> PreferencePosterior {
    let places = answers.keys.sorted()
    return try PreferencePosterior(
      differences: places.map { features[$0] }, firstPreferred: places.map { answers[$0] ?? false },
      dimensions: features.first?.count ?? 0, priorDeviation: priorDeviation)
  }

  /// P(first preferred) of a comparison at the posterior's mode.
  public func probability(_ posterior: PreferencePosterior, of comparison: Int) -> Double {
    PreferencePosterior.probability(posterior.mode, features[comparison])
  }

  /// The comparisons to ask next, the most telling first.
  ///
  /// - Parameters:
  ///   - count: how many.
  ///   - answers: by comparison, whether the first was preferred.
  ///   - open: those that may be asked, in an order by chance: it is the order of what tells equally much.
  ///   - posterior: the posterior after these answers, where the caller has it already.
  ///   - guesses: draws of the posterior that are compared.
  public func next(
    _ count: Int, answers: [Int: Bool], open: [Int], by choice: Choice,
    posterior known: PreferencePosterior? = nil, guesses: Int = 32, seed: UInt64 = 0
  ) throws -> [Int] {
    guard choice != .random, !open.isEmpty else { return Array(open.prefix(count)) }
    let posterior = try known ?? posterior(answers)
    if choice == .uncertainty {
      let distance = open.map { abs(probability(posterior, of: $0) - 0.5) }
      let sorted = open.indices.sorted { distance[$0] < distance[$1] }
      return sorted.prefix(count).map { open[$0] }
    }
    let draws = posterior.draws(guesses, seed: seed &+ UInt64(answers.count))
    let chooser = try QuestionChooser(
      draws.map { weights in open.map { PreferencePosterior.probability(weights, features[$0]) } })
    let chosen = try chooser.batch(of: min(count, open.count), seed: seed).map { open[$0.question] }
    // A chooser that has nothing left to learn returns fewer: fill up at random.
    return chosen + open.filter { !chosen.contains($0) }.prefix(max(0, count - chosen.count))
  }
}
