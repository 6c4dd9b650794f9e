/// Several token sequences laid end to end, the form in which the decoder takes everything.
///
/// There is no padding: attention stays inside each sequence and positions start anew in each.
public struct PackedTokens: Sendable, Equatable {
  /// All tokens, sequence after sequence.
  public private(set) var tokens: [Int]
  /// Where sequences start, ending with the number of tokens.
  public private(set) var boundaries: [Int]

  /// No sequence yet.
  public init() {
    tokens = []
    boundaries = [0]
  }

  /// The sequences in order; empty ones are left out.
  public init(_ sequences: some Sequence<[Int]>) {
    self.init()
    for sequence in sequences { append(sequence) }
  }

  /// Adds a sequence; an empty one changes nothing.
  public mutating func append(_ sequence: some Collection<Int>) {
    guard !sequence.isEmpty else { return }
    tokens += sequence
    boundaries.append(tokens.count)
  }

  /// Number of tokens.
  public var count: Int { tokens.count }
  /// Number of sequences.
  public var sequenceCount: Int { boundaries.count - 1 }
  /// The place of each sequence among the tokens.
  public var ranges: [Range<Int>] { zip(boundaries, boundaries.dropFirst()).map { $0..<$1 } }
  /// The place of each sequence's last token.
  public var lastPositions: [Int] { boundaries.dropFirst().map { $0 - 1 } }
  /// Each token's position in its own sequence.
  public var positions: [Int] {
    var positions = [Int]()
    positions.reserveCapacity(tokens.count)
    for range in ranges { positions += 0..<range.count }
    return positions
  }
  /// The length of the longest sequence.
  public var longest: Int { ranges.map(\.count).max() ?? 0 }
}
