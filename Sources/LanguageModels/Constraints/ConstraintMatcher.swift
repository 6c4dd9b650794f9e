import Tokenization

/// A constraint at work on one vocabulary: states made as they are reached, each with its mask once it was asked for.
///
/// Used by one thread at a time.
final class ConstraintMatcher {
  /// A place in a network, and the calls that it returns to.
  struct Configuration: Hashable {
    var node: Int32
    var stack: Int32
  }

  /// All configurations that the text so far can have led to.
  final class State {
    fileprivate let configurations: [Configuration]
    /// Whether the text may end here.
    let isAccepting: Bool
    fileprivate var next: [State?] = []
    fileprivate var known: [Bool] = []
    fileprivate var mask: TokenMask?

    fileprivate init(_ configurations: [Configuration], isAccepting: Bool) {
      self.configurations = configurations
      self.isAccepting = isAccepting
    }

    /// Whether the text must end here.
    var isFinal: Bool { isAccepting && configurations.isEmpty }
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
  /// How many configurations one mask may look at.
  private static let mostWork = 20_000_000

  private let automaton: Automaton
  private let vocabulary: TokenTrie
  private var states: [Key: State] = [:]
  private var frames: [Frame] = [Frame(back: -1, below: -1)]
  private var depths: [Int] = [0]
  private var frameIndex: [Frame: Int32] = [:]
  private var work = 0
  private(set) var isTooComplex = false
  private(set) lazy var start: State = close([Configuration(node: automaton.start, stack: 0)])

  init(_ constraint: Constraint, vocabulary: TokenTrie) {
    automaton = constraint.automaton
    self.vocabulary = vocabulary
  }

  deinit { forget() }

  /// The state after one more byte; nil where the text can't go on so.
  func step(_ state: State, _ byte: UInt8) -> State? {
    let kind = Int(automaton.classes[Int(byte)])
    if state.known.isEmpty {
      state.known = [Bool](repeating: false, count: automaton.classCount)
      state.next = [State?](repeating: nil, count: automaton.classCount)
    }
    if state.known[kind] { return state.next[kind] }
    var targets: [Configuration] = []
    for configuration in state.configurations {
      for edge in automaton.nodes[Int(configuration.node)].bytes where edge.range.contains(byte) {
        targets.append(Configuration(node: edge.target, stack: configuration.stack))
      }
    }
    work += state.configurations.count
    let next = targets.isEmpty ? nil : close(targets)
    let alive = next.flatMap { $0.configurations.isEmpty && !$0.isAccepting ? nil : $0 }
    state.known[kind] = true
    state.next[kind] = alive
    return alive
  }

  /// The state after a token; nil where it isn't allowed.
  func advance(_ state: State, by id: Int) -> State? {
    let bytes = vocabulary.bytes(of: id)
    guard !bytes.isEmpty else { return nil }
    var state = state
    for byte in bytes {
      guard let next = step(state, byte) else { return nil }
      state = next
    }
    return state
  }

  /// Which tokens may come next; nil where finding out takes more work than is allowed.
  func mask(_ state: State) -> TokenMask? {
    if let mask = state.mask { return mask }
    if states.count > Self.mostStates { forget() }
    work = 0
    var mask = TokenMask(count: vocabulary.limit)
    var path = [State?](repeating: nil, count: vocabulary.deepest + 1)
    path[0] = state
    var i = 0
    while i < vocabulary.nodes.count {
      let node = vocabulary.nodes[i]
      guard let before = path[Int(node.depth)], let after = step(before, node.byte) else {
        i = Int(node.end)
        continue
      }
      path[Int(node.depth) + 1] = after
      for id in vocabulary.ids[Int(node.firstID)..<Int(node.endID)] { mask.insert(Int(id)) }
      i += 1
      if work > Self.mostWork || isTooComplex { return nil }
    }
    state.mask = mask
    return mask
  }

  /// Lets go of states that nobody holds; those at work find their successors again.
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
      for target in node.silent { add(Configuration(node: target, stack: configuration.stack)) }
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
    kept.sort { ($0.node, $0.stack) < ($1.node, $1.stack) }
    let key = Key(configurations: kept, isAccepting: isAccepting)
    if let known = states[key] { return known }
    let made = State(kept, isAccepting: isAccepting)
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

/// The matchers of the constraints that were used last.
struct ConstraintMatchers {
  private static let most = 32
  private let tokenizer: Tokenizer?
  private let limit: Int
  private var trie: TokenTrie?
  private var matchers: [(constraint: Constraint, matcher: ConstraintMatcher)] = []

  init(_ tokenizer: Tokenizer?, model: DecoderConfiguration) {
    self.tokenizer = tokenizer
    limit = model.vocabularySize
  }

  mutating func matcher(for constraint: Constraint) throws -> ConstraintMatcher {
    if let i = matchers.firstIndex(where: { $0.constraint === constraint }) {
      let found = matchers.remove(at: i)
      matchers.append(found)
      return found.matcher
    }
    guard let tokenizer else { throw GenerationError("a constraint needs a tokenizer") }
    let vocabulary = trie ?? TokenTrie((0..<limit).map { tokenizer.textBytes(of: $0) })
    trie = vocabulary
    let made = ConstraintMatcher(constraint, vocabulary: vocabulary)
    if matchers.count == Self.most { matchers.removeFirst() }
    matchers.append((constraint, made))
    return made
  }
}
