/// A simulated writer of summaries of nodes, whose work is of mixed quality, as people's is.
public struct StoryWriter: Sendable {
  /// The quality of a piece of work.
  public enum Quality: String, Sendable, CaseIterable {
    /// The best facts that there is room for, and nothing else.
    case good
    /// Some of the best facts left out, others in their place.
    case partial
    /// One or two statements wrong.
    case unfaithful
    /// More than there is room for.
    case rambling
  }

  /// Decides what is written.
  public var seed: UInt64

  /// A writer of a seed.
  public init(seed: UInt64) { self.seed = seed }

  /// The best summary of a node.
  public static func best(_ node: StoryNode) -> String { node.best.map(\.statement).joined(separator: " ") }

  /// A summary of a node as the writer makes the `index`-th: a third of them are good.
  public func summary(_ node: StoryNode, index: Int) -> (text: String, quality: Quality) {
    var random = StableGenerator(path: [seed, 12, UInt64(bitPattern: Int64(index))])
    let draw = random.below(100)
    let quality: Quality = draw < 35 ? .good : draw < 65 ? .partial : draw < 82 ? .unfaithful : .rambling
    return (write(node, quality, &random), quality)
  }

  private func write(_ node: StoryNode, _ quality: Quality, _ random: inout StableGenerator) -> String {
    let best = node.best
    let rest = node.inOrder.filter { !best.contains($0) }
    switch quality {
    case .good: return best.map(\.statement).joined(separator: " ")
    case .partial:
      let dropped = Set(random.permuted(best).prefix(max(1, best.count / 3)))
      let others = Set(random.permuted(rest).prefix(random.below(dropped.count + 1)))
      return node.inOrder.filter { (best.contains($0) && !dropped.contains($0)) || others.contains($0) }.map(
        \.statement
      ).joined(separator: " ")
    case .unfaithful:
      let spoiled = Set(random.permuted(Array(best.indices)).prefix(1 + random.below(2)))
      return best.indices.map { spoiled.contains($0) ? Self.spoiled(best[$0], &random).statement : best[$0].statement }
        .joined(separator: " ")
    case .rambling:
      let others = Set(random.permuted(rest).prefix(2 + random.below(2)))
      var said = node.inOrder.filter { best.contains($0) || others.contains($0) }
      if others.count < 2, let again = said.first { said.append(again) }
      return said.map(\.statement).joined(separator: " ")
    }
  }

  /// A fact with one of its parts changed.
  static func spoiled(_ fact: StoryFact, _ random: inout StableGenerator) -> StoryFact {
    var made = fact
    switch random.below(3) {
    case 0: made.subject = random.pick(StoryLexicon.people) { $0 != fact.subject && $0 != fact.target } ?? fact.subject
    case 1: made.place = random.pick(StoryLexicon.places) { $0 != fact.place } ?? fact.place
    default:
      let isThing = fact.target.hasPrefix("the ")
      made.target =
        random.pick(isThing ? StoryLexicon.things : StoryLexicon.people) { $0 != fact.target && $0 != fact.subject }
        ?? fact.target
    }
    return made
  }
}
