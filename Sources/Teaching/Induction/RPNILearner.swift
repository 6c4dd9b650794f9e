/// Regular positive and negative inference (Oncina and García 1992): a prefix-tree acceptor of the
/// positives whose states are merged in breadth-first order whenever the merged automaton, made
/// deterministic again by folding, still rejects every negative.
///
/// It finds the target exactly once the examples hold a characteristic set, and over-generalises
/// before that, most of all without negatives. The strings together may have at most
/// ``characterLimit`` characters, beyond which only the prefix tree is used.
public struct RPNILearner: StringLearner {
  /// The name in tables.
  public let name = "RPNI"
  /// The most characters of positives for which states are merged.
  public static let characterLimit = 1_500

  /// Makes the learner.
  public init() {}

  /// Learns, and gives back the classifier.
  public func learn(_ examples: InductionExamples) -> @Sendable (String) -> Bool {
    let automaton = StateMerging(examples).merged()
    return { automaton.accepts($0.unicodeScalars.map(\.value)) }
  }
}

/// A deterministic automaton that is being merged.
struct StateMerging: Sendable {
  private(set) var transitions: [[UInt32: Int]] = [[:]]
  private(set) var accepting: [Bool] = [false]
  private let negatives: [[UInt32]]
  private let isTooLarge: Bool

  init(_ examples: InductionExamples) {
    negatives = examples.negativeScalars
    let total = examples.positiveScalars.reduce(0) { $0 + $1.count }
    isTooLarge = total > RPNILearner.characterLimit
    // The prefix tree, its states numbered breadth first as the algorithm's order wants.
    var level: [(state: Int, suffixes: [ArraySlice<UInt32>])] = [
      (0, examples.positiveScalars.map { $0[...] })
    ]
    while !level.isEmpty {
      var next: [(state: Int, suffixes: [ArraySlice<UInt32>])] = []
      for (state, suffixes) in level {
        var branches: [UInt32: [ArraySlice<UInt32>]] = [:]
        for suffix in suffixes {
          if let scalar = suffix.first {
            branches[scalar, default: []].append(suffix.dropFirst())
          } else {
            accepting[state] = true
          }
        }
        for scalar in branches.keys.sorted() {
          transitions.append([:])
          accepting.append(false)
          transitions[state][scalar] = transitions.count - 1
          next.append((transitions.count - 1, branches[scalar] ?? []))
        }
      }
      level = next
    }
  }

  func accepts(_ scalars: [UInt32]) -> Bool {
    var state = 0
    for scalar in scalars {
      guard let next = transitions[state][scalar] else { return false }
      state = next
    }
    return accepting[state]
  }

  private var rejectsNegatives: Bool { !negatives.contains(where: accepts) }

  /// The automaton after all merges that the negatives allow.
  func merged() -> StateMerging {
    var result = self
    guard !isTooLarge, rejectsNegatives else { return result }
    var red = [0]
    var isRed = [Bool](repeating: false, count: transitions.count)
    isRed[0] = true
    while true {
      let blue = Set(red.flatMap { result.transitions[$0].values }).filter { !isRed[$0] }
      guard let state = blue.min() else { return result }
      var merged = false
      for target in red {
        var attempt = result
        attempt.redirect(state, to: target)
        attempt.fold(state, into: target)
        if attempt.rejectsNegatives {
          result = attempt
          merged = true
          break
        }
      }
      if !merged {
        red.append(state)
        isRed[state] = true
      }
    }
  }

  private mutating func redirect(_ state: Int, to target: Int) {
    for source in transitions.indices {
      for (scalar, destination) in transitions[source] where destination == state {
        transitions[source][scalar] = target
      }
    }
  }

  /// Folds the tree below `state` into the automaton at `target`.
  private mutating func fold(_ state: Int, into target: Int) {
    var pending = [(state, target)]
    while let (from, into) = pending.popLast() {
      if accepting[from] { accepting[into] = true }
      for (scalar, destination) in transitions[from] {
        if let known = transitions[into][scalar] {
          pending.append((destination, known))
        } else {
          transitions[into][scalar] = destination
        }
      }
    }
  }
}
