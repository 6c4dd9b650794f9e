extension FiniteAutomaton {
  /// The most states, and the most pieces of the alphabet that are looked at, of a complement.
  private static let mostComplementStates = 4096
  private static let mostPieces = 400_000

  /// All texts.
  package static let everything = FiniteAutomaton([State(edges: [Edge(.everything, to: 0)], isEnd: true)])

  /// The texts that this automaton does not accept.
  ///
  /// The states are made deterministic first (Rabin and Scott 1959), of which there may be exponentially many: some are refused.
  package func complement() throws(GrammarError) -> FiniteAutomaton {
    precondition(lengths == nil, "lengths are limited after everything else")
    guard !isEmpty else { return .everything }
    var made: [State] = []
    // The set of no states, from which nothing can be accepted any more, is one like the others.
    var indices: [[Int]: Int] = [[0]: 0]
    var pending = [[0]]
    var pieces = 0
    while made.count < pending.count {
      let current = pending[made.count]
      let found = Self.partition(current.flatMap { states[$0].edges })
      pieces += found.count
      guard pieces <= Self.mostPieces else { throw GrammarError("the constraint is too large to be negated") }
      var state = State(isEnd: !current.contains { states[$0].isEnd })
      for (members, targets) in found {
        if indices[targets] == nil {
          guard pending.count < Self.mostComplementStates else {
            throw GrammarError("the constraint is too large to be negated")
          }
          indices[targets] = pending.count
          pending.append(targets)
        }
        let target = indices[targets] ?? 0
        if let same = state.edges.firstIndex(where: { $0.target == target }) {
          state.edges[same].members = state.edges[same].members.union(members)
        } else {
          state.edges.append(Edge(members, to: target))
        }
      }
      made.append(state)
    }
    return FiniteAutomaton(made)
  }

  /// The alphabet in pieces that no edge parts, each with the states that it leads to.
  private static func partition(_ edges: [Edge]) -> [(members: CharacterClass, targets: [Int])] {
    var pieces: [(members: CharacterClass, targets: Set<Int>)] = [(.everything, [])]
    for edge in edges {
      var next: [(members: CharacterClass, targets: Set<Int>)] = []
      for piece in pieces {
        let inside = piece.members.intersection(edge.members)
        if !inside.isEmpty { next.append((inside, piece.targets.union([edge.target]))) }
        let outside = piece.members.subtracting(edge.members)
        if !outside.isEmpty { next.append((outside, piece.targets)) }
      }
      pieces = next
    }
    return pieces.map { ($0.members, $0.targets.sorted()) }
  }

  /// The texts of a list, whose characters stand for themselves.
  package init(texts: [String]) {
    var states = [State()]
    for text in texts {
      var place = 0
      for scalar in text.unicodeScalars {
        let known = states[place].edges.first { $0.members.contains(scalar.value) }
        if known == nil {
          states[place].edges.append(Edge(CharacterClass([scalar.value]), to: states.count))
          states.append(State())
        }
        place = known?.target ?? states.count - 1
      }
      states[place].isEnd = true
    }
    self.init(states)
  }

  /// The texts that either accepts.
  package func union(_ other: FiniteAutomaton) -> FiniteAutomaton {
    precondition(lengths == nil && other.lengths == nil, "lengths are limited after everything else")
    guard !isEmpty else { return other }
    guard !other.isEmpty else { return self }
    // A start of its own, so that what leads back to one start doesn't go on with the other.
    func moved(_ list: [Edge], by offset: Int) -> [Edge] { list.map { Edge($0.members, to: $0.target + offset) } }
    let offset = 1 + states.count
    let start = State(
      edges: moved(states[0].edges, by: 1) + moved(other.states[0].edges, by: offset),
      isEnd: states[0].isEnd || other.states[0].isEnd)
    return FiniteAutomaton(
      [start] + states.map { State(edges: moved($0.edges, by: 1), isEnd: $0.isEnd) }
        + other.states.map { State(edges: moved($0.edges, by: offset), isEnd: $0.isEnd) })
  }
}
