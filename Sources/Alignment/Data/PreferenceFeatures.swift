public import LanguageModels

/// Preferences between completions as a model's hidden vectors show them: what a reward head on the frozen model learns from.
public struct PreferenceFeatures: Sendable {
  /// The first completion's hidden vector at its end less the second's, for each pair that isn't tied: `[pairs][width]`.
  public var differences: [[Double]] = []
  /// Whether the first completion is the preferred one.
  public var isFirstPreferred: [Bool] = []
  /// The ranking that each pair comes from, so that pairs of one prompt can be kept together.
  public var groups: [Int] = []

  /// The features of rankings under a model.
  public init(of rankings: [RankedCompletions], under decoder: Decoder) {
    let vectors = decoder.lastHiddenVectors(rankings.flatMap { item in item.completions.map { item.prompt + $0 } })
    var start = 0
    for (group, item) in rankings.enumerated() {
      for pair in item.pairs where pair.probability != 0.5 {
        differences.append(zip(vectors[start + pair.first], vectors[start + pair.second]).map { Double($0 - $1) })
        isFirstPreferred.append(pair.probability > 0.5)
        groups.append(group)
      }
      start += item.completions.count
    }
  }

  /// The first completion's hidden vector at its end less the second's, of pairs that nobody has judged: `[pairs][width]`.
  public static func differences(of pairs: [RankedCompletions], under decoder: Decoder) -> [[Double]] {
    let vectors = decoder.lastHiddenVectors(pairs.flatMap { pair in pair.completions.map { pair.prompt + $0 } })
    return pairs.indices.map { place in
      zip(vectors[2 * place], vectors[2 * place + 1]).map { Double($0 - $1) }
    }
  }
}
