public import Probability
import Foundation

/// The second case study of Ouyang et al. (2016): do people learn categories by exemplars or by
/// prototypes?
///
/// Participants see some objects as As and some as Bs, then say of all sixteen objects which they
/// are. The exemplar model compares an object with every object shown; the prototype model weighs
/// the cues of its features. A structure of categories tells much when the models expect different
/// answers.
public struct CategoryLearning: Sendable {
  /// A theory of how people learn categories.
  public enum Theory: String, Sendable, CaseIterable {
    /// P(A) = Σ similarity to As / Σ similarity to all, similarity a product over features that
    /// differ of weights wᵢ ~ U(0, 1).
    case exemplar
    /// P(A) = logistic(α (Σ wᵢ cueᵢ + recall)), cueᵢ = (nA − nB)/n among the objects shown that
    /// share feature i, wᵢ ~ U(0, 1), α ~ U(0, 5), recall ~ U(−1, 1) for objects that were shown.
    case prototype
  }

  /// The number of people who answer for every object.
  public var participants: Int
  /// Over which responses gains are averaged.
  public var responses: ResponseWeighting
  /// Draws of the theories' parameters for one prediction; the published code took 5,000.
  public var draws: Int
  /// The seed.
  public var seed: UInt64

  /// A study.
  public init(
    participants: Int = 1, responses: ResponseWeighting = .predictive, draws: Int = 5_000,
    seed: UInt64 = 0
  ) {
    self.participants = participants
    self.responses = responses
    self.draws = draws
    self.seed = seed
  }

  /// A theory's probability of A for each of the sixteen objects, averaged over its parameters.
  ///
  /// - Throws: An ``ExperimentError`` for an empty category.
  public func predictive(_ theory: Theory, of structure: CategoryStructure) throws -> [Double] {
    guard !structure.a.isEmpty, !structure.b.isEmpty else {
      throw ExperimentError("both categories must hold something: \(structure)")
    }
    let sampled = try ImportanceSampling(samples: draws, seed: seed)
      .run(Self.model(theory, of: structure))
    var sums = Array(repeating: 0.0, count: 16)
    for (value, _) in sampled.draws { for object in 0..<16 { sums[object] += value[object] } }
    return sums.map { $0 / Double(sampled.draws.count) }
  }

  /// A theory as a program: the probability of A for each object, with its parameters drawn.
  public static func model(
    _ theory: Theory, of structure: CategoryStructure
  ) -> Model<[Double]> {
    switch theory {
    case .exemplar: { try exemplar(structure, $0) }
    case .prototype: { try prototype(structure, $0) }
    }
  }

  private static func exemplar(_ structure: CategoryStructure, _ s: Sampler) throws -> [Double] {
    var similarities = Array(repeating: 1.0, count: 16)
    // Similarity depends only on which features differ: sixteen products.
    for bit in 0..<4 {
      let weight = try s.sample(Uniform(0, 1))
      for difference in 0..<16 where difference >> bit & 1 == 1 { similarities[difference] *= weight }
    }
    return (0..<16).map { object in
      var a = 0.0
      var b = 0.0
      for shown in structure.a { a += similarities[object ^ shown] }
      for shown in structure.b { b += similarities[object ^ shown] }
      return a / (a + b)
    }
  }

  private static func prototype(_ structure: CategoryStructure, _ s: Sampler) throws -> [Double] {
    var evidence = Array(repeating: 0.0, count: 16)
    for bit in 0..<4 {
      let weight = try s.sample(Uniform(0, 1))
      var cues = [0.0, 0.0]
      for value in 0..<2 {
        let a = Double(structure.a.count { $0 >> bit & 1 == value })
        let b = Double(structure.b.count { $0 >> bit & 1 == value })
        // Where no object shown has the feature there is no cue.
        cues[value] = a + b > 0 ? (a - b) / (a + b) : 0
      }
      for object in 0..<16 { evidence[object] += weight * cues[object >> bit & 1] }
    }
    let alpha = try s.sample(Uniform(0, 5))
    let recall = try s.sample(Uniform(-1, 1))
    for object in structure.a + structure.b { evidence[object] += recall }
    return evidence.map { Double.logistic(alpha * $0) }
  }

