internal import Expressions
internal import Probability

/// Random local changes of an expression: the proposals of the search that follows the recognition
/// model.
///
/// One node of the tree is picked uniformly and changed: a class is widened, narrowed or repeated,
/// a count is moved, a part is dropped, doubled, made optional or replaced by a repeated class, a
/// branch is opened or closed.
struct ExpressionMoves {
  private let positives: [[UInt32]]
  private let scalars: [UInt32]
  private let rejected: [UInt32]
  private let lengths: [Int]
  private let classes: [CharacterClass]

  init(_ examples: InductionExamples) {
    positives = examples.memberScalars
    var seen: Set<UInt32> = []
    scalars = Array(
      examples.memberScalars.joined().prefix(4000).filter { seen.insert($0).inserted }.prefix(60))
    let used = seen
    rejected = Array(
      examples.negativeScalars.joined().prefix(4000)
        .filter { seen.insert($0).inserted && !used.contains($0) }.prefix(60))
    lengths = positives.map(\.count)
    classes = CandidateClasses(positives.prefix(200) + examples.negativeScalars.prefix(200)).named
  }

  /// The expression with one random change, simplified.
  func changed(_ expression: RegularExpression, using random: inout RandomSource)
    -> RegularExpression
  {
    var target = random.integer(below: expression.nodeCount)
    let result = rewritten(expression, &target, using: &random)
    return result.simplified()
  }

  private func rewritten(
    _ node: RegularExpression, _ target: inout Int, using random: inout RandomSource
  ) -> RegularExpression {
    if target == 0 {
      target = -1
      return changedNode(node, using: &random)
    }
    target -= 1
    switch node {
    case .empty, .characters: return node
    case .sequence(let parts):
      return .sequence(rewritten(parts, &target, using: &random))
    case .alternation(let branches):
      return .alternation(rewritten(branches, &target, using: &random))
    case .repetition(let body, let minimum, let maximum):
      return .repetition(
        rewritten(body, &target, using: &random), minimum: minimum, maximum: maximum)
    }
  }

  private func rewritten(
    _ nodes: [RegularExpression], _ target: inout Int, using random: inout RandomSource
  ) -> [RegularExpression] {
    var nodes = nodes
    for index in nodes.indices {
      nodes[index] = rewritten(nodes[index], &target, using: &random)
      if target < 0 { break }
    }
    return nodes
  }

  private func changedNode(
    _ node: RegularExpression, using random: inout RandomSource
  ) -> RegularExpression {
    if random.uniform() < 0.15 { return wrapped(node, using: &random) }
    switch node {
    case .empty: return .characters(anyClass(using: &random))
    case .characters(let members): return changed(members, using: &random)
    case .sequence(let parts): return changed(parts, using: &random)
    case .alternation(let branches): return changed(branches: branches, using: &random)
    case .repetition(let body, let minimum, let maximum):
      return changed(body, minimum, maximum, using: &random)
    }
  }

  /// A class to try: a named one, a character of the examples, both cases of a letter, or all but a
  /// character.
  private func anyClass(using random: inout RandomSource) -> CharacterClass {
    switch random.integer(below: 10) {
    case 0..<5:
      // Sometimes what the examples don't suggest, which is likely too: the posterior is over all.
      let pool = random.integer(below: 4) == 0 ? CharacterClass.named : classes
      return pool[random.integer(below: pool.count)]
    case 5..<8:
      guard let scalar = scalars.randomElement(using: &random) else { return .any }
      return CharacterClass([scalar])
    case 8:
      guard let scalar = scalars.randomElement(using: &random),
        CharacterClass.letter.contains(scalar)
      else { return .letter }
      return CharacterClass([scalar, scalar ^ 0x20])
    default:
      let pool = rejected.isEmpty ? scalars : rejected
      guard let scalar = pool.randomElement(using: &random), scalar < 128 else { return .any }
      return CharacterClass([scalar]).inverted
    }
  }

  private func changed(
    _ members: CharacterClass, using random: inout RandomSource
  ) -> RegularExpression {
    let one = RegularExpression.characters(members)
    switch random.integer(below: 10) {
    case 0..<3:
      let wider = classes.filter { $0 != members && $0.isSuperset(of: members) }
      return .characters(wider.randomElement(using: &random) ?? .any)
    case 3..<6: return .characters(anyClass(using: &random))
    case 6: return one.plus
    case 7: return one.star
    case 8:
      let count = max(1, lengths.randomElement(using: &random) ?? 1)
      return .repetition(one, minimum: min(count, 64), maximum: min(count, 64))
    default:
      if let scalar = scalars.randomElement(using: &random), random.uniform() < 0.5 {
        return .characters(members.union(CharacterClass([scalar])))
      }
      if let scalar = rejected.randomElement(using: &random), members.contains(scalar) {
        return .characters(members.subtracting(CharacterClass([scalar])))
      }
      return .empty
    }
  }

