/// Returns and lengths of the episodes of some environments, as they end.
struct EpisodeLog: Codable, Equatable {
  /// The number of the last episodes whose mean is shown: that of the published curves.
  static let window = 100
  /// The returns of the last episodes, the oldest first.
  private(set) var returns: [Double] = []
  /// Their lengths in steps.
  private(set) var lengths: [Int] = []
  /// The number of all episodes.
  private(set) var count = 0
  private var sums: [Double]
  private var steps: [Int]

  init(environments: Int) {
    sums = [Double](repeating: 0, count: environments)
    steps = [Int](repeating: 0, count: environments)
  }

  /// Takes note of one step of all environments.
  mutating func add(_ rewards: [Float], ends: [Bool]) {
    for i in sums.indices {
      sums[i] += Double(rewards[i])
      steps[i] += 1
      guard ends[i] else { continue }
      returns.append(sums[i])
      lengths.append(steps[i])
      count += 1
      (sums[i], steps[i]) = (0, 0)
    }
    let surplus = returns.count - Self.window
    if surplus > 0 {
      returns.removeFirst(surplus)
      lengths.removeFirst(surplus)
    }
  }

  /// The mean return of the last episodes; nil before the first.
  var meanReturn: Double? { returns.isEmpty ? nil : returns.reduce(0, +) / Double(returns.count) }
  /// The mean length of the last episodes; nil before the first.
  var meanLength: Double? { lengths.isEmpty ? nil : Double(lengths.reduce(0, +)) / Double(lengths.count) }
}
