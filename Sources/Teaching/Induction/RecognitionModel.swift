internal import Expressions

/// Proposes expressions from the positive examples alone, by growing grammars along them.
///
/// It follows the published idea of a recognition model that uses the positives as its scaffold
/// (Ouyang 2018); of that work only the abstract and introduction were at hand, so the six
/// families of proposals are this room's own:
///
/// - **aligned**: a ``StringTemplate`` of all examples, each slot generalised, slots that come and
///   go together made one optional group;
/// - **branched**: examples grouped by shape, one template a group, an alternation over them with
///   what the branches share at both ends taken out;
/// - **separated**: examples split at a mark that recurs, the fields pooled into one template, and
///   the field repeated between the marks;
/// - **opened**: the runs that all examples begin and end with, and one open part for whatever stands between;
/// - **fielded**: what stands between marks that all examples have as often, each field by one class;
/// - **framed**: what all examples have at their start, at their end or somewhere inside, with a
///   class repeated for the rest.
struct RecognitionModel {
  let examples: [[UInt32]]
  let classes: CandidateClasses
  let prior: DescriptionLength
  let sizePrinciple: Double

  /// The most examples that one template is grown from; further ones are only scored.
  static let exampleLimit = 30

  init(_ examples: InductionExamples, _ configuration: InductionConfiguration) {
    var seen: Set<[UInt32]> = []
    let distinct = examples.memberScalars.filter { seen.insert($0).inserted }
    self.examples = Array(distinct.prefix(Self.exampleLimit))
    classes = CandidateClasses(self.examples + examples.negativeScalars.prefix(200))
    prior = configuration.prior
    sizePrinciple = configuration.sampling == .strong ? configuration.sizePrinciple : 0
  }

  /// The same process for some of the examples, in another order.
  func variation(using generator: inout some RandomNumberGenerator) -> RecognitionModel {
    let count = max(2, examples.count * Int.random(in: 40...100, using: &generator) / 100)
    return RecognitionModel(
      examples: Array(examples.shuffled(using: &generator).prefix(count)), classes: classes, prior: prior,
      sizePrinciple: sizePrinciple)
  }

  private init(examples: [[UInt32]], classes: CandidateClasses, prior: DescriptionLength, sizePrinciple: Double) {
    self.examples = examples
    self.classes = classes
    self.prior = prior
    self.sizePrinciple = sizePrinciple
  }

  /// Runs the process once at each cut: `rounds` random growths besides the greedy one.
  func proposals(
    rounds: Int, using generator: inout some RandomNumberGenerator
  ) -> [RegularExpression] {
    var proposals: [RegularExpression] = []
    for cut in StringTemplate.Cut.allCases {
      proposals += aligned(examples, cut, rounds: rounds, using: &generator)
      proposals += branched(cut, rounds: rounds, using: &generator)
    }
    proposals += separated(rounds: rounds, using: &generator)
    proposals += opened(.kinds) + opened(.alphanumerics) + fielded()
    if Set(examples).count <= 16, examples.allSatisfy({ $0.count <= 16 }) {
      proposals.append(RegularExpression.alternation(examples.map { .literal($0) }).simplified())
    }
    return proposals
  }

  func generalization(of texts: [[UInt32]]) -> SlotGeneralization {
    SlotGeneralization(texts, classes: classes, prior: prior, sizePrinciple: sizePrinciple)
  }

  /// Expressions grown along all these strings by alignment.
  func aligned(
    _ strings: [[UInt32]], _ cut: StringTemplate.Cut, rounds: Int,
    using generator: inout some RandomNumberGenerator
  ) -> [RegularExpression] {
    var results: [RegularExpression] = []
    for growth in 0..<max(1, rounds / 3 + 1) {
      let order = growth == 0 ? strings : strings.shuffled(using: &generator)
      guard
        let template = StringTemplate(
          order, cut: cut, temperature: growth == 0 ? 0 : 1, using: &generator)
      else { continue }
      let slots = template.slots.map { slot in
        generalization(of: slot.texts.filter { !$0.isEmpty })
      }
      for choice in SlotGeneralization.best(growth == 0 ? 24 : 8, of: slots) {
        results.append(expression(template, zip(slots, choice).map { $0.options[$1] }))
      }
      for round in 1..<4 {
        let drawn = slots.map { $0.choice(temperature: Double(round), using: &generator) }
        results.append(expression(template, drawn))
      }
    }
    return results
  }

  /// The template with one generalisation for each slot.
  private func expression(
    _ template: StringTemplate, _ choice: [RegularExpression]
  ) -> RegularExpression {
    var parts: [RegularExpression] = []
    var index = 0
    while index < choice.count {
      let presence = template.slots[index].texts.map(\.isEmpty)
      var group = [choice[index]]
      index += 1
      guard presence.contains(true) else {
        parts += group
        continue
      }
      while index < choice.count, template.slots[index].texts.map(\.isEmpty) == presence {
        group.append(choice[index])
        index += 1
      }
      parts.append(RegularExpression.sequence(group).optional)
    }
    return RegularExpression.sequence(parts).simplified()
  }

  private func branched(
    _ cut: StringTemplate.Cut, rounds: Int, using generator: inout some RandomNumberGenerator
  ) -> [RegularExpression] {
    var groups: [[UInt32]: [[UInt32]]] = [:]
    var order: [[UInt32]] = []
    for example in examples {
      let shape = cut.runs(of: example).map(\.kind)
      if groups[shape] == nil { order.append(shape) }
      groups[shape, default: []].append(example)
    }
    guard order.count > 1, order.count <= 6 else { return [] }
    var results: [RegularExpression] = []
    let branches = order.map { shape in
      aligned(groups[shape] ?? [], cut, rounds: 0, using: &generator)
    }
    for round in 0..<8 {
      let choice = branches.compactMap { round < $0.count ? $0[round] : $0.first }
      results.append(RegularExpression.alternation(choice).simplified().withSharedEndsTakenOut())
      results.append(RegularExpression.alternation(choice).simplified())
    }
    return results
  }

  private func separated(
    rounds: Int, using generator: inout some RandomNumberGenerator
  ) -> [RegularExpression] {
    var marks: [UInt32] = []
    for example in examples {
      for scalar in example
      where !CharacterClass.alphanumeric.contains(scalar) && !marks.contains(scalar) {
        marks.append(scalar)
      }
    }
    var results: [RegularExpression] = []
    for mark in marks.prefix(6) {
      let split = examples.map { $0.split(separator: mark, omittingEmptySubsequences: false) }
      let counts = split.map { $0.count - 1 }
      guard let fewest = counts.min(), let most = counts.max(), most >= 1, most <= 60 else {
        continue
      }
      let fields = Array(split.joined().lazy.map { Array($0) }.prefix(40))
      for cut in [StringTemplate.Cut.kinds, .alphanumerics] {
        for field in aligned(fields, cut, rounds: rounds / 2, using: &generator).prefix(8) {
          let again = RegularExpression.sequence([.literal([mark]), field])
          let repeats: [(Int, Int?)] = [
            (fewest, most), (fewest, nil), (min(1, fewest), nil), (0, nil),
          ]
          for (minimum, maximum) in repeats {
            results.append(
              RegularExpression.sequence([
                field, .repetition(again, minimum: minimum, maximum: maximum),
              ]).simplified())
          }
        }
      }
    }
    return results
  }
}
