/// The fate of the matches when text is split at a pattern.
enum SplitBehavior: String, Sendable {
  case removed = "Removed"
  case isolated = "Isolated"
  case mergedWithPrevious = "MergedWithPrevious"
  case mergedWithNext = "MergedWithNext"
  case contiguous = "Contiguous"

  /// The pieces of a text of `count` scalars around and at the `matches`, none of them empty.
  ///
  /// - Parameters:
  ///   - matches: Ranges in order.
  ///   - inverted: Takes the stretches between matches for the matches.
  func pieces(of count: Int, matches: [Range<Int>], inverted: Bool = false) -> [Range<Int>] {
    var parts: [(range: Range<Int>, isMatch: Bool)] = []
    var done = 0
    for match in matches {
      if match.lowerBound > done { parts.append((done..<match.lowerBound, inverted)) }
      parts.append((match, !inverted))
      done = match.upperBound
    }
    if done < count { parts.append((done..<count, inverted)) }
    switch self {
    case .isolated: return parts.map(\.range)
    case .removed: return parts.filter { !$0.isMatch }.map(\.range)
    case .contiguous:
      return joined(parts) { $0 == $1 }
    case .mergedWithPrevious:
      return joined(parts) { previous, current in current && !previous }
    case .mergedWithNext:
      var result: [Range<Int>] = []
      var previous = false
      for part in parts.reversed() {
        if part.isMatch, !previous, let last = result.popLast() {
          result.append(part.range.lowerBound..<last.upperBound)
        } else {
          result.append(part.range)
        }
        previous = part.isMatch
      }
      return result.reversed()
    }
  }

  /// Joins each part to the one before where `joins` says so of their two flags.
  private func joined(
    _ parts: [(range: Range<Int>, isMatch: Bool)], _ joins: (Bool, Bool) -> Bool
  ) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var previous = false
    for part in parts {
      if joins(previous, part.isMatch), let last = result.popLast() {
        result.append(last.lowerBound..<part.range.upperBound)
      } else {
        result.append(part.range)
      }
      previous = part.isMatch
    }
    return result
  }
}