  /// The expected information gain of a structure, in nats.
  ///
  /// With one participant the 2¹⁶ possible responses are summed exactly; with more, responses are
  /// drawn, and the estimate is unbiased, for the two models' likelihoods are known.
  ///
  /// - Throws: An ``ExperimentError`` for a number of participants outside 1...10000 or fewer than
  ///   2 response draws.
  public func gain(
    of structure: CategoryStructure, responseDraws: Int = 20_000
  ) throws -> GainEstimate {
    guard (1...10_000).contains(participants), responseDraws >= 2, draws >= 1 else {
      throw ExperimentError(
        "participants must be in 1...10000, and draws above 1, not \(participants), \(responseDraws)")
    }
    let exemplar = try predictive(.exemplar, of: structure)
    let prototype = try predictive(.prototype, of: structure)
    if participants == 1 { return exactGain(exemplar, prototype) }
    var random = RandomSource(seed: seed, stream: 1)
    let terms = (0..<responseDraws).map { index -> Double in
      let source = index % 2 == 0 ? exemplar : prototype
      var own = 0.0
      var other = 0.0
      let rival = index % 2 == 0 ? prototype : exemplar
      for object in 0..<16 {
        let count: Int
        switch responses {
        case .predictive:
          count = random.binomial(trials: participants, probability: source[object])
        case .uniform: count = random.integer(below: participants + 1)
        }
        let k = Double(count)
        let rest = Double(participants) - k
        own += k * log(source[object]) + rest * log(1 - source[object])
        other += k * log(rival[object]) + rest * log(1 - rival[object])
      }
      let mine = Double.logistic(own - other)
      switch responses {
      case .predictive: return log(2) + (mine > 0 ? log(mine) : own - other)
      case .uniform: return Self.divergence(mine)
      }
    }
    return GainEstimate(terms: terms, kind: .unbiased)
  }

  /// KL((p, 1 − p) ‖ (½, ½)).
  private static func divergence(_ p: Double) -> Double {
    (p > 0 ? p * log(2 * p) : 0) + (p < 1 ? (1 - p) * log(2 * (1 - p)) : 0)
  }

  private func exactGain(_ first: [Double], _ second: [Double]) -> GainEstimate {
    var total = 0.0
    func sum(_ object: Int, _ p: Double, _ q: Double) {
      if object == 16 {
        let gain = Self.divergence(p / (p + q))
        total += responses == .predictive ? (p + q) / 2 * gain : gain / 65_536
        return
      }
      sum(object + 1, p * first[object], q * second[object])
      sum(object + 1, p * (1 - first[object]), q * (1 - second[object]))
    }
    sum(0, 1, 1)
    var estimate = GainEstimate(terms: [total, total], kind: .unbiased)
    estimate.standardError = 0
    return estimate
  }

  /// The best structures of a list: a quick look at all with few draws, then a good one at the
  /// best.
  ///
  /// - Throws: What ``gain(of:responseDraws:)`` throws.
  public func search(
    _ structures: [CategoryStructure], keeping count: Int = 10
  ) throws -> [(structure: CategoryStructure, gain: GainEstimate)] {
    var quick = self
    quick.draws = min(draws, 200)
    func ranked(
      _ study: CategoryLearning, _ list: [CategoryStructure]
    ) throws -> [(structure: CategoryStructure, gain: GainEstimate)] {
      try list.map { (structure: $0, gain: try study.gain(of: $0, responseDraws: 1_000)) }
        .enumerated()
        .sorted { ($1.element.gain.value, $0.offset) < ($0.element.gain.value, $1.offset) }
        .map(\.element)
    }
    let survivors = try ranked(quick, structures).prefix(5 * count).map(\.structure)
    return Array(try ranked(self, survivors).prefix(count))
  }
}