  private func wrapped(
    _ node: RegularExpression, using random: inout RandomSource
  ) -> RegularExpression {
    let wild = RegularExpression.characters(.any)
    switch random.integer(below: 7) {
    case 0: return node.optional
    case 1: return node.plus
    case 2: return node.star
    case 3: return .sequence([node, wild.star])
    case 4: return .sequence([wild.star, node])
    case 5: return wild.star
    default:
      guard let example = positives.randomElement(using: &random), example.count <= 64 else {
        return wild.plus
      }
      return .alternation([node, .literal(example)])
    }
  }

  private func changed(
    _ parts: [RegularExpression], using random: inout RandomSource
  ) -> RegularExpression {
    var parts = parts
    let index = random.integer(below: parts.count)
    let end = index + 1 + random.integer(below: parts.count - index)
    switch random.integer(below: 9) {
    case 0, 1: parts.remove(at: index)
    case 2: parts.insert(.characters(anyClass(using: &random)), at: index)
    case 3: parts.append(.characters(anyClass(using: &random)))
    case 4: parts.replaceSubrange(index..<end, with: [RegularExpression.anything])
    case 5:
      let members = Self.characters(of: .sequence(Array(parts[index..<end])))
      let wider = classes.filter { $0.isSuperset(of: members) } + [members]
      let one = RegularExpression.characters(wider.randomElement(using: &random) ?? .any)
      parts.replaceSubrange(index..<end, with: [random.uniform() < 0.5 ? one.plus : one.star])
    case 6:
      parts.replaceSubrange(
        index..<end, with: [RegularExpression.sequence(Array(parts[index..<end])).optional])
    case 7:
      // Fold: two equal blocks in a row become one repeated block.
      let length = end - index
      if end + length <= parts.count,
        Array(parts[index..<end]) == Array(parts[end..<(end + length)])
      {
        let block = RegularExpression.sequence(Array(parts[index..<end]))
        parts.replaceSubrange(
          index..<(end + length), with: [.repetition(block, minimum: 2, maximum: 2)])
      } else if parts.count > 1 {
        parts.swapAt(index, random.integer(below: parts.count))
      }
    default: parts.insert(parts[index], at: index)
    }
    return .sequence(parts)
  }

  private func changed(
    branches: [RegularExpression], using random: inout RandomSource
  ) -> RegularExpression {
    var branches = branches
    let index = random.integer(below: branches.count)
    switch random.integer(below: 4) {
    case 0: return branches[index]
    case 1: branches.remove(at: index)
    case 2:
      let members = Self.characters(of: .alternation(branches))
      let wider = classes.filter { $0.isSuperset(of: members) }
      return RegularExpression.characters(wider.randomElement(using: &random) ?? .any).plus
    default: return RegularExpression.alternation(branches).withSharedEndsTakenOut()
    }
    return .alternation(branches)
  }

  private func changed(
    _ body: RegularExpression, _ minimum: Int, _ maximum: Int?, using random: inout RandomSource
  ) -> RegularExpression {
    var low = minimum
    var high = maximum
    switch random.integer(below: 9) {
    case 0: low += 1
    case 1: low = max(0, low - 1)
    case 2: high = (high ?? max(low, 1)) + 1
    case 3: high = high.map { max(low, $0 - 1) } ?? max(low, 1)
    case 4: high = nil
    case 5: (low, high) = (0, nil)
    case 6: (low, high) = (1, nil)
    case 7: return body
    default:
      let count = min(64, max(1, lengths.randomElement(using: &random) ?? 1))
      if random.uniform() < 0.5 { high = low } else { (low, high) = (count, count) }
    }
    if let bound = high, bound < low { high = low }
    return .repetition(body, minimum: low, maximum: high)
  }

  private static func characters(of node: RegularExpression) -> CharacterClass {
    switch node {
    case .empty: return .none
    case .characters(let members): return members
    case .sequence(let parts), .alternation(let parts):
      return parts.reduce(CharacterClass.none) { $0.union(characters(of: $1)) }
    case .repetition(let body, _, _): return characters(of: body)
    }
  }
}

extension RegularExpression {
  /// The number of nodes that the tree has.
  var nodeCount: Int {
    switch self {
    case .empty, .characters: return 1
    case .sequence(let parts), .alternation(let parts):
      return parts.reduce(1) { $0 + $1.nodeCount }
    case .repetition(let body, _, _): return 1 + body.nodeCount
    }
  }
}
