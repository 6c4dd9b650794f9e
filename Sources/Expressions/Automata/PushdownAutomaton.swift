/// A pushdown automaton over bytes: for each rule a network of nodes, some of whose edges call other rules.
package struct PushdownAutomaton: Sendable {
  struct Node: Sendable {
    var bytes: [(range: ClosedRange<UInt8>, target: Int32)] = []
    var silent: [Int32] = []
    var calls: [(start: Int32, back: Int32)] = []
    /// Its place in an automaton whose characters are counted.
    var counted: CountedPlace?
    /// The end of its rule.
    var isEnd = false
    /// Whether nothing but the end of its rule can follow, so that a call from here needs no way back.
    var leadsOnlyToEnd = false
  }

  /// A node that stands for a state of an automaton with a ``LengthLimit``, or lies on the way to one.
  struct CountedPlace: Sendable {
    /// Which of the limits.
    var limit: Int32
    /// The state.
    var state: Int32
    /// False between the bytes of the character that leads to the state.
    var isReached: Bool
  }

  /// The most nodes: it bounds the memory and the time that a constraint from a stranger can take.
  static let mostNodes = 60_000

  /// The most rules.
  package static let mostRules = 4096

  private(set) var nodes: [Node] = []
  private(set) var start: Int32 = 0
  /// The limits of counted automata.
  private(set) var limits: [LengthLimit] = []
  /// Bytes that no edge tells apart share a class.
  private(set) var classes = [UInt8](repeating: 0, count: 256)
  private(set) var classCount = 0

  private var entries: [String: Int32] = [:]

  /// Compiles a set of rules.
  ///
  /// - Throws: ``GrammarError`` for an unknown rule, left recursion, rules that match nothing, and for size.
  package init(_ rules: [String: GrammarExpression], start name: String) throws(GrammarError) {
    guard rules.count <= Self.mostRules else {
      throw GrammarError(
        "the constraint is too large: it has \(rules.count) rules, and \(Self.mostRules) are allowed")
    }
    var users: [String: Set<String>] = [:]
    for (name, pattern) in rules {
      try pattern.forEachRule { (used) throws(GrammarError) in
        if rules[used] == nil { throw GrammarError("rule '\(name)' uses rule '\(used)', which there is not") }
        users[used, default: []].insert(name)
      }
    }
    func fixedPoint(_ test: (GrammarExpression, Set<String>) -> Bool) -> Set<String> {
      var found: Set<String> = []
      var pending = Array(rules.keys)
      while let name = pending.popLast() {
        guard !found.contains(name), let pattern = rules[name], test(pattern, found) else { continue }
        found.insert(name)
        pending += users[name] ?? []
      }
      return found
    }
    let productive = fixedPoint { $0.isProductive($1) }
    guard productive.contains(name) else {
      throw GrammarError("no text matches: '\(name)' has no finite example")
    }
    let pruned = rules.filter { productive.contains($0.key) }.mapValues { $0.pruned(productive) }
    try Self.refuseLeftRecursion(pruned, fixedPoint { $0.isNullable($1) })

    var unbuilt = [name]
    entries[name] = try node()
    while let next = unbuilt.popLast(), let from = entries[next], let pattern = pruned[next] {
      let end = try node()
      nodes[Int(end)].isEnd = true
      try build(pattern, from, end, &unbuilt)
    }
    start = entries[name] ?? 0
    markEnds()
    classify()
  }

  private static func refuseLeftRecursion(_ rules: [String: GrammarExpression], _ nullable: Set<String>)
    throws(GrammarError)
  {
    var finished: Set<String> = []
    for root in rules.keys.sorted() where !finished.contains(root) {
      var path: [(name: String, rest: [String])] = [(root, rules[root].map { Array($0.firstRules(nullable)) } ?? [])]
      var onPath: Set<String> = [root]
      while let top = path.last {
        guard let next = top.rest.last else {
          finished.insert(top.name)
          onPath.remove(top.name)
          path.removeLast()
          continue
        }
        path[path.count - 1].rest.removeLast()
        if onPath.contains(next) {
          throw GrammarError("rule '\(next)' begins with itself: left recursion is not supported")
        }
        guard !finished.contains(next), let pattern = rules[next] else { continue }
        onPath.insert(next)
        path.append((next, Array(pattern.firstRules(nullable))))
      }
    }
  }

  // MARK: Nodes

  private mutating func node() throws(GrammarError) -> Int32 {
    guard nodes.count < Self.mostNodes else {
      throw GrammarError("the constraint is too large: it would take more than \(Self.mostNodes) states")
    }
    nodes.append(Node())
    return Int32(nodes.count - 1)
  }

  private mutating func build(
    _ pattern: GrammarExpression, _ from: Int32, _ to: Int32, _ unbuilt: inout [String]
  ) throws(GrammarError) {
    switch pattern {
    case .empty: nodes[Int(from)].silent.append(to)
    case .characters(let members):
      for encoding in members.encodings {
        var at = from
        for (i, range) in encoding.enumerated() {
          let target = i == encoding.count - 1 ? to : try node()
          nodes[Int(at)].bytes.append((range, target))
          at = target
        }
      }
    case .sequence(let parts):
      var at = from
      for (i, part) in parts.enumerated() {
        let target = i == parts.count - 1 ? to : try node()
        try build(part, at, target, &unbuilt)
        at = target
      }
      if parts.isEmpty { nodes[Int(from)].silent.append(to) }
    case .alternation(let parts):
      // Nothing that is built leads back to where it begins, so that all may begin at the same node.
      for part in parts { try build(part, from, to, &unbuilt) }
    case .repetition(let part, let least, let most):
      var at = from
      for _ in 0..<least {
        let target = try node()
        try build(part, at, target, &unbuilt)
        at = target
      }
      guard let most else {
        let inner = try node()
        let after = try node()
        nodes[Int(at)].silent.append(inner)
        try build(part, inner, after, &unbuilt)
        nodes[Int(after)].silent.append(inner)
        nodes[Int(inner)].silent.append(to)
        return
      }
      for _ in least..<max(least, most) {
        nodes[Int(at)].silent.append(to)
        let target = try node()
        try build(part, at, target, &unbuilt)
        at = target
      }
      nodes[Int(at)].silent.append(to)
    case .symbol(.rule(let name)):
      if entries[name] == nil {
        entries[name] = try node()
        unbuilt.append(name)
      }
      nodes[Int(from)].calls.append((entries[name] ?? 0, to))
    case .symbol(.automaton(let automaton)):
      // It may lead back to its start, so that it has one of its own.
      var places: [Int32] = []
      for _ in automaton.states { places.append(try node()) }
      func count(_ nodes: some Sequence<Int>, _ state: Int, isReached: Bool) {
        guard automaton.lengths != nil else { return }
        for i in nodes {
          self.nodes[i].counted = CountedPlace(
            limit: Int32(limits.count - 1), state: Int32(state), isReached: isReached)
        }
      }
      if let lengths = automaton.lengths { limits.append(lengths) }
      for (i, place) in places.enumerated() { count([Int(place)], i, isReached: true) }
      if let first = places.first { nodes[Int(from)].silent.append(first) }
      for (place, state) in zip(places, automaton.states) {
        for edge in state.edges {
          let before = nodes.count
          try build(automaton.expression(of: edge), place, places[edge.target], &unbuilt)
          count(before..<nodes.count, edge.target, isReached: false)
        }
        if state.isEnd { nodes[Int(place)].silent.append(to) }
      }
    }
  }

  private mutating func markEnds() {
    // Ends are made before what leads to them or after; a few sweeps settle the chains that construction makes.
    var changed = true
    while changed {
      changed = false
      for i in nodes.indices.reversed() where !nodes[i].leadsOnlyToEnd {
        let node = nodes[i]
        if node.bytes.isEmpty, node.calls.isEmpty, node.isEnd || !node.silent.isEmpty,
          node.silent.allSatisfy({ nodes[Int($0)].leadsOnlyToEnd })
        {
          nodes[i].leadsOnlyToEnd = true
          changed = true
        }
      }
    }
  }

  private mutating func classify() {
    var begins = [Bool](repeating: false, count: 257)
    begins[0] = true
    for node in nodes {
      for edge in node.bytes {
        begins[Int(edge.range.lowerBound)] = true
        begins[Int(edge.range.upperBound) + 1] = true
      }
    }
    var current = -1
    for byte in 0..<256 {
      if begins[byte] { current += 1 }
      classes[byte] = UInt8(current)
    }
    classCount = current + 1
  }
}
