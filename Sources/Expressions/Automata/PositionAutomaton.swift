internal import RealModule

/// The automaton whose states are the positions of an expression's characters (Glushkov 1961), used
/// both as a matcher and as a generator of strings.
///
/// Matching keeps the set of positions that are reachable and takes time proportional to the length
/// of the string times the edges in use: no expression makes it exponential.
///
/// As a generator, a class draws one of its members as people type them, an alternation one of its
/// branches with equal probability, `{n,m}` a count with equal probability, and an open repetition
/// goes on with probability ``continuation``. Edges carry these probabilities, summed over all ways
/// to the same edge, so the forward pass gives the exact probability of a string, ambiguous
/// expressions and repetitions of nullable bodies included.
public struct PositionAutomaton: Sendable {
  /// The probability that a repetition without a maximum goes on: five to six rounds of a star on
  /// average.
  public static let continuation = 0.8

  /// The number of positions.
  public var count: Int { classes.count }

  /// The class at each position.
  package let classes: [CharacterClass]
  /// One over the share of what people type that each position's class holds.
  let emission: [Double]
  let first: [Edge]
  let last: [Double]
  let edgeStart: [Int]
  let edges: [Edge]
  let emptyProbability: Double

  struct Edge: Sendable {
    var target: Int
    var weight: Double
  }

  /// Builds the automaton.
  public init(_ expression: RegularExpression) {
    var builder = Builder()
    let fragment = builder.build(expression)
    self.init(builder, fragment)
  }

  /// Builds the automaton unless it has more edges than this: a run of options such as `a?a?a?…`
  /// has as many as the square of its length.
  package init?(_ expression: RegularExpression, edgeLimit: Int) {
    var builder = Builder(edgeLimit: edgeLimit)
    let fragment = builder.build(expression)
    if builder.isTooLarge { return nil }
    self.init(builder, fragment)
  }

  private init(_ builder: Builder, _ fragment: Fragment) {
    classes = builder.classes
    emission = classes.map { $0.isEmpty ? 0 : 1 / $0.typedShare }
    first = fragment.first
    var last = [Double](repeating: 0, count: classes.count)
    for edge in fragment.last { last[edge.target] += edge.weight }
    self.last = last
    var start: [Int] = []
    start.reserveCapacity(classes.count + 1)
    var edges: [Edge] = []
    for list in builder.follow {
      start.append(edges.count)
      edges.append(contentsOf: list)
    }
    start.append(edges.count)
    edgeStart = start
    self.edges = edges
    emptyProbability = fragment.empty
  }

  /// The number of edges that lead from one position to another.
  package var edgeCount: Int { edges.count }

  /// The edges that lead on from a position.
  func edges(from position: Int) -> ArraySlice<Edge> { edges[edgeStart[position]..<edgeStart[position + 1]] }

  /// Whether the expression matches the whole string.
  public func accepts(_ string: String) -> Bool {
    accepts(string.unicodeScalars.map(\.value))
  }

  /// Whether the expression matches the whole string, given as scalars.
  public func accepts(_ string: [UInt32]) -> Bool {
    var steps = 0
    return accepts(string, steps: &steps, limit: .max) ?? false
  }

  /// The same, with the edges that were followed added to `steps`; nothing once they exceed the
  /// limit.
  package func accepts(_ string: [UInt32], steps: inout Int, limit: Int) -> Bool? {
    if string.isEmpty { return emptyProbability > 0 }
    var active: [Int] = []
    var reached = [Int](repeating: -1, count: count)
    var following: [Int] = []
    for (index, scalar) in string.enumerated() {
      following.removeAll(keepingCapacity: true)
      if index == 0 {
        for edge in first where reached[edge.target] != 0 && classes[edge.target].contains(scalar) {
          reached[edge.target] = 0
          following.append(edge.target)
        }
      } else {
        for position in active {
          steps += edgeStart[position + 1] - edgeStart[position] + 1
          for index_ in edgeStart[position]..<edgeStart[position + 1] {
            let target = edges[index_].target
            if reached[target] != index, classes[target].contains(scalar) {
              reached[target] = index
              following.append(target)
            }
          }
        }
      }
      if following.isEmpty { return false }
      if steps > limit { return nil }
      swap(&active, &following)
    }
    return active.contains { last[$0] > 0 }
  }

  /// The natural logarithm of the probability that the expression generates exactly this string;
  /// −∞ when it does not match.
  public func logProbability(of string: String) -> Double {
    logProbability(of: string.unicodeScalars.map(\.value))
  }

  /// The natural logarithm of the probability that the expression generates exactly this string,
  /// given as scalars.
  public func logProbability(of string: [UInt32]) -> Double {
    var steps = 0
    return logProbability(of: string, steps: &steps, limit: .max) ?? -.infinity
  }

  /// The same, with the edges that were followed added to `steps`; nothing once they exceed the
  /// limit.
  package func logProbability(of string: [UInt32], steps: inout Int, limit: Int) -> Double? {
    if string.isEmpty { return .log(emptyProbability) }
    var weights = [Double](repeating: 0, count: count)
    var nextWeights = weights
    var active: [Int] = []
    var following: [Int] = []
    var scale = 0.0
    for (index, scalar) in string.enumerated() {
      following.removeAll(keepingCapacity: true)
      if index == 0 {
        for edge in first where classes[edge.target].contains(scalar) {
          if nextWeights[edge.target] == 0 { following.append(edge.target) }
          nextWeights[edge.target] += edge.weight
        }
      } else {
        for position in active {
          let weight = weights[position]
          steps += edgeStart[position + 1] - edgeStart[position] + 1
          for edgeIndex in edgeStart[position]..<edgeStart[position + 1] {
            let edge = edges[edgeIndex]
            // What has underflowed is left out: a position must be listed once only.
            let onward = weight * edge.weight
            guard onward > 0, classes[edge.target].contains(scalar) else { continue }
            if nextWeights[edge.target] == 0 { following.append(edge.target) }
            nextWeights[edge.target] += onward
          }
          weights[position] = 0
        }
      }
      if following.isEmpty { return -.infinity }
      if steps > limit { return nil }
      let typed = CharacterClass.typed(scalar)
      var total = 0.0
      for position in following {
        nextWeights[position] *= typed * emission[position]
        total += nextWeights[position]
      }
      guard total > 0 else { return -.infinity }
      if total < 1e-100 {
        for position in following { nextWeights[position] /= total }
        scale += .log(total)
      }
      swap(&weights, &nextWeights)
      swap(&active, &following)
    }
    let sum = active.reduce(0.0) { $0 + weights[$1] * last[$1] }
    return scale + .log(sum)
  }
}
