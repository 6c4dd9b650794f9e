internal import Expressions

extension RecognitionModel {
  /// Expressions that say only what all examples share: how they start, how they end, what they
  /// hold, how long they are, which class they are written in.
  func frames() -> [RegularExpression] {
    guard let firstExample = examples.first else { return [] }
    let observed = CharacterClass(examples.joined())
    let covering = classes.holding(observed)
    let lengths = examples.map(\.count)
    let shortest = lengths.min() ?? 0
    let longest = lengths.max() ?? 0
    var frames: [RegularExpression] = [.anything, RegularExpression.characters(.any).plus]
    for members in covering {
      let one = RegularExpression.characters(members)
      frames += [one.plus, one.star]
      if shortest <= 64 {
        frames.append(.repetition(one, minimum: shortest, maximum: nil))
        for minimum in 2..<5 where minimum < shortest {
          frames.append(.repetition(one, minimum: minimum, maximum: nil))
        }
      }
      if longest <= 64 {
        frames.append(.repetition(one, minimum: shortest, maximum: longest))
        frames.append(.repetition(one, minimum: 0, maximum: longest))
      }
    }
    frames += ends(firstExample, covering)
    frames += insides(firstExample)
    return frames.map { $0.simplified() }
  }

  private func ends(
    _ firstExample: [UInt32], _ covering: [CharacterClass]
  ) -> [RegularExpression] {
    let nonEmpty = examples.filter { !$0.isEmpty }
    guard nonEmpty.count == examples.count else { return [] }
    var prefix = firstExample
    var suffix = firstExample
    for example in examples.dropFirst() {
      prefix = Array(zip(prefix, example).prefix { $0.0 == $0.1 }.map(\.0))
      suffix = Array(zip(suffix.reversed(), example.reversed()).prefix { $0.0 == $0.1 }.map(\.0))
        .reversed()
    }
    let firsts = CharacterClass(examples.compactMap(\.first))
    let lasts = CharacterClass(examples.compactMap(\.last))
    var starts: [RegularExpression] = [.empty]
    for count in 1..<5 where count <= prefix.count { starts.append(.literal(prefix.prefix(count))) }
    if prefix.count >= 5, prefix.count <= 40 { starts.append(.literal(prefix)) }
    starts += classes.named.filter { $0 != .any && $0.isSuperset(of: firsts) }
      .map { .characters($0) }
    var stops: [RegularExpression] = [.empty]
    for count in 1..<5 where count <= suffix.count { stops.append(.literal(suffix.suffix(count))) }
    if suffix.count >= 5, suffix.count <= 40 { stops.append(.literal(suffix)) }
    stops += classes.named.filter { $0 != .any && $0.isSuperset(of: lasts) }
      .map { .characters($0) }
    var results: [RegularExpression] = []
    for start in starts {
      for stop in stops where start != .empty || stop != .empty {
        results.append(.sequence([start, .anything, stop]))
        results.append(.sequence([start, RegularExpression.characters(.any).plus, stop]))
        if let members = covering.first {
          results.append(.sequence([start, RegularExpression.characters(members).star, stop]))
        }
      }
    }
    return results
  }

  private func insides(_ firstExample: [UInt32]) -> [RegularExpression] {
    let sets = examples.map { CharacterClass($0) }
    var members = classes.named.filter { named in
      named != .any && sets.allSatisfy { !$0.isDisjoint(with: named) }
    }
    for scalar in Set(firstExample).sorted().prefix(40)
    where sets.allSatisfy({ $0.contains(scalar) }) {
      members.append(CharacterClass([scalar]))
    }
    return members.map { .sequence([.anything, .characters($0), .anything]) }
  }

}

extension RegularExpression {
  /// An alternation with the parts that all branches share at the start and at the end written
  /// once.
  func withSharedEndsTakenOut() -> RegularExpression {
    guard case .alternation(let branches) = self, let first = branches.first else { return self }
    var lists = branches.map(\.parts)
    var prefix: [RegularExpression] = []
    for part in first.parts {
      guard lists.allSatisfy({ $0.first == part }) else { break }
      prefix.append(part)
      lists = lists.map { Array($0.dropFirst()) }
    }
    var suffix: [RegularExpression] = []
    while let part = lists[0].last, lists.allSatisfy({ $0.last == part }) {
      suffix.append(part)
      lists = lists.map { Array($0.dropLast()) }
    }
    guard !prefix.isEmpty || !suffix.isEmpty else { return self }
    let inner = RegularExpression.alternation(lists.map { .sequence($0) })
    return RegularExpression.sequence(prefix + [inner] + suffix.reversed()).simplified()
  }
}
