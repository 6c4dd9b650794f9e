internal import Expressions
internal import Probability
internal import RealModule

/// A lesson with all that the cluster model needs of it and that does not depend on the model's
/// parameters: memberships, densities, links between strings and how many edits cross each rule's
/// border.
struct PreparedLesson: Sendable {
  struct Link: Sendable {
    var parent: Int
    var distance: Int
    var probability: Double
  }

  let examples: [TeachingExample]
  /// By rule and example.
  let membership: [[Bool]]
  let logGenerated: [[Double]]
  let logBackground: [Double]
  /// The background's probability of a string outside the rule.
  let outside: [Double]
  /// The earlier examples at distance 1 or 2 of each.
  let links: [[Link]]
  /// The probability that one edit, or two, of an example cross the border, by rule and example.
  let crossing: [[(one: Double, two: Double)]]

  private static let pairsOfEdits = 200

  init(_ examples: [TeachingExample], space: RuleSpace, outside: [Double]) {
    self.examples = examples
    self.outside = outside
    let strings = examples.map { $0.string.unicodeScalars.map(\.value) }
    let membership = space.automata.map { automaton in strings.map { automaton.accepts($0) } }
    self.membership = membership
    logGenerated = space.automata.map { automaton in
      strings.map { automaton.logProbability(of: $0) }
    }
    logBackground = strings.map(ExpressionScore.background)
    links = strings.indices.map { index in
      (0..<index).compactMap { parent in
        Self.link(from: strings[parent], to: strings[index]).map { distance, probability in
          Link(parent: parent, distance: distance, probability: probability)
        }
      }
    }
    let groups = space.alphabetGroups()
    let edits = strings.enumerated().map { index, string in
      Self.edits(of: string, groups: groups, seed: UInt64(index))
    }
    crossing = space.automata.indices.map { rule in
      strings.indices.map { index in
        let side = membership[rule][index]
        let automaton = space.automata[rule]
        let one = edits[index].one.reduce(0.0) {
          $0 + (automaton.accepts($1.string) != side ? $1.weight : 0)
        }
        let two = edits[index].two.count { automaton.accepts($0) != side }
        return (one, Double(two) / Double(Self.pairsOfEdits))
      }
    }
  }

  /// The probability that the background gives a string outside each rule, by sampling.
  static func outside(of space: RuleSpace) -> [Double] {
    var random = RandomSource(seed: 5)
    let anything = RegularExpression.sequence([.characters(.any), .anything])
    let samples = (0..<2000).compactMap { _ in anything.sample(using: &random) }
      .map { $0.unicodeScalars.map(\.value) }
    return space.automata.map { automaton in
      let count = samples.count { !automaton.accepts($0) }
      return (Double(count) + 1) / (Double(samples.count) + 2)
    }
  }

  private static func link(from a: [UInt32], to b: [UInt32]) -> (Int, Double)? {
    guard let distance = StringEdit.distance(a, b, limit: 2) else { return nil }
    if distance <= 1 {
      let probability = UniformEdit.probability(from: a, to: b)
      return probability > 0 ? (1, probability) : nil
    }
    // Two edits, either first: a good enough weight, the same for every rule.
    let step = 1 / (3 * Double(max(1, a.count)))
    let shorter = Double(max(0, a.count - b.count))
    return (2, 2 * step * step * .pow(95, -(2 - shorter)))
  }

  /// All single edits, one for each group of characters with the group's weight, and a sample of
  /// double edits.
  private static func edits(
    of string: [UInt32], groups: [(representative: UInt32, size: Double)], seed: UInt64
  ) -> (one: [(string: [UInt32], weight: Double)], two: [[UInt32]]) {
    let alphabet = Double(StringEdit.alphabet.count)
    let kinds = string.isEmpty ? 1.0 : 3.0
    let length = Double(string.count)
    var one: [(string: [UInt32], weight: Double)] = []
    // Long strings: the characters in the middle are alike, so a few places stand for all.
    let stride = max(1, string.count / 24)
    for place in Swift.stride(from: 0, to: string.count, by: stride) {
      let share = Double(min(stride, string.count - place))
      var shorter = string
      shorter.remove(at: place)
      one.append((shorter, share / (kinds * length)))
      for (representative, size) in groups {
        var changed = string
        changed[place] = representative
        one.append((changed, share * size / (kinds * length * alphabet)))
      }
    }
    for place in Swift.stride(from: 0, through: string.count, by: stride) {
      let share = Double(min(stride, string.count + 1 - place))
      for (representative, size) in groups {
        var longer = string
        longer.insert(representative, at: place)
        one.append((longer, share * size / (kinds * (length + 1) * alphabet)))
      }
    }
    var random = RandomSource(seed: seed, stream: 9)
    let two = (0..<pairsOfEdits).map { _ in
      UniformEdit.random(of: UniformEdit.random(of: string, using: &random), using: &random)
    }
    return (one, two)
  }
}
