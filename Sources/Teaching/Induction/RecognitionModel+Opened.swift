internal import Expressions

extension RecognitionModel {
  /// Expressions for examples that begin and end alike and hold anything between: lines of a log, quotations, e-mail.
  ///
  /// All runs that stand at the same place from the left, and from the right, are slots; between any of the ends so made
  /// lies one open part. Ends are tried whole and cut after what is the same in all examples.
  func opened(_ cut: StringTemplate.Cut) -> [RegularExpression] {
    let runs = examples.map { cut.runs(of: $0) }
    guard let first = runs.first, let fewest = runs.map(\.count).min(), fewest > 0 else { return [] }
    var left = 0
    while left < fewest, runs.allSatisfy({ $0[left].kind == first[left].kind }) { left += 1 }
    var right = 0
    while right < fewest, runs.allSatisfy({ $0[$0.count - 1 - right].kind == first[first.count - 1 - right].kind }) {
      right += 1
    }
    let starts = (0..<min(left, 24)).map { place in runs.map { $0[place].text } }
    let ends = (0..<min(right, 12)).map { place in runs.map { $0[$0.count - 1 - place].text } }
    func cuts(_ slots: [[[UInt32]]]) -> [Int] {
      (0...slots.count).filter { count in
        count == 0 || count == slots.count || Set(slots[count - 1]).count == 1
      }
    }
    let startOptions = starts.map { generalization(of: $0).options }
    let endOptions = ends.map { generalization(of: $0).options }
    var results: [RegularExpression] = []
    for from in cuts(starts) {
      for to in cuts(ends) where from + to <= fewest && from + to > 0 {
        let middles = runs.map { Array($0[from..<($0.count - to)].map(\.text).joined()) }
        guard middles.contains(where: { !$0.isEmpty }) else { continue }
        for rank in 0..<2 {
          let head = startOptions[..<from].compactMap { $0.count > rank ? $0[rank] : $0.first }
          let tail = endOptions[..<to].reversed().compactMap { $0.count > rank ? $0[rank] : $0.first }
          for open in openParts(for: middles) {
            results.append(RegularExpression.sequence(head + [open] + tail).simplified())
          }
        }
      }
    }
    return results
  }

  private func openParts(for middles: [[UInt32]]) -> [RegularExpression] {
    let seen = CharacterClass(middles.joined())
    var classes = [CharacterClass.any]
    if let kinds = CandidateClasses.kinds(of: seen) { classes.append(kinds) }
    let mayBeEmpty = middles.contains(where: \.isEmpty)
    return classes.flatMap { members in
      let one = RegularExpression.characters(members)
      return mayBeEmpty ? [one.star] : [one.plus, one.star]
    }
  }

  /// Expressions for examples that have the same marks in the same order, whatever stands between them.
  ///
  /// All such marks are tried together and each by itself; the others stay within the fields.
  func fielded() -> [RegularExpression] {
    guard let first = examples.first else { return [] }
    func count(_ mark: UInt32, _ example: [UInt32]) -> Int { example.reduce(0) { $0 + ($1 == mark ? 1 : 0) } }
    var marks: [UInt32] = []
    for scalar in first where !CharacterClass.alphanumeric.contains(scalar) && scalar < 128 && !marks.contains(scalar) {
      let times = count(scalar, first)
      if times <= 6, examples.allSatisfy({ count(scalar, $0) == times }) { marks.append(scalar) }
    }
    var sets = marks.map { [$0] }
    if marks.count > 1 { sets.append(marks) }
    var results: [RegularExpression] = []
    for set in sets.prefix(8) {
      let order = first.filter(set.contains)
      guard examples.allSatisfy({ $0.filter(set.contains) == order }) else { continue }
      let fields = examples.map {
        $0.split(omittingEmptySubsequences: false, whereSeparator: set.contains).map(Array.init)
      }
      let slots = (0...order.count).map { place in fields.map { $0[place] } }
      // A field that is empty throughout has nothing to generalize.
      let present = slots.indices.filter { place in slots[place].contains { !$0.isEmpty } }
      let options = present.map { place in generalization(of: slots[place].filter { !$0.isEmpty }) }
      for choice in SlotGeneralization.best(16, of: options) {
        var fields = slots.map { _ in RegularExpression.empty }
        for (rank, place) in present.enumerated() {
          let part = options[rank].options[choice[rank]]
          fields[place] = slots[place].contains(where: \.isEmpty) ? part.optional : part
        }
        var parts = [fields[0]]
        for (mark, field) in zip(order, fields.dropFirst()) { parts += [.literal([mark]), field] }
        results.append(RegularExpression.sequence(parts).simplified())
      }
    }
    return results
  }
}
