extension Collection where Element == String {
  /// The name that takes the fewest insertions, deletions, replacements and swaps of neighbours to
  /// become `name` (Damerau and Levenshtein's distance, optimal string alignment).
  public func nearest(to name: String) -> String? {
    self.min { ($0.distance(to: name), $0) < ($1.distance(to: name), $1) }
  }

  /// The complaint about a key that is none of these: `unknown key 'priorr'; the nearest one is 'prior'`.
  ///
  /// - Parameters:
  ///   - key: the key in the spelling of these names.
  ///   - name: the key as the user wrote it, or with its place.
  public func problem(ofUnknownKey key: String, called name: String) -> String {
    "unknown key '\(name)'" + (nearest(to: key).map { "; the nearest one is '\($0)'" } ?? "")
  }
}

extension String {
  fileprivate func distance(to other: String) -> Int {
    let a = Array(self)
    let b = Array(other)
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var cost = Swift.min(
          last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          cost = Swift.min(cost, beforeLast[j - 1] + 1)
        }
        row.append(cost)
      }
      (beforeLast, last) = (last, row)
    }
    return last[b.count]
  }
}
