/// A text turned into ids, with everything that aligns with them.
public struct Encoding: Sendable, Equatable {
  /// The token ids.
  public var ids: [Int] = []
  /// The tokens as the vocabulary spells them.
  public var tokens: [String] = []
  /// The origin of each token, in Unicode scalars of the text (Python's characters); special
  /// tokens that were added have the empty range at 0.
  public var offsets: [Range<Int>] = []
  /// 0 for the first text and 1 for the second of a pair, or as the template says.
  public var typeIDs: [Int] = []
  /// 1 where a special token was added, 0 for the text's own.
  public var specialTokensMask: [Int] = []
  /// 1 for real tokens, 0 for padding.
  public var attentionMask: [Int] = []
  /// The pieces that truncation cut off, each as long as this one.
  public var overflowing: [Encoding] = []

  /// An encoding without tokens.
  public init() {}

  /// The number of tokens.
  public var count: Int { ids.count }

  mutating func append(
    id: Int, token: String, offset: Range<Int>, typeID: Int = 0, isSpecial: Bool = false,
    isReal: Bool = true
  ) {
    ids.append(id)
    tokens.append(token)
    offsets.append(offset)
    typeIDs.append(typeID)
    specialTokensMask.append(isSpecial ? 1 : 0)
    attentionMask.append(isReal ? 1 : 0)
  }

  mutating func append(_ other: Encoding) {
    ids += other.ids
    tokens += other.tokens
    offsets += other.offsets
    typeIDs += other.typeIDs
    specialTokensMask += other.specialTokensMask
    attentionMask += other.attentionMask
  }

  /// The tokens of that range, without overflow.
  func slice(_ range: Range<Int>) -> Encoding {
    var result = Encoding()
    result.ids = Array(ids[range])
    result.tokens = Array(tokens[range])
    result.offsets = Array(offsets[range])
    result.typeIDs = Array(typeIDs[range])
    result.specialTokensMask = Array(specialTokensMask[range])
    result.attentionMask = Array(attentionMask[range])
    return result
  }
}
