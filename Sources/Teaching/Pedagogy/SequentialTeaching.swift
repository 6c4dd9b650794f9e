internal import Probability
internal import RealModule

/// A teacher who gives labelled strings one after the other, and learners who follow.
///
/// At each step the teacher picks the next string in proportion to how well the learner would then
/// infer the rule, `T(x | h, past) ∝ L(h | past, x)^α`; the pedagogical learner multiplies its
/// beliefs by this choice probability, the one who assumes random examples by the label's
/// likelihood alone. Depth d nests this d times, as in ``TeachingGame``. `helpfulness` is the
/// learner's belief that the teacher chose on purpose rather than at random, which keeps it safe
/// from data that nobody chose.
public struct SequentialTeaching: Sendable {
  /// The source of the examples.
  public enum Source: String, Sendable, CaseIterable, Codable { case teacher, random }
  /// A learner's assumption about how examples are chosen.
  public enum Assumption: String, Sendable, CaseIterable, Codable { case pedagogical, random }

  /// Whether each string of the pool belongs, by rule.
  public let membership: [[Bool]]
  /// The prior over rules.
  public let prior: [Double]
  /// The exponent of the teacher's choice.
  public var optimality = 4.0
  /// The nested levels of teacher and learner; 1 is a teacher who thinks of a learner that
  /// assumes random examples.
  public var depth = 1
  /// The learner's belief that examples were chosen on purpose.
  public var helpfulness = 0.9

  /// Makes the setting for rules and a pool of strings.
  public init(membership: [[Bool]], prior: [Double]? = nil) {
    self.membership = membership
    let count = membership.count
    self.prior = prior ?? [Double](repeating: 1 / Double(max(1, count)), count: count)
  }

  private var pool: Range<Int> { 0..<(membership.first?.count ?? 0) }

  /// The beliefs after one more string with its label, for a learner that assumes random examples.
  private func updated(_ beliefs: [Double], _ string: Int, label: Bool) -> [Double] {
    var result = beliefs
    var total = 0.0
    for rule in beliefs.indices {
      if membership[rule][string] != label { result[rule] = 0 }
      total += result[rule]
    }
    return total > 0 ? result.map { $0 / total } : result
  }

  /// `T(x | h, past)` by rule and string, for the teacher of a depth given the learner's beliefs.
  func teacher(_ beliefs: [Double], unused: [Int], depth: Int) -> [[Double]] {
    let inner = depth > 1 ? teacher(beliefs, unused: unused, depth: depth - 1) : nil
    var choices = membership.map { _ in [Double](repeating: 0, count: pool.count) }
    for string in unused {
      // Each label gives its own normaliser over the rules that agree with it.
      for label in [true, false] {
        var total = 0.0
        for rule in beliefs.indices where membership[rule][string] == label {
          total += beliefs[rule] * (inner?[rule][string] ?? 1)
        }
        guard total > 0 else { continue }
        for rule in beliefs.indices where membership[rule][string] == label {
          let belief = beliefs[rule] * (inner?[rule][string] ?? 1) / total
          choices[rule][string] = .pow(belief, optimality)
        }
      }
    }
    for rule in choices.indices {
      let total = choices[rule].reduce(0, +)
      if total > 0 { choices[rule] = choices[rule].map { $0 / total } }
    }
    return choices
  }

  /// Plays one lesson and gives the learner's probability of the true rule after each example.
  public func lesson(
    rule: Int, examples: Int, source: Source, assumption: Assumption, seed: UInt64
  ) -> [Double] {
    var random = RandomSource(seed: seed)
    // The teacher follows the learner that assumes random examples; both know the past.
    var literal = prior
    var beliefs = prior
    var unused = Array(pool)
    var course: [Double] = []
    for _ in 0..<min(examples, pool.count) {
      let chooser = teacher(literal, unused: unused, depth: depth)
      let string: Int
      switch source {
      case .random: string = unused[random.integer(below: unused.count)]
      case .teacher:
        var left = random.uniform() * chooser[rule].reduce(0, +)
        string =
          unused.first { candidate in
            left -= chooser[rule][candidate]
            return left < 0
          } ?? unused[unused.count - 1]
      }
      let label = membership[rule][string]
      if assumption == .pedagogical {
        let chance = (1 - helpfulness) / Double(unused.count)
        var total = 0.0
        for other in beliefs.indices {
          beliefs[other] *=
            membership[other][string] == label ? helpfulness * chooser[other][string] + chance : 0
          total += beliefs[other]
        }
        if total > 0 { beliefs = beliefs.map { $0 / total } }
      } else {
        beliefs = updated(beliefs, string, label: label)
      }
      literal = updated(literal, string, label: label)
      unused.removeAll { $0 == string }
      course.append(beliefs[rule])
    }
    return course
  }
}
