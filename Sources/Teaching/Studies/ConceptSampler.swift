internal import Expressions
internal import Probability

/// Draws labelled strings for a concept.
struct ConceptSampler {
  let concept: StringConcept
  private let others: [StringConcept]
  private let automaton: PositionAutomaton

  init(_ concept: StringConcept, among concepts: [StringConcept]) {
    self.concept = concept
    others = concepts.filter { $0.name != concept.name }
    automaton = PositionAutomaton(concept.expression)
  }

  /// Distinct members of the concept that are not in `excluded`; fewer when it has not so many
  /// short ones.
  func positives(
    _ count: Int, excluding excluded: Set<String> = [], using random: inout RandomSource
  ) -> [String] {
    draw(count, excluding: excluded, using: &random) { random in
      concept.expression.sample(using: &random)
    }
  }

  /// Distinct strings outside the concept: alternately near misses (a member with one or two edits)
  /// and members of other concepts.
  func negatives(
    _ count: Int, excluding excluded: Set<String> = [], using random: inout RandomSource
  ) -> [String] {
    var drawn = 0
    return draw(count, excluding: excluded, using: &random) { random in
      drawn += 1
      if drawn % 3 == 0, let other = others.randomElement(using: &random) {
        let string = other.expression.sample(using: &random)
        return string.flatMap { automaton.accepts($0) ? nil : $0 }
      }
      guard let member = concept.expression.sample(using: &random) else { return nil }
      var edited = StringEdit.random(of: member.unicodeScalars.map(\.value), using: &random)
      if random.uniform() < 0.3 { edited = StringEdit.random(of: edited, using: &random) }
      return automaton.accepts(edited) ? nil : edited.text
    }
  }

  private func draw(
    _ count: Int, excluding excluded: Set<String>, using random: inout RandomSource,
    _ make: (inout RandomSource) -> String?
  ) -> [String] {
    var seen = excluded
    var strings: [String] = []
    var attempts = 0
    while strings.count < count, attempts < count * 60 + 200 {
      attempts += 1
      guard let string = make(&random), string.unicodeScalars.count <= 60,
        seen.insert(string).inserted
      else { continue }
      strings.append(string)
    }
    return strings
  }
}
