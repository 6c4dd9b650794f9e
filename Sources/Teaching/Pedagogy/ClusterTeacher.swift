internal import Expressions
internal import Probability
internal import RealModule

/// A generative model of how people teach a rule with examples, after the clustering found in their
/// corpora (Ouyang and Frank 2017): minimal pairs around an example.
///
/// An example opens a new cluster with probability ``opening``: a member of the rule with
/// probability ``positiveShare``, drawn from the rule's own generator, or else any other string.
/// Otherwise it is an edit of an earlier example, chosen uniformly: one edit with probability
/// ``singleEdit``, two otherwise; and it crosses the rule's border with probability ``crossing``,
/// uniformly over the edits that do, or stays on the same side. Labels are wrong with probability
/// ``noise``.
///
/// The informative part is the last: of the few edits that cross the border under one rule, each is
/// likely; under a rule where most edits cross, any one is not. A learner who assumes this teacher
/// therefore learns from minimal pairs what one who assumes independent examples can't. With
/// `opening = 1` the model is that of independent examples.
public struct ClusterTeacher: Sendable, Hashable, Codable {
  /// The probability that an example opens a new cluster.
  public var opening: Double
  /// The probability that a cluster opens with a member of the rule.
  public var positiveShare: Double
  /// The probability that an edit crosses the border of the rule.
  public var crossing: Double
  /// The probability that an edited example is one edit away, not two.
  public var singleEdit: Double
  /// The probability of a wrong label.
  public var noise: Double

  /// Makes a teacher.
  public init(
    opening: Double = 0.5, positiveShare: Double = 0.6, crossing: Double = 0.6,
    singleEdit: Double = 0.7, noise: Double = 0.03
  ) {
    self.opening = opening
    self.positiveShare = positiveShare
    self.crossing = crossing
    self.singleEdit = singleEdit
    self.noise = noise
  }

  /// The same teacher without clusters: every example on its own.
  public var independent: ClusterTeacher {
    var copy = self
    copy.opening = 1
    return copy
  }

  /// The logarithm of the probability of each example given the earlier ones, under one rule.
  func logLikelihoods(_ lesson: PreparedLesson, rule: Int) -> [Double] {
    let members = lesson.membership[rule]
    return lesson.examples.indices.map { index in
      let string = lesson.examples[index]
      let isMember = members[index]
      let agrees = string.isPositive == isMember
      let fresh: Double
      if isMember {
        fresh = positiveShare * .exp(lesson.logGenerated[rule][index])
      } else {
        fresh = (1 - positiveShare) * .exp(lesson.logBackground[index]) / lesson.outside[rule]
      }
      var edited = 0.0
      for link in lesson.links[index] {
        let crosses = members[link.parent] != isMember
        let share = link.distance == 1 ? singleEdit : 1 - singleEdit
        let border = max(
          1e-4,
          singleEdit * lesson.crossing[rule][link.parent].one
            + (1 - singleEdit) * lesson.crossing[rule][link.parent].two)
        let side = crosses ? crossing / border : (1 - crossing) / max(1e-4, 1 - border)
        edited += share * link.probability * side
      }
      if index > 0 { edited /= Double(index) }
      let start = index == 0 ? 1 : opening
      let density = start * fresh + (1 - start) * edited
      return .log(max(density, 1e-300)) + .log(agrees ? 1 - noise : noise)
    }
  }

  /// Draws a lesson of so many examples for a rule of the space.
  public func lesson(
    rule: StringConcept, examples count: Int, seed: UInt64
  ) -> [TeachingExample] {
    var random = RandomSource(seed: seed)
    let automaton = PositionAutomaton(rule.expression)
    var scalars: [[UInt32]] = []
    var attempts = 0
    while scalars.count < count, attempts < count * 200 {
      attempts += 1
      if scalars.isEmpty || random.uniform() < opening {
        let wantsMember = random.uniform() < positiveShare
        for _ in 0..<200 {
          let string =
            wantsMember
            ? rule.expression.sample(using: &random)?.unicodeScalars.map(\.value) ?? []
            : Self.background(using: &random)
          if automaton.accepts(string) == wantsMember {
            scalars.append(string)
            break
          }
        }
      } else {
        let parent = scalars[random.integer(below: scalars.count)]
        let crosses = random.uniform() < crossing
        for _ in 0..<200 {
          var string = UniformEdit.random(of: parent, using: &random)
          if random.uniform() >= singleEdit {
            string = UniformEdit.random(of: string, using: &random)
          }
          if (automaton.accepts(string) != automaton.accepts(parent)) == crosses {
            scalars.append(string)
            break
          }
        }
      }
    }
    return scalars.map { string in
      let label = automaton.accepts(string) != (random.uniform() < noise)
      return TeachingExample(string.text, isPositive: label)
    }
  }

  /// A string of the background: a geometric length of mean 10, characters as people type them, as
  /// ``ExpressionScore/background(_:)`` scores it.
  private static func background(using random: inout RandomSource) -> [UInt32] {
    var string: [UInt32] = []
    while random.uniform() < 10.0 / 11 {
      if let scalar = CharacterClass.any.sample(using: &random) { string.append(scalar) }
    }
    return string
  }
}

/// The edit of the cluster model: delete, insert or substitute with equal probability, at a uniform
/// place, with a uniform character.
package enum UniformEdit {
  static func random(of scalars: [UInt32], using random: inout RandomSource) -> [UInt32] {
    var scalars = scalars
    let scalar = StringEdit.alphabet[random.integer(below: StringEdit.alphabet.count)]
    switch scalars.isEmpty ? 1 : random.integer(below: 3) {
    case 0: scalars.remove(at: random.integer(below: scalars.count))
    case 1: scalars.insert(scalar, at: random.integer(below: scalars.count + 1))
    default: scalars[random.integer(below: scalars.count)] = scalar
    }
    return scalars
  }

  /// The probability of getting from `a` to `b`, one edit away, by one edit.
  package static func probability(from a: [UInt32], to b: [UInt32]) -> Double {
    let alphabet = Double(StringEdit.alphabet.count)
    let kinds = a.isEmpty ? 1.0 : 3.0
    if a.count == b.count {
      // A substitution by the same character leaves the string as it is.
      let places = zip(a, b).count { $0 != $1 }
      if places == 1 { return 1 / (kinds * Double(a.count) * alphabet) }
      return places == 0 ? 1 / (kinds * alphabet) : 0
    }
    let (long, short) = a.count > b.count ? (a, b) : (b, a)
    guard long.count == short.count + 1 else { return 0 }
    // The places of the longer string whose removal gives the shorter: one run.
    let head = zip(long, short).prefix { $0.0 == $0.1 }.count
    guard long[(head + 1)...].elementsEqual(short[head...]) else { return 0 }
    var ways = 1
    while head - ways >= 0, long[head - ways] == long[head] { ways += 1 }
    return a.count > b.count
      ? Double(ways) / (kinds * Double(a.count))
      : Double(ways) / (kinds * Double(a.count + 1) * alphabet)
  }
}
