internal import Probability

/// The clustering of a teacher's examples: strings within Levenshtein distance 2 of each other are
/// linked, and clusters are the connected components.
public struct ExampleClusters: Sendable {
  /// The linking distance of the published analysis.
  public static let linkingDistance = 2

  /// The cluster of each string, numbered from 0 in the order in which they begin.
  public let labels: [Int]

  /// The number of clusters.
  public var count: Int { (labels.max() ?? -1) + 1 }

  /// Clusters strings.
  public init(_ strings: [String]) {
    self.init(strings.map { $0.unicodeScalars.map(\.value) })
  }

  init(_ strings: [[UInt32]]) {
    var parent = Array(strings.indices)
    func root(_ index: Int) -> Int {
      var index = index
      while parent[index] != index { index = parent[index] }
      return index
    }
    for a in strings.indices {
      for b in strings.indices.dropFirst(a + 1)
      where StringEdit.distance(strings[a], strings[b], limit: Self.linkingDistance) != nil {
        let (x, y) = (root(a), root(b))
        parent[max(x, y)] = min(x, y)
      }
    }
    var numbers: [Int: Int] = [:]
    labels = strings.indices.map { index in
      let root = root(index)
      if let number = numbers[root] { return number }
      numbers[root] = numbers.count
      return numbers.count - 1
    }
  }
}

extension TeachingCorpora {
  /// The published analysis: clusters per corpus, and the same when examples are dealt out anew
  /// among teachers, within rule and polarity.
  public struct ClusterAnalysis: Sendable, Hashable, Codable {
    /// The number of corpora that were analysed.
    public let corpora: Int
    /// The mean number of clusters in a corpus.
    public let observed: Double
    /// The mean over permutations of the mean number of clusters.
    public let permuted: Double
    /// The smallest and the largest mean of a permutation.
    public let permutedRange: [Double]
    /// The share of permutations with no more clusters than observed.
    public let pValue: Double
    /// Mean clusters by rule: observed and permuted.
    public let byRule: [String: [Double]]
  }

  /// Runs the analysis on the corpora of the base rules, or on `corpora`.
  public func clusterAnalysis(
    of corpora: [Corpus]? = nil, permutations: Int = 200, seed: UInt64 = 0
  ) -> ClusterAnalysis {
    let corpora = corpora ?? base
    var random = RandomSource(seed: seed)
    let scalars = corpora.map { $0.examples.map { $0.string.unicodeScalars.map(\.value) } }
    let counts = scalars.map { ExampleClusters($0).count }
    let observed = Self.mean(counts)
    // Where each string sits, by rule and polarity, so that a permutation is a shuffle of places.
    var places: [String: [(corpus: Int, index: Int)]] = [:]
    for (index, corpus) in corpora.enumerated() {
      for (place, example) in corpus.examples.enumerated() {
        places[corpus.rule + (example.isPositive ? "+" : "-"), default: []].append((index, place))
      }
    }
    let groups = places.keys.sorted().compactMap { places[$0] }
    var means: [Double] = []
    var sums = [Int](repeating: 0, count: corpora.count)
    for _ in 0..<permutations {
      var shuffled = scalars
      for group in groups {
        for (target, source) in zip(group, group.shuffled(using: &random)) {
          shuffled[target.corpus][target.index] = scalars[source.corpus][source.index]
        }
      }
      let permutedCounts = shuffled.map { ExampleClusters($0).count }
      means.append(Self.mean(permutedCounts))
      for (index, count) in permutedCounts.enumerated() { sums[index] += count }
    }
    var byRule: [String: [Double]] = [:]
    for rule in Set(corpora.map(\.rule)).sorted() {
      let members = corpora.indices.filter { corpora[$0].rule == rule }
      byRule[rule] = [
        Self.mean(members.map { counts[$0] }),
        Double(members.reduce(0) { $0 + sums[$1] })
          / Double(max(1, permutations * members.count)),
      ]
    }
    return ClusterAnalysis(
      corpora: corpora.count, observed: observed,
      permuted: means.reduce(0, +) / Double(max(1, means.count)),
      permutedRange: [means.min() ?? 0, means.max() ?? 0],
      pValue: Double(means.count { $0 <= observed }) / Double(max(1, means.count)), byRule: byRule)
  }

  private static func mean(_ values: [Int]) -> Double {
    values.isEmpty ? 0 : Double(values.reduce(0, +)) / Double(values.count)
  }
}
