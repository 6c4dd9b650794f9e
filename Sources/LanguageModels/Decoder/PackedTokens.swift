/// Several token sequences laid end to end, the form in which the decoder takes everything.
///
/// There is no padding: attention stays inside each sequence and positions start anew in each. Completions of one prompt
/// can share it (``append(prompt:completions:)``): the prompt is then laid down, and computed, once.
public struct PackedTokens: Sendable, Equatable {
  /// All tokens, sequence after sequence.
  public private(set) var tokens: [Int]
  /// The starts of the segments, ending with the number of tokens.
  ///
  /// A segment is a sequence, or what several of them begin with.
  public private(set) var boundaries: [Int]
  /// For each segment −1, or the number of the segment that it continues.
  public private(set) var parents: [Int]

  /// No sequence yet.
  public init() {
    tokens = []
    boundaries = [0]
    parents = []
  }

  /// The sequences in order; empty ones are left out.
  public init(_ sequences: some Sequence<[Int]>) {
    self.init()
    for sequence in sequences { append(sequence) }
  }

  /// Adds a sequence; an empty one changes nothing.
  public mutating func append(_ sequence: some Collection<Int>) {
    guard !sequence.isEmpty else { return }
    add(sequence, after: -1)
  }

  /// Adds a prompt with its completions, a sequence for each.
  ///
  /// They share all of the prompt but its last token, which each has for itself: what comes first in a completion is
  /// predicted there.
  public mutating func append(prompt: [Int], completions: [[Int]]) {
    guard prompt.count > 1, completions.count > 1 else {
      for completion in completions { append(prompt + completion) }
      return
    }
    let shared = parents.count
    add(prompt.dropLast(), after: -1)
    for completion in completions { add(prompt.suffix(1) + completion, after: shared) }
  }

  /// Prompts with a completion each; neighbours that have the same prompt share it.
  public init(prompted: some Sequence<(prompt: [Int], completion: [Int])>) {
    self.init()
    var waiting: (prompt: [Int], completions: [[Int]]) = ([], [])
    for (prompt, completion) in prompted {
      if prompt != waiting.prompt {
        append(prompt: waiting.prompt, completions: waiting.completions)
        waiting = (prompt, [])
      }
      waiting.completions.append(completion)
    }
    append(prompt: waiting.prompt, completions: waiting.completions)
  }

  private mutating func add(_ segment: some Collection<Int>, after parent: Int) {
    tokens += segment
    boundaries.append(tokens.count)
    parents.append(parent)
  }

  /// Number of tokens.
  public var count: Int { tokens.count }
  /// The segments that are sequences' ends, in order: all but shared beginnings.
  private var sequences: [Int] {
    let continued = Set(parents)
    return parents.indices.filter { !continued.contains($0) }
  }
  private func segment(_ i: Int) -> Range<Int> { boundaries[i]..<boundaries[i + 1] }
  /// The number of tokens of its sequence before a segment.
  private func offset(_ i: Int) -> Int { parents[i] < 0 ? 0 : segment(parents[i]).count }

  /// Number of sequences.
  public var sequenceCount: Int { sequences.count }
  /// The place of each sequence among the tokens, without a beginning that it shares.
  public var ranges: [Range<Int>] { sequences.map(segment) }
  /// The place of each sequence's last token.
  public var lastPositions: [Int] { ranges.map { $0.upperBound - 1 } }
  /// Each token's position in its own sequence.
  public var positions: [Int] {
    var positions = [Int]()
    positions.reserveCapacity(tokens.count)
    for i in parents.indices { positions += offset(i)..<(offset(i) + segment(i).count) }
    return positions
  }
  /// The length of the longest sequence.
  public var longest: Int { parents.indices.map { offset($0) + segment($0).count }.max() ?? 0 }

  /// Refuses ids outside a vocabulary and sequences beyond a context.
  ///
  /// - Parameter name: what a sequence is called: a text, a sequence.
  /// - Throws: ``GenerationError`` that says which.
  func check(vocabulary: Int, context: Int, as name: String) throws {
    if let bad = tokens.first(where: { $0 < 0 || $0 >= vocabulary }) {
      throw GenerationError(
        "token id \(bad) lies outside the model's vocabulary of \(vocabulary): is this the model's own tokenizer?")
    }
    if longest > context {
      throw GenerationError("a \(name) of \(longest) tokens is longer than the model's context of \(context)")
    }
  }

  /// The length of each token's sequence; where sequences share a beginning, that of the longest of them.
  var lengths: [Int] {
    var most = parents.indices.map { offset($0) + segment($0).count }
    for i in parents.indices where parents[i] >= 0 { most[parents[i]] = max(most[parents[i]], most[i]) }
    for i in parents.indices where parents[i] >= 0 { most[i] = most[parents[i]] }
    return parents.indices.flatMap { repeatElement(most[$0], count: segment($0).count) }
  }
}
