internal import Expressions
import Tokenization

/// A constraint at work on one vocabulary: the matcher's states, each with its mask once it was asked for.
///
/// Used by one thread at a time.
final class ConstraintMatcher {
  typealias State = PushdownMatcher.State

  /// The number of configurations that one mask may look at.
  private static let mostWork = 20_000_000

  private let matcher: PushdownMatcher
  private let vocabulary: TokenTrie
  /// The masks that were found; the states are held so that no other can take their identity.
  private var masks: [ObjectIdentifier: (state: State, mask: TokenMask)] = [:]

  init(_ constraint: Constraint, vocabulary: TokenTrie) {
    matcher = PushdownMatcher(constraint.automaton)
    self.vocabulary = vocabulary
  }

  var start: State { matcher.start }
  var isTooComplex: Bool { matcher.isTooComplex }

  /// The state after a token; nil where it isn't allowed.
  func advance(_ state: State, by id: Int) -> State? {
    let bytes = vocabulary.bytes(of: id)
    guard !bytes.isEmpty else { return nil }
    var state = state
    for byte in bytes {
      guard let next = matcher.step(state, byte) else { return nil }
      state = next
    }
    return state
  }

  /// Which tokens may come next; nil where finding out takes more work than is allowed.
  func mask(_ state: State) -> TokenMask? {
    // A token has no more characters than bytes.
    let state = matcher.representative(of: state, lookahead: vocabulary.deepest)
    if let known = masks[ObjectIdentifier(state)] { return known.mask }
    if matcher.forgetIfFull() { masks = [:] }
    matcher.work = 0
    var mask = TokenMask(count: vocabulary.limit)
    var path = [State?](repeating: nil, count: vocabulary.deepest + 1)
    path[0] = state
    var i = 0
    while i < vocabulary.nodes.count {
      let node = vocabulary.nodes[i]
      guard let before = path[Int(node.depth)], let after = matcher.step(before, node.byte) else {
        i = Int(node.end)
        continue
      }
      path[Int(node.depth) + 1] = after
      for id in vocabulary.ids[Int(node.firstID)..<Int(node.endID)] { mask.insert(Int(id)) }
      i += 1
      if matcher.work > Self.mostWork || isTooComplex { return nil }
    }
    masks[ObjectIdentifier(state)] = (state, mask)
    return mask
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
