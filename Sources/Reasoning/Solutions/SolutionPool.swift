import Alignment
public import Statistics

/// One problem's solutions with a verifier's scores: what each way to choose one answer of n is worth.
public struct SolutionPool: Sendable, Equatable {
  /// The final answers; nil where a solution has none.
  public let answers: [String?]
  /// 1 for right answers, 0 for wrong ones.
  public let correct: [Double]
  /// The verifier's scores.
  public let scores: [Double]

  /// A pool.
  public init(answers: [String?], isCorrect: [Bool], scores: [Double]) {
    precondition(answers.count == isCorrect.count && answers.count == scores.count, "one score for each solution")
    self.answers = answers
    correct = isCorrect.map { $0 ? 1 : 0 }
    self.scores = scores
  }

  /// Solutions with their scores; 0 each unless given.
  public init(_ solutions: [Solution], scores: [Double]? = nil) {
    self.init(
      answers: solutions.map(\.answer), isCorrect: solutions.map(\.isCorrect),
      scores: scores ?? solutions.map { _ in 0 })
  }

  /// The number of solutions.
  public var count: Int { answers.count }

  /// The ways to come from n solutions to one answer.
  public enum Choice: Sendable, Equatable {
    /// The solution with the highest score (Cobbe 2021, section 4.1).
    case best
    /// The answer that most solutions have (self-consistency, Wang 2022).
    case majority
    /// The answer that most of the `k` solutions with the highest scores have (Cobbe 2021, section 4.2).
    case top(Int)
    /// The answer with the highest sum of scores, those below 0 counting as 0 (Uesato 2022).
    case weighted
    /// The right answer wherever one solution has it: coverage, pass@n (Chen 2021, equation 1).
    case oracle
  }

  /// The draws over which a vote of n among more solutions is averaged.
  private static let draws = 50

  /// The chance that a choice of n solutions is right; nan of fewer solutions than n.
  ///
  /// Best and coverage are means over all subsets of n; votes are means over 50 subsets drawn with the seed, and exact where n is all.
  /// Answers with equal votes share the chance.
  public func rate(_ choice: Choice, of n: Int, seed: UInt64 = 1) -> Double {
    guard n > 0, n <= count else { return .nan }
    switch choice {
    case .best: return RepeatedSampling.expectedScore(proxy: scores, gold: correct, n: n)
    case .oracle: return RepeatedSampling.passRate(samples: count, correct: correct.count { $0 > 0.5 }, k: n)
    case .majority, .top, .weighted: break
    }
    if n == count { return voted(choice, Array(answers.indices)) }
    var random = SeededGenerator(seed: seed)
    let all = Array(answers.indices)
    let total = (0..<Self.draws).reduce(0.0) { total, _ in
      var places = all
      // A subset without repeats: the first n of a shuffle.
      for i in 0..<n { places.swapAt(i, i + random.index(below: places.count - i)) }
      return total + voted(choice, Array(places.prefix(n)).sorted())
    }
    return total / Double(Self.draws)
  }

  private func voted(_ choice: Choice, _ places: [Int]) -> Double {
    let own = places.map { answers[$0] }
    let (weights, voters): ([Double], Int?) =
      switch choice {
      case .top(let k): (places.map { scores[$0] }, k)
      case .weighted: (places.map { max(0, scores[$0]) }, nil)
      default: (places.map { _ in 1 }, nil)
      }
    let shares = MajorityVote.shares(own, weights: weights, voters: voters)
    guard let most = shares.max(), most > 0 else { return 0 }
    // One solution for each answer that leads.
    var leading: [String: Double] = [:]
    for (place, share) in zip(places, shares) where share >= most - 1e-12 {
      if let answer = answers[place] { leading[answer] = correct[place] }
    }
    return leading.values.reduce(0, +) / Double(leading.count)
  }

  /// The share of pairs of a right and a wrong solution whose scores are in that order, equal ones counting half; nil where there is
  /// no such pair.
  public var orderedPairs: Double? {
    let right = correct.indices.filter { correct[$0] > 0.5 }, wrong = correct.indices.filter { correct[$0] <= 0.5 }
    guard !right.isEmpty, !wrong.isEmpty else { return nil }
    let won = right.reduce(0.0) { won, i in
      won + wrong.reduce(0.0) { $0 + (scores[i] > scores[$1] ? 1 : scores[i] == scores[$1] ? 0.5 : 0) }
    }
    return won / Double(right.count * wrong.count)
  }
}

extension [SolutionPool] {
  /// Each problem's chance of a right answer.
  public func rates(_ choice: SolutionPool.Choice, of n: Int) -> [Double] {
    enumerated().map { place, pool in
      pool.rate(choice, of: n, seed: DerivedSeed(run: 1, for: "votes", index: place).value)
    }
  }

  /// The mean over problems, with an interval over them.
  public func rate(_ choice: SolutionPool.Choice, of n: Int, seed: UInt64 = 1) -> Estimate {
    Bootstrap(seed: seed).mean(rates(choice, of: n))
  }

  /// By how much one choice is right more often than another over the same problems.
  public func gain(
    of choice: SolutionPool.Choice, _ n: Int, over other: SolutionPool.Choice, _ m: Int, seed: UInt64 = 1
  ) -> Estimate {
    Bootstrap(seed: seed).meanDifference(rates(choice, of: n), rates(other, of: m))
  }
}
