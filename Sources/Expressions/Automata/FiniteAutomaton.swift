/// A finite automaton over scalars without silent edges; state 0 is the start, and edges of one state may overlap.
///
/// It is what expressions become where texts must match several of them at once: ``intersection(_:)`` has no notation.
package struct FiniteAutomaton: Hashable, Sendable {
  package struct Edge: Hashable, Sendable {
    package var members: CharacterClass
    package var target: Int

    package init(_ members: CharacterClass, to target: Int) {
      self.members = members
      self.target = target
    }
  }

  package struct State: Hashable, Sendable {
    package var edges: [Edge]
    package var isEnd: Bool

    package init(edges: [Edge] = [], isEnd: Bool = false) {
      self.edges = edges
      self.isEnd = isEnd
    }
  }

  /// How large the product with all lengths may be before lengths are counted instead.
  private static let mostCopies = 4096
  /// The most states, the most edges of an expression, and the most pairs of edges that an intersection looks at.
  private static let mostStates = 20_000
  private static let mostEdges = 1_000_000
  private static let mostPairs = 1_000_000

  package private(set) var states: [State]
  /// Whether characters stand as they do inside a JSON string.
  var isEscapedForJSON = false
  /// Lengths that are counted beside the states.
  private(set) var lengths: LengthLimit?

  /// An automaton of these states; those from which no end can be reached are left out.
  package init(_ states: [State]) { self.states = Self.trimmed(states) }

  /// The texts that an expression matches: the states are the start and its positions.
  package init(_ expression: RegularExpression) throws(GrammarError) {
    guard expression.positionCount < Self.mostStates,
      let positions = PositionAutomaton(expression, edgeLimit: Self.mostEdges)
    else { throw Self.tooLarge }
    func edges(to targets: some Sequence<PositionAutomaton.Edge>) -> [Edge] {
      targets.map { Edge(positions.classes[$0.target], to: $0.target + 1) }
    }
    var states = [State(edges: edges(to: positions.first), isEnd: positions.emptyProbability > 0)]
    for position in 0..<positions.count {
      states.append(
        State(edges: edges(to: positions.edges(from: position)), isEnd: positions.last[position] > 0))
    }
    self.init(states)
  }

  /// Those of its texts that have so many characters.
  package func limited(from least: Int, to most: Int?) throws(GrammarError) -> FiniteAutomaton {
    precondition(lengths == nil, "lengths are limited once, after everything else")
    if isEmpty { return self }
    guard most.map({ $0 >= least }) ?? true else { return FiniteAutomaton([]) }
    let (shortest, longest) = lengthsOfTexts
    let isAlwaysBelow = most.map { most in longest.map { $0 <= most } ?? false } ?? true
    if shortest >= least, isAlwaysBelow { return self }
    // Nor need texts be counted that are all too short, or a most that none exceeds.
    if let longest, longest < least { return FiniteAutomaton([]) }
    let bound = isAlwaysBelow ? nil : most
    let top = max(least, bound ?? 0)
    if top < Self.mostCopies / states.count {
      return try intersection(try FiniteAutomaton(lengthFrom: least, to: bound))
    }
    var limited = self
    let counted = try LengthLimit(states, from: least, to: bound)
    guard counted.canFinish(0, at: 0) else { return FiniteAutomaton([]) }
    limited.lengths = counted
    return limited
  }

  /// The lengths of the shortest and the longest text; nil where there is no longest.
  private var lengthsOfTexts: (shortest: Int, longest: Int?) {
    var shortest = 0
    var level: Set<Int> = [0]
    var seen = level
    while !level.contains(where: { states[$0].isEnd }) {
      level = Set(level.flatMap { states[$0].edges.map(\.target) }).subtracting(seen)
      seen.formUnion(level)
      shortest += 1
    }
    // Longest paths in topological order; a circle, all of whose states lead to an end, has none.
    var degrees = [Int](repeating: 0, count: states.count)
    for state in states { for edge in state.edges { degrees[edge.target] += 1 } }
    var ready = states.indices.filter { degrees[$0] == 0 }
    var depths = [Int](repeating: 0, count: states.count)
    var done = 0
    while let i = ready.popLast() {
      done += 1
      for edge in states[i].edges {
        depths[edge.target] = max(depths[edge.target], depths[i] + 1)
        degrees[edge.target] -= 1
        if degrees[edge.target] == 0 { ready.append(edge.target) }
      }
    }
    return (shortest, done < states.count ? nil : states.indices.filter { states[$0].isEnd }.map { depths[$0] }.max())
  }

  /// All texts of so many characters.
  package init(lengthFrom least: Int, to most: Int?) throws(GrammarError) {
    guard max(least, most ?? 0) < Self.mostStates else { throw Self.tooLarge }
    var states = (0...(most ?? least)).map {
      State(edges: [Edge(.everything, to: $0 + 1)], isEnd: $0 >= least)
    }
    states[states.count - 1].edges = most == nil ? [Edge(.everything, to: states.count - 1)] : []
    self.init(states)
  }

  private static let tooLarge = GrammarError(
    "the constraint is too large: it would take more than \(mostStates) states")

  /// Whether no text is accepted.
  package var isEmpty: Bool { states.isEmpty }
  var acceptsEmpty: Bool { states.first?.isEnd == true && lengths.map { $0.least == 0 } ?? true }

  /// The pattern of an edge.
  func expression(of edge: Edge) -> GrammarExpression {
    isEscapedForJSON ? GrammarExpression.characters(edge.members).escapedForJSON : .characters(edge.members)
  }

  /// Whether the whole text is accepted.
  package func accepts(_ text: String) -> Bool {
    var active: Set<Int> = isEmpty ? [] : [0]
    for scalar in text.unicodeScalars {
      active = Set(active.flatMap { states[$0].edges.filter { $0.members.contains(scalar.value) }.map(\.target) })
    }
    let count = text.unicodeScalars.count
    if let lengths, count < lengths.least || count > lengths.most ?? count { return false }
    return active.contains { states[$0].isEnd }
  }

  /// The texts that both accept.
  package func intersection(_ other: FiniteAutomaton) throws(GrammarError) -> FiniteAutomaton {
    precondition(lengths == nil && other.lengths == nil, "lengths are limited after everything else")
    guard !isEmpty, !other.isEmpty else { return FiniteAutomaton([]) }
    var made = [State(isEnd: states[0].isEnd && other.states[0].isEnd)]
    var indices = [[0, 0]: 0]
    var pending = [(0, 0)]
    var (next, pairs) = (0, 0)
    while next < pending.count {
      let (a, b) = pending[next]
      pairs += states[a].edges.count * other.states[b].edges.count
      guard pairs < Self.mostPairs else { throw GrammarError("the constraint is too large to intersect") }
      for left in states[a].edges {
        for right in other.states[b].edges {
          let shared = left.members.intersection(right.members)
          guard !shared.isEmpty else { continue }
          let place = [left.target, right.target]
          if indices[place] == nil {
            guard made.count < Self.mostStates else { throw Self.tooLarge }
            indices[place] = made.count
            made.append(State(isEnd: states[left.target].isEnd && other.states[right.target].isEnd))
            pending.append((left.target, right.target))
          }
          made[next].edges.append(Edge(shared, to: indices[place] ?? 0))
        }
      }
      next += 1
    }
    return FiniteAutomaton(made)
  }

  private static func trimmed(_ states: [State]) -> [State] {
    var sources = [[Int]](repeating: [], count: states.count)
    for (i, state) in states.enumerated() {
      for edge in state.edges where !edge.members.isEmpty { sources[edge.target].append(i) }
    }
    var reaches = states.map(\.isEnd)
    var pending = states.indices.filter { states[$0].isEnd }
    while let i = pending.popLast() {
      for source in sources[i] where !reaches[source] {
        reaches[source] = true
        pending.append(source)
      }
    }
    guard reaches.first == true else { return [] }
    var places = [Int](repeating: 0, count: states.count)
    var count = 0
    for i in states.indices where reaches[i] {
      places[i] = count
      count += 1
    }
    return states.indices.filter { reaches[$0] }.map { i in
      State(
        edges: states[i].edges.filter { reaches[$0.target] && !$0.members.isEmpty }
          .map { Edge($0.members, to: places[$0.target]) },
        isEnd: states[i].isEnd)
    }
  }
}
