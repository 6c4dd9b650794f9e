internal import Expressions
internal import RealModule

/// The ways in which one piece of a template may be generalised, best first, each with the weight
/// that the prior and the pieces themselves give it.
struct SlotGeneralization {
  private(set) var options: [RegularExpression] = []
  private(set) var logWeights: [Double] = []

  /// Lists the generalisations of the non-empty pieces of a slot.
  init(_ texts: [[UInt32]], classes: CandidateClasses, prior: DescriptionLength, sizePrinciple: Double) {
    let distinct = Set(texts)
    var candidates: [RegularExpression] = []
    if distinct.count == 1, let text = distinct.first, text.count <= 40 {
      candidates.append(.literal(text))
    } else if distinct.count <= 12, distinct.count < texts.count,
      distinct.allSatisfy({ $0.count <= 16 })
    {
      candidates.append(.alternation(distinct.map { .literal($0) }))
    }
    let lengths = texts.map(\.count)
    let shortest = lengths.min() ?? 0
    let longest = lengths.max() ?? 0
    for members in classes.holding(CharacterClass(texts.joined())) {
      let one = RegularExpression.characters(members)
      if longest <= 64 {
        candidates.append(.repetition(one, minimum: shortest, maximum: longest))
      }
      if longest <= 12 { candidates.append(.repetition(one, minimum: 1, maximum: longest)) }
      if shortest <= 64 { candidates.append(.repetition(one, minimum: shortest, maximum: nil)) }
      candidates.append(one.plus)
      candidates.append(one.star)
    }
    candidates += Self.separated(texts)
    // Long pieces are told by their beginnings: the batch has no place for more.
    let sample = texts.prefix(12).map { Array($0.prefix(StringBatch.lengthLimit)) }
    let scale = Double(texts.count) / Double(max(1, sample.count))
    let batch = StringBatch(sample)
    var seen: Set<RegularExpression> = []
    var weighed: [(option: RegularExpression, logWeight: Double)] = []
    for candidate in candidates.lazy.map({ $0.simplified() }) where seen.insert(candidate).inserted {
      let fit = batch.probabilities(of: candidate).reduce(0.0) { $0 + .log($1) }
      guard fit > -.infinity else { continue }
      weighed.append((candidate, -prior(candidate) + sizePrinciple * scale * fit))
    }
    weighed.sort { $0.logWeight > $1.logWeight }
    options = weighed.map(\.option)
    logWeights = weighed.map(\.logWeight)
  }

  /// Letters and digits with one mark between them, as in `[a-z]+(?:\\.[a-z]+)*`, where the texts have just one kind of mark.
  private static func separated(_ texts: [[UInt32]]) -> [RegularExpression] {
    let seen = CharacterClass(texts.joined())
    let marks = seen.intersection(CharacterClass.punctuation.union(CharacterClass(of: " ")))
    guard let mark = marks.onlyMember, let kinds = CandidateClasses.kinds(of: seen.subtracting(marks)), !kinds.isEmpty
    else { return [] }
    let counts = texts.map { text in text.count { $0 == mark } }
    let fields = texts.flatMap { $0.split(separator: mark, omittingEmptySubsequences: false) }
    guard fields.allSatisfy({ !$0.isEmpty }), let fewest = counts.min(), let most = counts.max() else { return [] }
    let field = RegularExpression.characters(kinds).plus
    let next = RegularExpression.sequence([.literal([mark]), field])
    var again: [RegularExpression] = [.repetition(next, minimum: min(1, fewest), maximum: nil)]
    if most <= 3 { again.append(.repetition(next, minimum: fewest, maximum: most)) }
    return again.map { .sequence([field, $0]) }
  }

  /// A generalisation drawn with the weights to the power
  /// 1/temperature.
  func choice(
    temperature: Double, using generator: inout some RandomNumberGenerator
  ) -> RegularExpression {
    guard let best = logWeights.max() else { return .empty }
    let weights = logWeights.map { Double.exp(($0 - best) / temperature) }
    var left = Double.random(in: 0..<1, using: &generator) * weights.reduce(0, +)
    for (option, weight) in zip(options, weights) {
      left -= weight
      if left < 0 { return option }
    }
    return options[options.count - 1]
  }

  /// The choices of one option for each slot with the largest sums of weights, best first: from each
  /// choice taken, the next ones move one slot to its next option.
  static func best(_ count: Int, of slots: [SlotGeneralization]) -> [[Int]] {
    guard slots.allSatisfy({ !$0.options.isEmpty }) else { return [] }
    let first = [Int](repeating: 0, count: slots.count)
    var seen: Set<[Int]> = [first]
    var open = [(choice: first, loss: 0.0)]
    var results: [[Int]] = []
    while results.count < count,
      let place = open.indices.min(by: { open[$0].loss < open[$1].loss })
    {
      let (choice, loss) = open.remove(at: place)
      results.append(choice)
      for (index, slot) in slots.enumerated() where choice[index] + 1 < slot.options.count {
        var next = choice
        next[index] += 1
        guard seen.insert(next).inserted else { continue }
        let step = slot.logWeights[choice[index]] - slot.logWeights[next[index]]
        open.append((next, loss + step))
      }
    }
    return results
  }
}
