/// Whole-string matching of very many strings: sets of positions become states, made as strings reach them and kept.
///
/// It is for one thread, and for checking one expression against hundreds of thousands of examples, where the sets that
/// ``PositionAutomaton/accepts(_:)-(String)`` collects anew for each string would be most of the work.
package final class DeterministicMatcher {
  private let automaton: PositionAutomaton
  /// The positions of each state; state 0, before the first character, has none.
  private var states: [[Int]] = [[]]
  private var indices: [[Int]: Int32] = [:]
  private var accepting: [Bool]
  /// The transitions of ASCII from each state: a state, or one of the two below.
  private var ascii = [Int32](repeating: unknown, count: 128)
  private var beyond: [UInt64: Int32] = [:]

  private static let unknown: Int32 = -2
  private static let dead: Int32 = -1
  /// States that are kept; with more, the automaton itself matches.
  private static let mostStates = 4_000

  package convenience init(_ expression: RegularExpression) { self.init(PositionAutomaton(expression)) }

  package init(_ automaton: PositionAutomaton) {
    self.automaton = automaton
    accepting = [automaton.emptyProbability > 0]
  }

  /// Whether the expression matches the whole string, given as scalars.
  package func accepts(_ string: [UInt32]) -> Bool {
    var state: Int32 = 0
    for scalar in string {
      let next: Int32
      if scalar < 128 {
        let place = Int(state) << 7 | Int(scalar)
        next = ascii[place] == Self.unknown ? step(state, scalar) : ascii[place]
      } else {
        next = beyond[UInt64(state) << 32 | UInt64(scalar)] ?? step(state, scalar)
      }
      if next == Self.dead { return false }
      if next == Self.unknown { return automaton.accepts(string) }
      state = next
    }
    return accepting[Int(state)]
  }

  /// The number of a string's scalars that something that matches can begin with.
  package func longestBeginning(of string: [UInt32]) -> Int {
    var state: Int32 = 0
    for (place, scalar) in string.enumerated() {
      let next = step(state, scalar)
      if next < 0 { return place }
      state = next
    }
    return string.count
  }

  /// Finds where a scalar leads; unknown stays what there are too many states for.
  private func step(_ state: Int32, _ scalar: UInt32) -> Int32 {
    let edges =
      state == 0 ? automaton.first[...] : states[Int(state)].reduce(into: [][...]) { $0 += automaton.edges(from: $1) }
    let targets = Set(edges.map(\.target).filter { automaton.classes[$0].contains(scalar) }).sorted()
    var next = Self.dead
    if !targets.isEmpty {
      if let known = indices[targets] {
        next = known
      } else {
        guard states.count < Self.mostStates else { return Self.unknown }
        next = Int32(states.count)
        indices[targets] = next
        states.append(targets)
        accepting.append(targets.contains { automaton.last[$0] > 0 })
        ascii += [Int32](repeating: Self.unknown, count: 128)
      }
    }
    if scalar < 128 {
      ascii[Int(state) << 7 | Int(scalar)] = next
    } else {
      beyond[UInt64(state) << 32 | UInt64(scalar)] = next
    }
    return next
  }
}
