import Documents

/// Cuts encodings to a length.
public struct Truncation: Sendable, Equatable {
  /// Which of a pair is cut.
  public enum Strategy: String, Sendable {
    /// The longer one first.
    case longestFirst = "LongestFirst"
    /// The first alone.
    case onlyFirst = "OnlyFirst"
    /// The second alone.
    case onlySecond = "OnlySecond"
  }

  /// The most tokens that remain, special tokens included.
  public var maximumLength: Int
  /// The number of tokens that neighbouring pieces of the overflow share.
  public var stride: Int
  /// Which of a pair is cut.
  public var strategy: Strategy
  /// Cuts at the start instead of at the end.
  public var fromLeft: Bool

  /// Keeps the first `maximumLength` tokens unless told otherwise.
  public init(
    maximumLength: Int, stride: Int = 0, strategy: Strategy = .longestFirst, fromLeft: Bool = false
  ) {
    self.maximumLength = maximumLength
    self.stride = stride
    self.strategy = strategy
    self.fromLeft = fromLeft
  }

  init?(_ value: JSONValue?) throws {
    guard let value, !value.isNull else { return nil }
    guard let length = value["max_length"]?.int, length >= 0,
      let strategy = Strategy(rawValue: value["strategy"]?.string ?? "LongestFirst")
    else {
      throw TokenizationError("truncation: needs `max_length` and a known `strategy`")
    }
    self.init(
      maximumLength: length, stride: max(0, value["stride"]?.int ?? 0), strategy: strategy,
      fromLeft: value["direction"]?.string == "Left")
  }

  /// Cuts one or two encodings so that with `added` special tokens they fit.
  func apply(to encodings: inout [Encoding], added: Int) throws {
    let limit = maximumLength - added
    guard limit >= 0 else {
      throw TokenizationError(
        "truncation to \(maximumLength) tokens leaves no room for \(added) special tokens")
    }
    let total = encodings.reduce(0) { $0 + $1.count }
    if total <= limit { return }
    if encodings.count == 1 || strategy != .longestFirst {
      let target = strategy == .onlySecond ? 1 : 0
      guard encodings.indices.contains(target),
        encodings[target].count > total - limit || limit == 0
      else {
        throw TokenizationError(
          "truncation: the text to cut is missing or shorter than the \(total - limit) tokens to cut"
        )
      }
      try cut(&encodings[target], to: max(0, encodings[target].count - (total - limit)))
      return
    }
    let lengths = encodings.map(\.count)
    var short = min(lengths[0], lengths[1])
    var long = short > limit ? short : max(short, limit - short)
    if short + long > limit {
      short = limit / 2
      long = short + limit % 2
    }
    let firstIsShort = lengths[0] <= lengths[1]
    try cut(&encodings[0], to: firstIsShort ? short : long)
    try cut(&encodings[1], to: firstIsShort ? long : short)
  }

  private func cut(_ encoding: inout Encoding, to length: Int) throws {
    let count = encoding.count
    if length >= count { return }
    if length == 0 {
      var empty = Encoding()
      empty.overflowing = [encoding]
      encoding = empty
      return
    }
    guard stride < length else {
      throw TokenizationError("truncation: the stride \(stride) must be less than \(length) tokens")
    }
    var parts: [Encoding] = []
    var offset = 0
    while true {
      let end = min(offset + length, count)
      parts.append(
        encoding.slice(fromLeft ? max(0, count - offset - length)..<count - offset : offset..<end))
      if end == count { break }
      offset += length - stride
    }
    encoding = parts[0]
    encoding.overflowing = Array(parts.dropFirst())
  }
}
