internal import RealModule

/// The ways in which one piece of a template may be generalised, each with the weight that the
/// prior and the pieces themselves give it.
struct SlotGeneralization {
  private(set) var options: [RegularExpression] = []
  private(set) var logWeights: [Double] = []

  /// Lists the generalisations of the non-empty pieces of a slot.
  init(_ texts: [[UInt32]], prior: DescriptionLength, sizePrinciple: Double) {
    let distinct = Set(texts)
    var candidates: [RegularExpression] = []
    if distinct.count == 1, let text = distinct.first, text.count <= 40 {
      candidates.append(.literal(text))
    } else if distinct.count <= 4, distinct.count < texts.count,
      distinct.allSatisfy({ $0.count <= 12 })
    {
      candidates.append(.alternation(distinct.map { .literal($0) }))
    }
    let observed = CharacterClass(texts.joined())
    var classes = CharacterClass.named.filter { $0.isSuperset(of: observed) }
    if observed.asciiMembers.count <= 12, !classes.contains(observed) { classes.append(observed) }
    let lengths = texts.map(\.count)
    let shortest = lengths.min() ?? 0
    let longest = lengths.max() ?? 0
    for members in classes {
      let one = RegularExpression.characters(members)
      if longest <= 64 {
        candidates.append(.repetition(one, minimum: shortest, maximum: longest))
      }
      if shortest <= 64 { candidates.append(.repetition(one, minimum: shortest, maximum: nil)) }
      candidates.append(one.plus)
      candidates.append(one.star)
    }
    let sample = texts.prefix(12)
    let scale = Double(texts.count) / Double(max(1, sample.count))
    var seen: Set<RegularExpression> = []
    for candidate in candidates.lazy.map({ $0.simplified() }) where seen.insert(candidate).inserted
    {
      let automaton = PositionAutomaton(candidate)
      let fit = sample.reduce(0.0) { $0 + automaton.logProbability(of: $1) }
      guard fit > -.infinity else { continue }
      options.append(candidate)
      logWeights.append(-prior(candidate) + sizePrinciple * scale * fit)
    }
  }

  /// The best generalisation at temperature 0, else one drawn with the weights to the power
  /// 1/temperature.
  func choice(
    temperature: Double, using generator: inout some RandomNumberGenerator
  ) -> RegularExpression {
    guard let best = logWeights.max() else { return .empty }
    if temperature == 0 { return options[logWeights.firstIndex(of: best) ?? 0] }
    let weights = logWeights.map { Double.exp(($0 - best) / temperature) }
    var left = Double.random(in: 0..<1, using: &generator) * weights.reduce(0, +)
    for (option, weight) in zip(options, weights) {
      left -= weight
      if left < 0 { return option }
    }
    return options[options.count - 1]
  }
}
