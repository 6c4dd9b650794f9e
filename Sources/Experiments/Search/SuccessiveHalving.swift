import Probability
import Foundation

/// Finds a good experiment in a space too large to try it all, by noisy estimates that get better
/// for those that survive.
///
/// Starts with as many candidates as the budget allows and drops the worse half of them each round,
/// doubling the draws that go into each estimate (Jamieson and Talwalkar 2016).
public struct SuccessiveHalving: Sendable {
  /// The total number of draws to spend.
  public var budget: Int
  /// Draws for one candidate in the first round.
  public var firstDraws: Int
  /// The seed.
  public var seed: UInt64

  /// A search with a budget.
  public init(budget: Int = 200_000, firstDraws: Int = 50, seed: UInt64 = 0) {
    self.budget = budget
    self.firstDraws = firstDraws
    self.seed = seed
  }

  /// The result of a search.
  public struct Result<Candidate: Sendable>: Sendable {
    /// The last survivors with their last estimates, best first.
    public let survivors: [(candidate: Candidate, score: Double)]
    /// The number of candidates that were looked at.
    public let tried: Int
    /// The number of candidates in the space.
    public let spaceSize: Int
    /// Draws spent.
    public let draws: Int
    /// Whether every candidate was looked at.
    public var isExhaustive: Bool { tried == spaceSize }
  }

  /// Searches candidates, given by number so that a million of them need not be stored.
  ///
  /// - Parameters:
  ///   - count: The size of the space.
  ///   - candidate: The candidate at a number.
  ///   - score: An estimate, higher is better, from a number of draws and a seed.
  /// - Throws: An ``ExperimentError`` when the space is empty, the budget is below one estimate, or
  ///   a score is NaN; and whatever the functions throw.
  public func search<Candidate: Sendable>(
    count: Int, candidate: (Int) throws -> Candidate,
    score: (Candidate, Int, UInt64) throws -> Double
  ) throws -> Result<Candidate> {
    guard count > 0 else { throw ExperimentError("the space of experiments is empty") }
    guard firstDraws > 0, budget >= firstDraws else {
      throw ExperimentError(
        "a budget of \(budget) draws doesn't cover one estimate of \(firstDraws)")
    }
    var random = RandomSource(seed: seed)
    // Each round costs as much as the first: n·log₂n·draws in all.
    var starters = min(count, budget / firstDraws)
    while starters > 1, Double(starters * firstDraws) * (log2(Double(starters)) + 1) > Double(budget) {
      starters = max(1, starters * 9 / 10)
    }
    let numbers = starters == count ? Array(0..<count) : Self.sample(starters, of: count, &random)
    var survivors = try numbers.map { (candidate: try candidate($0), score: 0.0) }
    var draws = firstDraws
    var spent = 0
    while true {
      for index in survivors.indices {
        let estimate = try score(survivors[index].candidate, draws, random.next())
        if estimate.isNaN {
          throw ExperimentError("the score of \(survivors[index].candidate) is NaN")
        }
        survivors[index].score = estimate
        spent += draws
      }
      survivors = survivors.enumerated()
        .sorted { ($1.element.score, $0.offset) < ($0.element.score, $1.offset) }
        .map(\.element)
      if survivors.count <= 1 || spent + (survivors.count / 2) * draws * 2 > budget { break }
      survivors.removeLast(survivors.count - max(survivors.count / 2, 1))
      draws *= 2
    }
    return Result(survivors: survivors, tried: starters, spaceSize: count, draws: spent)
  }

  /// Distinct numbers below a count, by Floyd's method: memory for the sample only.
  private static func sample(_ size: Int, of count: Int, _ random: inout RandomSource) -> [Int] {
    var chosen: Set<Int> = []
    var order: [Int] = []
    for top in (count - size)..<count {
      let number = random.integer(below: top + 1)
      let pick = chosen.contains(number) ? top : number
      chosen.insert(pick)
      order.append(pick)
    }
    return order
  }
}
