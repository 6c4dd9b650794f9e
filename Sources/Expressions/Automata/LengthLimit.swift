/// Bounds of a text's length that an automaton's texts must keep besides, in characters.
///
/// A counter beside the automaton's state takes the place of a copy of the automaton for every length. So that nothing is begun
/// that can't be finished, it is known for every state and count whether an end with an allowed length can still be reached.
struct LengthLimit: Hashable, Sendable {
  /// The fewest characters.
  let least: Int
  /// The most; nil for any number.
  let most: Int?
  /// From here on, counts are no longer told apart.
  let top: Int
  /// For each count the states that an end can be reached from, one bit each.
  private let alive: [UInt64]
  private let words: Int
  /// The counts at which something else is possible than at the one before.
  private let changes: [Int]

  /// The most steps that finding out what can still be reached may take.
  private static let mostWork = 100_000_000

  /// - Parameter states: an automaton's, without such that no end can be reached from.
  init(_ states: [FiniteAutomaton.State], from least: Int, to most: Int?) throws(GrammarError) {
    let top = most ?? least
    let edges = states.reduce(0) { $0 + $1.edges.count }
    guard top < Self.mostWork / (edges + states.count) else {
      throw GrammarError(
        "the constraint is too large: a length of \(top) for an expression of \(states.count) positions")
    }
    let words = (states.count + 63) / 64
    var alive = [UInt64](repeating: 0, count: words * (top + 1))
    func isAlive(_ state: Int, _ count: Int) -> Bool { alive[count * words + state / 64] >> (state % 64) & 1 == 1 }
    for count in (0...top).reversed() {
      for (i, state) in states.enumerated() {
        // Without a most, at the least all that leads to an end is allowed.
        let isSaturated = most == nil && count == top
        if isSaturated || (state.isEnd && count >= least)
          || (count < top && state.edges.contains { isAlive($0.target, count + 1) })
        {
          alive[count * words + i / 64] |= 1 << (i % 64)
        }
      }
    }
    let inside = (0..<top).map { $0 + 1 }.filter { count in
      count == least
        || (0..<words).contains { alive[count * words + $0] != alive[(count - 1) * words + $0] }
    }
    // Beyond the most nothing is possible.
    changes = inside + (most == nil ? [] : [top + 1])
    (self.least, self.most, self.top, self.alive, self.words) = (least, most, top, alive, words)
  }

  /// Whether an end can be reached from a state at a count.
  func canFinish(_ state: Int, at count: Int) -> Bool {
    count <= top && alive[count * words + state / 64] >> (state % 64) & 1 == 1
  }

  /// The count after one more character.
  func after(_ count: Int) -> Int { most == nil ? min(count + 1, top) : count + 1 }

  /// The smallest count from which the same is possible as from this one for so many characters.
  func representative(of count: Int, lookahead: Int) -> Int {
    var (low, high) = (0, changes.count)
    // The first change above the count, then back over those that are too far away to matter.
    while low < high {
      let middle = (low + high) / 2
      if changes[middle] <= count { low = middle + 1 } else { high = middle }
    }
    let before = low > 0 ? changes[low - 1] : 0
    return low < changes.count && changes[low] <= count + lookahead ? count : before
  }
}
