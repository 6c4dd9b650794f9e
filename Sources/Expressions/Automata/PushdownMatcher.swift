/// A pushdown automaton at work on a text: states are made as they are reached, each with where its bytes lead.
///
/// Used by one thread at a time.
package final class PushdownMatcher {
  /// A node, and the calls that it returns to.
  fileprivate struct Configuration: Hashable {
    var node: Int32
    var stack: Int32
    /// The characters so far of an automaton that counts them; 0 elsewhere.
    var count: Int32 = 0
  }

  /// All configurations that the text so far can have led to.
  package final class State {
    fileprivate let configurations: [Configuration]
    /// Whether the text may end here.
    package let isAccepting: Bool
    fileprivate var next: [State?] = []
    fileprivate var known: [Bool] = []

    fileprivate init(_ configurations: [Configuration], isAccepting: Bool) {
      self.configurations = configurations
      self.isAccepting = isAccepting
    }

    /// Whether the text must end here.
    package var isFinal: Bool { isAccepting && configurations.isEmpty }
  }

  private struct Key: Hashable {
    var configurations: [Configuration]
    var isAccepting: Bool
  }
  private struct Frame: Hashable {
    var back: Int32
    var below: Int32
  }

  /// States that are kept; beyond that all are made anew as they are needed.
  private static let mostStates = 8192
  /// Configurations in one state, and nested calls.
  private static let mostConfigurations = 4096
  private static let deepest = 256

  private let automaton: PushdownAutomaton
  private var states: [Key: State] = [:]
  private var frames: [Frame] = [Frame(back: -1, below: -1)]
  private var depths: [Int] = [0]
  private var frameIndex: [Frame: Int32] = [:]
  /// The number of configurations that were looked at, about; a caller that bounds its work sets it to 0 beforehand.
  package var work = 0
  /// Whether a state had more configurations than are followed.
  package private(set) var isTooComplex = false
  /// The state before the first byte.
  package private(set) lazy var start: State = close([Configuration(node: automaton.start, stack: 0)])

  package init(_ automaton: PushdownAutomaton) { self.automaton = automaton }

  deinit { forget() }

  /// The state after one more byte; nil where the text can't go on so.
  package func step(_ state: State, _ byte: UInt8) -> State? {
    let kind = Int(automaton.classes[Int(byte)])
    if state.known.isEmpty {
      state.known = [Bool](repeating: false, count: automaton.classCount)
      state.next = [State?](repeating: nil, count: automaton.classCount)
    }
    if state.known[kind] { return state.next[kind] }
    var targets: [Configuration] = []
    for configuration in state.configurations {
      for edge in automaton.nodes[Int(configuration.node)].bytes where edge.range.contains(byte) {
        guard let count = count(configuration.count, at: edge.target) else { continue }
        targets.append(Configuration(node: edge.target, stack: configuration.stack, count: count))
      }
    }
    work += state.configurations.count
    let next = targets.isEmpty ? nil : close(targets)
    let alive = next.flatMap { $0.configurations.isEmpty && !$0.isAccepting ? nil : $0 }
    state.known[kind] = true
    state.next[kind] = alive
    return alive
  }

  /// The count at a node that was reached by a byte; nil where no allowed length can be reached from there.
  private func count(_ before: Int32, at node: Int32) -> Int32? {
    guard let place = automaton.nodes[Int(node)].counted else { return before }
    let limit = automaton.limits[Int(place.limit)]
    let after = limit.after(Int(before))
    guard limit.canFinish(Int(place.state), at: after) else { return nil }
    return place.isReached ? Int32(after) : before
  }

  /// A state from which the same is possible as from this one for so many characters, the same for counts that differ in
  /// nothing that matters.
  package func representative(of state: State, lookahead: Int) -> State {
    // Masks ask for it at every token, and most grammars count nothing.
    guard !automaton.limits.isEmpty else { return state }
    var isChanged = false
    var configurations = state.configurations
    for i in configurations.indices {
      guard let place = automaton.nodes[Int(configurations[i].node)].counted else { continue }
      let count = automaton.limits[Int(place.limit)]
        .representative(of: Int(configurations[i].count), lookahead: lookahead)
      isChanged = isChanged || count != configurations[i].count
      configurations[i].count = Int32(count)
    }
    guard isChanged else { return state }
    return kept(Array(Set(configurations)), isAccepting: state.isAccepting)
  }

  /// Lets go of all states once they are many, and says so; those that somebody holds find their successors again.
  package func forgetIfFull() -> Bool {
    guard states.count > Self.mostStates else { return false }
    forget()
    return true
  }

  private func forget() {
    for state in states.values {
      state.next = []
      state.known = []
    }
    states = [:]
  }

  /// Everything that can be reached without a byte, as one state.
  private func close(_ from: [Configuration]) -> State {
    var seen = Set(from)
    var pending = from
    var kept: [Configuration] = []
    var isAccepting = false
    func add(_ configuration: Configuration) {
      if seen.insert(configuration).inserted { pending.append(configuration) }
    }
    while let configuration = pending.popLast() {
      let node = automaton.nodes[Int(configuration.node)]
      if !node.bytes.isEmpty { kept.append(configuration) }
      if let place = node.counted, place.isReached {
        // Its one way out is the end of the automaton, which the length must allow.
        let limit = automaton.limits[Int(place.limit)]
        if configuration.count >= limit.least {
          for target in node.silent { add(Configuration(node: target, stack: configuration.stack)) }
        }
        continue
      }
      for target in node.silent {
        add(Configuration(node: target, stack: configuration.stack, count: configuration.count))
      }
      for call in node.calls {
        if automaton.nodes[Int(call.back)].leadsOnlyToEnd {
          add(Configuration(node: call.start, stack: configuration.stack))
        } else if let stack = push(call.back, on: configuration.stack) {
          add(Configuration(node: call.start, stack: stack))
        }
      }
      if node.isEnd {
        if configuration.stack == 0 {
          isAccepting = true
        } else {
          let frame = frames[Int(configuration.stack)]
          add(Configuration(node: frame.back, stack: frame.below))
        }
      }
      if seen.count > Self.mostConfigurations {
        isTooComplex = true
        break
      }
    }
    work += seen.count * 4
    return self.kept(kept, isAccepting: isAccepting)
  }

  /// The state with these configurations: the same one for the same.
  private func kept(_ configurations: [Configuration], isAccepting: Bool) -> State {
    let sorted = configurations.sorted { ($0.node, $0.stack, $0.count) < ($1.node, $1.stack, $1.count) }
    let key = Key(configurations: sorted, isAccepting: isAccepting)
    if let known = states[key] { return known }
    let made = State(sorted, isAccepting: isAccepting)
    states[key] = made
    work += 64
    return made
  }

  private func push(_ back: Int32, on below: Int32) -> Int32? {
    let frame = Frame(back: back, below: below)
    if let known = frameIndex[frame] { return known }
    let depth = depths[Int(below)] + 1
    guard depth <= Self.deepest, frames.count < 1_000_000 else { return nil }
    let made = Int32(frames.count)
    frames.append(frame)
    depths.append(depth)
    frameIndex[frame] = made
    return made
  }
}
