internal import RealModule

/// A learner that chooses among rules and assumes that examples come from a ``ClusterTeacher``:
/// `P(rule | examples) ∝ P(rule) P(examples | teacher, rule)`.
///
/// With a teacher whose `opening` is 1 it is the learner that takes examples for independent draws.
public struct TeacherAwareLearner: Sendable {
  /// The rules to choose from.
  public let space: RuleSpace
  /// The teacher assumed.
  public var teacher: ClusterTeacher
  private let outside: [Double]

  /// Makes a learner with a uniform prior over the rules.
  public init(space: RuleSpace, teacher: ClusterTeacher) {
    self.space = space
    self.teacher = teacher
    outside = PreparedLesson.outside(of: space)
  }

  func prepare(_ examples: [TeachingExample]) -> PreparedLesson {
    PreparedLesson(examples, space: space, outside: outside)
  }

  /// The probability of each rule after these examples.
  public func posterior(after examples: [TeachingExample]) -> [Double] {
    courses(prepare(examples)).last ?? space.rules.map { _ in 1 / Double(space.rules.count) }
  }

  /// The probability of each rule after each example.
  func courses(_ lesson: PreparedLesson) -> [[Double]] {
    let likelihoods = space.rules.indices.map { teacher.logLikelihoods(lesson, rule: $0) }
    var sums = [Double](repeating: 0, count: space.rules.count)
    return lesson.examples.indices.map { index in
      for rule in sums.indices { sums[rule] += likelihoods[rule][index] }
      let best = sums.max() ?? 0
      let weights = sums.map { Double.exp($0 - best) }
      let total = weights.reduce(0, +)
      return weights.map { $0 / total }
    }
  }
}

extension ClusterTeacher {
  /// The maximum-likelihood teacher of lessons whose rules are known, by coordinate ascent over
  /// grids of each parameter; `clusters: false` keeps `opening` at 1.
  static func fitted(
    to lessons: [(lesson: PreparedLesson, rule: Int)], clusters: Bool
  ) -> ClusterTeacher {
    func total(_ teacher: ClusterTeacher) -> Double {
      lessons.reduce(0) { $0 + teacher.logLikelihoods($1.lesson, rule: $1.rule).reduce(0, +) }
    }
    var best = clusters ? ClusterTeacher() : ClusterTeacher().independent
    var value = total(best)
    let grid = [0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95]
    let paths: [any WritableKeyPath<ClusterTeacher, Double> & Sendable] =
      clusters
      ? [\.opening, \.positiveShare, \.crossing, \.singleEdit] : [\.positiveShare]
    for _ in 0..<4 {
      let before = value
      for path in paths + [\.noise] {
        let candidates = path == \ClusterTeacher.noise ? [0.005, 0.01, 0.02, 0.05, 0.1] : grid
        for candidate in candidates {
          var attempt = best
          attempt[keyPath: path] = candidate
          let likelihood = total(attempt)
          if likelihood > value { (best, value) = (attempt, likelihood) }
        }
      }
      if value <= before { break }
    }
    return best
  }
}
