extension PositionAutomaton {
  /// One part of an expression: how likely it is to generate nothing, and its entry and exit edges.
  struct Fragment {
    var empty: Double
    var first: [Edge]
    var last: [Edge]

    static let nothing = Fragment(empty: 1, first: [], last: [])
  }

  /// Collects the positions and the edges between them.
  ///
  /// Weights compose as in a probabilistic grammar: going on from a position costs the exit weight
  /// of its part times the entry weight of the next.
  struct Builder {
    var classes: [CharacterClass] = []
    var follow: [[Edge]] = []
    /// The most edges that are built, and whether there would have been more.
    var edgeLimit = Int.max
    var isTooLarge = false
    private var edgeCount = 0

    init(edgeLimit: Int = .max) { self.edgeLimit = edgeLimit }

    mutating func build(_ expression: RegularExpression) -> Fragment {
      switch expression {
      case .empty: return .nothing
      case .characters(let members):
        classes.append(members)
        follow.append([])
        let edge = [Edge(target: classes.count - 1, weight: 1)]
        return Fragment(empty: 0, first: edge, last: edge)
      case .sequence(let parts):
        return parts.reduce(Fragment.nothing) { joined, part in
          concatenate(joined, build(part))
        }
      case .alternation(let branches):
        let share = 1 / Double(branches.count)
        var result = Fragment(empty: 0, first: [], last: [])
        for branch in branches {
          let fragment = build(branch)
          result.empty += Self.product(share, fragment.empty)
          result.first += Self.scaled(fragment.first, by: share)
          result.last += fragment.last
        }
        return result
      case .repetition(let body, let minimum, let maximum):
        return repetition(of: body, minimum, maximum)
      }
    }

    private static func scaled(_ edges: [Edge], by factor: Double) -> [Edge] {
      edges.map { Edge(target: $0.target, weight: product($0.weight, factor)) }
    }

    /// The product of two weights, which is 0 only where one of them is: rounding takes no edge away.
    private static func product(_ a: Double, _ b: Double) -> Double {
      a > 0 && b > 0 ? max(a * b, .leastNonzeroMagnitude) : 0
    }

    private mutating func connect(_ exits: [Edge], to entries: [Edge], factor: Double = 1) {
      guard !isTooLarge else { return }
      for exit in exits {
        for entry in entries {
          let weight = Self.product(Self.product(exit.weight, entry.weight), factor)
          guard weight > 0 else { continue }
          if let known = follow[exit.target].firstIndex(where: { $0.target == entry.target }) {
            follow[exit.target][known].weight += weight
          } else {
            follow[exit.target].append(Edge(target: entry.target, weight: weight))
            edgeCount += 1
            if edgeCount > edgeLimit {
              isTooLarge = true
              return
            }
          }
        }
      }
    }

    private mutating func concatenate(_ a: Fragment, _ b: Fragment) -> Fragment {
      connect(a.last, to: b.first)
      return Fragment(
        empty: Self.product(a.empty, b.empty),
        first: merged(a.first, b.empty == 0 && a.empty == 0 ? [] : Self.scaled(b.first, by: a.empty)),
        last: merged(Self.scaled(a.last, by: b.empty), b.last))
    }

    private func merged(_ a: [Edge], _ b: [Edge]) -> [Edge] {
      // The two parts have different positions, so no target can be in both.
      (a + b).filter { $0.weight > 0 }
    }

    private mutating func repetition(
      of body: RegularExpression, _ minimum: Int, _ maximum: Int?
    ) -> Fragment {
      var result = Fragment.nothing
      guard let maximum else {
        if minimum <= 1 { return loop(build(body), minimum: minimum) }
        for _ in 1..<minimum { result = concatenate(result, build(body)) }
        return concatenate(result, loop(build(body), minimum: 1))
      }
      for _ in 0..<minimum where !isTooLarge { result = concatenate(result, build(body)) }
      // x{0,k} with every count equally likely: go on with probability k/(k+1), then (k-1)/k, …
      var tail = Fragment.nothing
      for remaining in stride(from: 1, through: maximum - minimum, by: 1) where !isTooLarge {
        let onward = Double(remaining) / Double(remaining + 1)
        let one = concatenate(build(body), tail)
        tail = Fragment(
          empty: (1 - onward) + onward * one.empty, first: Self.scaled(one.first, by: onward),
          last: one.last)
      }
      return concatenate(result, tail)
    }

    /// x* or x+: after each round, another with probability `p`; rounds that generate nothing are
    /// summed as a geometric series.
    private mutating func loop(_ body: Fragment, minimum: Int) -> Fragment {
      let p = PositionAutomaton.continuation
      let silent = 1 / (1 - p * body.empty)
      connect(body.last, to: body.first, factor: p * silent)
      let star = Fragment(
        empty: (1 - p) * silent, first: Self.scaled(body.first, by: p * silent),
        last: Self.scaled(body.last, by: (1 - p) * silent))
      guard minimum == 1 else { return star }
      return Fragment(
        empty: body.empty * star.empty, first: Self.scaled(body.first, by: silent), last: star.last)
    }
  }
}
