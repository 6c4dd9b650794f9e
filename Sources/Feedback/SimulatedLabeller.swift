import Foundation
import Statistics

/// A labeller made of a gold score: noisy in the way that people are, and repeatable.
///
/// Scores closer than the tie band are called equal. Otherwise the first side is chosen with the
/// Bradley–Terry probability σ((s₁ − s₂) / temperature), and then, at the error rate, the choice is
/// turned round, so that even obvious pairs are sometimes wrong and no model can be perfect.
///
/// ```swift
/// var labeller = SimulatedLabeller(temperature: 0.1, errorRate: 0.05, tieBand: 0.02, seed: 1)
/// let (first, second) = (Response(a, policy: sft), Response(b, policy: ppo))
/// let comparison = labeller.compare(prompt: post, first, second, gold: (judge(first), judge(second)))
/// ```
public struct SimulatedLabeller: Sendable, Codable, Equatable {
  /// The name that its feedback carries; it begins with `simulated:`.
  public let name: String
  /// The blur of the scores, in their own unit; 0 always chooses the higher.
  public let temperature: Double
  /// The share of choices that are turned round.
  public let errorRate: Double
  /// The difference below which two scores are called equal; 0 makes no ties.
  public let tieBand: Double
  private var random: SeededGenerator

  /// Makes a labeller; the same seed gives the same choices.
  public init(
    name: String = "labeller", temperature: Double = 1, errorRate: Double = 0, tieBand: Double = 0,
    seed: UInt64 = 0
  ) {
    precondition(temperature >= 0 && tieBand >= 0, "a temperature or tie band below zero")
    precondition((0...0.5).contains(errorRate), "an error rate outside 0 to 0.5")
    self.name = "simulated:" + name
    self.temperature = temperature
    self.errorRate = errorRate
    self.tieBand = tieBand
    random = SeededGenerator(seed: seed)
  }

  /// The probability that the first side is preferred, given that no tie is called.
  public func preferenceProbability(_ first: Double, _ second: Double) -> Double {
    let p =
      temperature > 0
      ? 1 / (1 + exp((second - first) / temperature))
      : (first == second ? 0.5 : (first > second ? 1 : 0))
    return p * (1 - errorRate) + (1 - p) * errorRate
  }

  /// Chooses between two scores; nil is a tie.
  public mutating func choose(_ first: Double, _ second: Double) -> Comparison.Side? {
    precondition(!first.isNaN && !second.isNaN, "a gold score is not a number")
    // Always one draw, so that a choice does not depend on earlier ties.
    let draw = random.uniform()
    if isTie(first, second) { return nil }
    return draw < preferenceProbability(first, second) ? .first : .second
  }

  /// Compares two responses whose gold scores are given; the order of showing is drawn too.
  public mutating func compare(
    prompt: Prompt, _ first: Response, _ second: Response, gold: (Double, Double),
    batch: String? = nil
  ) -> Comparison {
    let preferred = choose(gold.0, gold.1)
    return Comparison(
      id: nextIdentifier(), prompt: prompt, first: first, second: second, preferred: preferred,
      shownFirst: random.next() & 1 == 0 ? .first : .second,
      provenance: Provenance(labeller: name, batch: batch))
  }

  /// Ranks several responses: a Plackett–Luce draw, whose pairs are Bradley–Terry choices.
  ///
  /// Errors exchange neighbours; neighbours within the tie band share a rank.
  public mutating func rank(
    prompt: Prompt, _ responses: [Response], gold: [Double], batch: String? = nil
  ) -> Ranking {
    precondition(responses.count == gold.count && gold.count >= 2)
    precondition(!gold.contains(where: \.isNaN), "a gold score is not a number")
    // Adding Gumbel noise to scores and sorting is sampling from Plackett–Luce.
    let noisy = gold.map { $0 - temperature * log(-log(1 - random.uniform())) }
    var order = gold.indices.sorted { noisy[$0] > noisy[$1] }
    for place in order.indices.dropLast() where random.uniform() < errorRate {
      order.swapAt(place, place + 1)
    }
    var ranks = [Int](repeating: 1, count: gold.count)
    for (place, index) in order.enumerated().dropFirst() {
      let above = order[place - 1]
      ranks[index] = isTie(gold[above], gold[index]) ? ranks[above] : ranks[above] + 1
    }
    let shown = Array(gold.indices).shuffled(using: &random)
    return Ranking(
      id: nextIdentifier(), prompt: prompt, responses: responses, ranks: ranks, shownOrder: shown,
      provenance: Provenance(labeller: name, batch: batch))
  }

  private func isTie(_ first: Double, _ second: Double) -> Bool {
    (first - second).magnitude < tieBand
  }

  /// Drawn from the seed as well, so that a repeated simulation repeats its identifiers.
  private mutating func nextIdentifier() -> String {
    String(random.next(), radix: 16) + "-" + String(random.next(), radix: 16)
  }
}
