internal import RealModule

/// A finite game between a teacher who chooses data and a learner who infers a hypothesis, solved
/// by recursion (Shafto, Goodman and Griffiths 2014).
///
/// ```
/// L₀(h|d) ∝ P(h) T₀(d|h)               T₀: examples come at random
/// Tₙ(d|h) ∝ B(d) Lₙ₋₁(h|d)^α           the teacher wants the learner to infer h
/// Lₙ(h|d) ∝ P(h) Tₙ(d|h)               the learner knows that
/// ```
///
/// `B` weighs the data apart from their use, uniform unless given. All tables are exact.
public struct TeachingGame: Sendable {
  /// The prior over hypotheses, normalised.
  public let prior: [Double]
  /// `T₀(d|h)` by hypothesis and datum.
  public let randomTeacher: [[Double]]
  /// The weight of each datum apart from its use.
  public let base: [Double]
  /// The exponent α of the teacher's choice: 0 chooses by `B` among what is consistent, large
  /// values always the best datum.
  public var optimality: Double

  /// Makes a game; a teacher's row of zeros is a hypothesis that no datum can show.
  public init(
    prior: [Double], randomTeacher: [[Double]], base: [Double]? = nil, optimality: Double = 1
  ) {
    let total = prior.reduce(0, +)
    self.prior = prior.map { total > 0 ? $0 / total : 0 }
    self.randomTeacher = randomTeacher
    self.base = base ?? [Double](repeating: 1, count: randomTeacher.first?.count ?? 0)
    self.optimality = optimality
  }

  /// A game over labelled examples where consistency is all that random data tell.
  ///
  /// - Parameters:
  ///   - consistent: whether a datum can be shown under a hypothesis, by hypothesis and datum.
  ///   - sampling: `.strong` draws uniformly from what is consistent with the hypothesis, so that
  ///     narrow hypotheses are likelier; `.weak` draws data regardless of it.
  public init(
    prior: [Double], consistent: [[Bool]], sampling: InductionConfiguration.Sampling,
    optimality: Double = 1
  ) {
    let teacher = consistent.map { row -> [Double] in
      let count = row.count { $0 }
      return row.map { $0 ? (sampling == .strong ? 1 / Double(count) : 1 / Double(row.count)) : 0 }
    }
    self.init(prior: prior, randomTeacher: teacher, optimality: optimality)
  }

  /// The teacher of a depth, `Tₙ(d|h)` by hypothesis and datum; depth 0 is the random one.
  public func teacher(depth: Int) -> [[Double]] {
    guard depth > 0 else { return randomTeacher }
    let learner = learner(depth: depth - 1)
    return learner.indices.map { hypothesis in
      var row = base.indices.map { datum -> Double in
        let belief = learner[hypothesis][datum]
        return belief > 0 ? base[datum] * .pow(belief, optimality) : 0
      }
      let total = row.reduce(0, +)
      if total > 0 { row = row.map { $0 / total } }
      return row
    }
  }

  /// The learner of a depth, `Lₙ(h|d)` by hypothesis and datum; depth 0 assumes random data.
  ///
  /// A datum that no hypothesis allows has zeros.
  public func learner(depth: Int) -> [[Double]] {
    let teacher = teacher(depth: depth)
    var learner = teacher
    for datum in base.indices {
      let total = prior.indices.reduce(0) { $0 + prior[$1] * teacher[$1][datum] }
      for hypothesis in prior.indices {
        learner[hypothesis][datum] =
          total > 0 ? prior[hypothesis] * teacher[hypothesis][datum] / total : 0
      }
    }
    return learner
  }
}
