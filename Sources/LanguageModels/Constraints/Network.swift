/// A finite automaton over characters: what a ``Pattern`` without rules becomes where it is intersected with others.
///
/// State 0 is the start. Edges of one state may overlap.
struct Network: Sendable {
  struct State: Sendable {
    var edges: [(set: CodePoints, target: Int)] = []
    var isEnd = false
  }

  /// The most states, and the most pairs of edges that an intersection looks at.
  private static let mostStates = 20_000
  private static let mostPairs = 1_000_000

  private(set) var states: [State]
  /// Whether characters stand as they do inside a JSON string.
  var isEscaped = false

  /// A network of these states; those from which no end can be reached are left out.
  init(_ states: [State]) { self.states = Self.trimmed(states) }

  /// The texts of a pattern that uses no rules.
  ///
  /// - Throws: ``ConstraintError`` for size and for anchors inside.
  init(_ pattern: Pattern) throws {
    var builder = Builder()
    let (start, end) = (try builder.node(), try builder.node())
    try builder.build(pattern, start, end)
    self.init(builder.withoutSilentEdges(from: start, end: end))
  }

  /// All texts of so many characters.
  init(lengthFrom least: Int, to most: Int?) throws {
    guard max(least, most ?? 0) < Self.mostStates else { throw Self.tooLarge }
    var states = (0...(most ?? least)).map { State(edges: [(.all, $0 + 1)], isEnd: $0 >= least) }
    states[states.count - 1].edges = most == nil ? [(.all, states.count - 1)] : []
    self.init(states)
  }

  private static let tooLarge = ConstraintError(
    "the constraint is too large: it would take more than \(mostStates) states")

  /// Whether no text is accepted.
  var isEmpty: Bool { states.isEmpty }
  var acceptsEmpty: Bool { states.first?.isEnd == true }

  /// What an edge stands for.
  func pattern(of set: CodePoints) -> Pattern {
    isEscaped ? Pattern.characters(set).escapedForJSON : .characters(set)
  }

  func accepts(_ text: String) -> Bool {
    var active: Set<Int> = isEmpty ? [] : [0]
    for scalar in text.unicodeScalars {
      active = Set(active.flatMap { states[$0].edges.filter { $0.set.contains(scalar.value) }.map(\.target) })
    }
    return active.contains { states[$0].isEnd }
  }

  /// The texts that both accept.
  func intersection(_ other: Network) throws -> Network {
    guard !isEmpty, !other.isEmpty else { return Network([]) }
    var made: [State] = []
    var indices: [[Int]: Int] = [:]
    var pending: [(Int, Int)] = []
    func index(_ a: Int, _ b: Int) throws -> Int {
      if let known = indices[[a, b]] { return known }
      guard made.count < Self.mostStates else { throw Self.tooLarge }
      indices[[a, b]] = made.count
      made.append(State(isEnd: states[a].isEnd && other.states[b].isEnd))
      pending.append((a, b))
      return made.count - 1
    }
    _ = try index(0, 0)
    var (next, pairs) = (0, 0)
    while next < pending.count {
      let (a, b) = pending[next]
      pairs += states[a].edges.count * other.states[b].edges.count
      guard pairs < Self.mostPairs else { throw ConstraintError("the constraint is too large to intersect") }
      for left in states[a].edges {
        for right in other.states[b].edges {
          let set = left.set.intersection(right.set)
          if !set.isEmpty { made[next].edges.append((set, try index(left.target, right.target))) }
        }
      }
      next += 1
    }
    return Network(made)
  }

  private static func trimmed(_ states: [State]) -> [State] {
    var sources = [[Int]](repeating: [], count: states.count)
    for (i, state) in states.enumerated() {
      for edge in state.edges where !edge.set.isEmpty { sources[edge.target].append(i) }
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
        edges: states[i].edges.filter { reaches[$0.target] && !$0.set.isEmpty }.map { ($0.set, places[$0.target]) },
        isEnd: states[i].isEnd)
    }
  }

  /// Thompson's construction, then without its silent edges.
  private struct Builder {
    var edges: [[(set: CodePoints, target: Int)]] = []
    var silent: [[Int]] = []

    mutating func node() throws -> Int {
      guard edges.count < Network.mostStates else { throw Network.tooLarge }
      edges.append([])
      silent.append([])
      return edges.count - 1
    }

    mutating func build(_ pattern: Pattern, _ from: Int, _ to: Int) throws {
      switch pattern {
      case .characters(let set): edges[from].append((set, to))
      case .sequence(let parts):
        var at = from
        for part in parts {
          let target = try node()
          try build(part, at, target)
          at = target
        }
        silent[at].append(to)
      case .alternatives(let parts):
        for part in parts { try build(part, from, to) }
      case .repeated(let part, let least, let most):
        var at = from
        for i in 0..<max(least, most ?? least) {
          if i >= least { silent[at].append(to) }
          let target = try node()
          try build(part, at, target)
          at = target
        }
        if most == nil {
          let inner = try node()
          silent[at].append(inner)
          at = try node()
          try build(part, inner, at)
          silent[at].append(inner)
          silent[inner].append(to)
        } else {
          silent[at].append(to)
        }
      case .network(let network):
        let places = try network.states.map { _ in try node() }
        if let first = places.first { silent[from].append(first) }
        for (place, state) in zip(places, network.states) {
          for edge in state.edges { edges[place].append((edge.set, places[edge.target])) }
          if state.isEnd { silent[place].append(to) }
        }
      case .rule(let name): throw ConstraintError("rule '\(name)' can't be used inside an intersection")
      case .start, .end: throw Pattern.misplacedAnchor
      }
    }

    func withoutSilentEdges(from start: Int, end: Int) -> [State] {
      // The start, and what edges lead to; all else is passed through without a character.
      var places = [start: 0]
      var kept = [start]
      var states: [State] = []
      while states.count < kept.count {
        var seen: Set<Int> = [kept[states.count]]
        var pending = Array(seen)
        var state = State()
        while let at = pending.popLast() {
          if at == end { state.isEnd = true }
          for edge in edges[at] {
            if places[edge.target] == nil {
              places[edge.target] = kept.count
              kept.append(edge.target)
            }
            state.edges.append((edge.set, places[edge.target] ?? 0))
          }
          for next in silent[at] where seen.insert(next).inserted { pending.append(next) }
        }
        states.append(state)
      }
      return states
    }
  }
}
