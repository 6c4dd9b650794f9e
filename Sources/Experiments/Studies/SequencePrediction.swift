import Probability

/// The first case study of Ouyang, Tessler, Ly and Goodman (2016): what people make of
/// coin flips.
///
/// Participants see four flips and each predicts whether the next is heads. How they think is one
/// of three models: the coin is fair; it has a bias; it tends to repeat or to switch (Markov).
/// Which of the sixteen sequences tells most about which model is right?
public struct SequencePrediction: Sendable {
  /// A theory of how participants think about the coin.
  public enum Theory: String, Sendable, CaseIterable {
    /// Heads with probability ½, whatever came before.
    case fair
    /// Heads with an unknown probability.
    case bias
    /// A switch from the last flip with an unknown probability.
    case markov
  }

  /// The values that an unknown probability may have, equally likely at first.
  public static let grid = [0.01, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99]

  /// The theories to tell apart.
  public var theories: [Theory]
  /// The number of people who predict.
  public var participants: Int
  /// Over which responses gains are averaged.
  public var responses: ResponseWeighting

  /// A study.
  public init(
    theories: [Theory] = Theory.allCases, participants: Int = 20,
    responses: ResponseWeighting = .predictive
  ) {
    self.theories = theories
    self.participants = participants
    self.responses = responses
  }

  /// All sequences of four flips, from HHHH to TTTT.
  public static var sequences: [String] {
    (0..<16).map { number in
      String((0..<4).map { number >> (3 - $0) & 1 == 0 ? "H" : "T" })
    }
  }

  /// A theory's probability that the flip after a sequence is heads.
  public static func predictive(_ theory: Theory, after sequence: String) throws -> Double {
    let flips = sequence.map { $0 == "H" }
    let next = try enumerate { s in
      switch theory {
      case .fair: return try s.flip()
      case .bias:
        let bias = try s.sample(Categorical(grid))
        for flip in flips { try s.observe(Bernoulli(bias), flip) }
        return try s.flip(bias)
      case .markov:
        let switching = try s.sample(Categorical(grid))
        for (last, flip) in zip(flips, flips.dropFirst()) {
          try s.observe(Bernoulli(switching), flip != last)
        }
        let switches = try s.flip(switching)
        return switches != (flips.last ?? true)
      }
    }
    return next.probability(of: true)
  }

  /// The design problem; responses are how many of the participants predict heads.
  ///
  /// - Throws: An ``ExperimentError`` for fewer than two theories or no participants.
  public func design() throws -> ExperimentDesign<String, Int> {
    guard theories.count >= 2, Set(theories).count == theories.count else {
      throw ExperimentError("telling theories apart takes at least two different ones")
    }
    guard (1...10_000).contains(participants) else {
      throw ExperimentError("the number of participants is \(participants), outside 1...10000")
    }
    let participants = participants
    return try ExperimentDesign(
      models: theories.map { theory in
        WorldModel(theory.rawValue) { sequence in
          let heads = try Self.predictive(theory, after: sequence)
          return try enumerate { try $0.sample(Binomial(trials: participants, p: heads)) }
        }
      }, experiments: Self.sequences, responses: responses)
  }
}
