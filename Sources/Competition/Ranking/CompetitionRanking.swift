import Arcade
public import Statistics

/// The places of submissions in a track, or over all tracks, with intervals.
///
/// A submission's score is Σ w·s over games, with the published weights w and s = (R − blind)/(best − blind) of the mean return R
/// of its scored episodes. Its 95% interval takes the episodes' and the repetitions' spread; its places are those that it has in
/// 95% of draws of all scores from their distributions.
public struct Ranking: Sendable {
  /// A submission in the ranking.
  public struct Row: Sendable, Encodable {
    /// Its name.
    public var submission: String
    /// Its place, from 1.
    public var place: Int
    /// The first and the last place that its score's interval allows.
    public var places: ClosedRange<Int>
    /// Its score.
    public var score: Estimate
    /// The normalised score in each game; nil where there is no result yet.
    public var games: [String: Double]
    /// Why it has no score in some games.
    public var failures: [String: String]
    /// Jobs that have no result yet.
    public var missing: Int

    enum CodingKeys: String, CodingKey {
      case submission, place, score, games, failures, missing
      case firstPlace = "first_place"
      case lastPlace = "last_place"
    }

    /// Writes the interval of places as two numbers.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(submission, forKey: .submission)
      try container.encode(place, forKey: .place)
      try container.encode(places.lowerBound, forKey: .firstPlace)
      try container.encode(places.upperBound, forKey: .lastPlace)
      try container.encode(score, forKey: .score)
      try container.encode(games, forKey: .games)
      try container.encode(failures, forKey: .failures)
      try container.encode(missing, forKey: .missing)
    }
  }

  /// The track's name; `overall` for all of them by their weights.
  public let track: String
  /// The submissions, the best first.
  public let rows: [Row]

  /// The name of the ranking over all tracks.
  public static let overall = "overall"

  /// Ranks submissions by the results that are there.
  ///
  /// A job without a result counts as the blind policy's: 0, until it has one.
  public static func all(
    _ competition: Competition, jobs: [CompetitionJob], result: (CompetitionJob) throws -> JobResult?
  ) rethrows -> [Ranking] {
    var scores: [String: [String: Score]] = [:]
    var order: [String] = []
    for job in jobs {
      guard let entry = competition.games.first(where: { $0.game.rawValue == job.game }) else { continue }
      if scores[job.submission] == nil { order.append(job.submission) }
      let outcome = try result(job)
      scores[job.submission, default: [:]][job.track, default: Score()].add(
        outcome, entry, repetitions: competition.repetitions)
    }
    let total = competition.games.reduce(0) { $0 + $1.weight }
    for name in order {
      for track in competition.tracks { scores[name]?[track.name]?.finish(total) }
    }
    var rankings = competition.tracks.map { track in
      Ranking(track.name, order.map { ($0, scores[$0]?[track.name] ?? Score()) })
    }
    if competition.tracks.count > 1 {
      let weights = competition.tracks.reduce(0) { $0 + $1.weight }
      rankings.insert(
        Ranking(
          overall,
          order.map { name in
            var sum = Score()
            for track in competition.tracks {
              sum.add(scores[name]?[track.name] ?? Score(), named: track.name, share: track.weight / weights)
            }
            return (name, sum)
          }), at: 0)
    }
    return rankings
  }

  /// A score as a mean and its variance.
  struct Score {
    var mean = 0.0
    var variance = 0.0
    var episodes = 0
    var games: [String: Double] = [:]
    var failures: [String: String] = [:]
    var missing = 0
    private var shares: [String: Double] = [:]
    private var values: [String: [(mean: Double, variance: Double)]] = [:]

    mutating func add(_ result: JobResult?, _ entry: Competition.Entry, repetitions: Int) {
      let name = entry.game.rawValue
      shares[name] = entry.weight
      guard let result else {
        missing += 1
        return
      }
      if result.status == .failed || result.returns.isEmpty {
        failures[name] = result.reason ?? "it has no scored episode"
        values[name, default: []].append((entry.constants.normalized(entry.constants.least), 0))
        return
      }
      let normalized = result.returns.map(entry.constants.normalized)
      let count = Double(normalized.count)
      let mean = normalized.reduce(0, +) / count
      let spread = normalized.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / max(1, count - 1)
      values[name, default: []].append((mean, spread / count))
      episodes += normalized.count
    }

    /// Puts repetitions and games together.
    mutating func finish(_ total: Double) {
      for (name, values) in values.sorted(by: { $0.key < $1.key }) {
        let count = Double(values.count)
        let mean = values.reduce(0) { $0 + $1.mean } / count
        games[name] = mean
        // Between repetitions lies what training makes of its luck, within them what episodes make of theirs.
        let between = values.reduce(0) { $0 + ($1.mean - mean) * ($1.mean - mean) } / max(1, count - 1) / count
        let within = values.reduce(0) { $0 + $1.variance } / (count * count)
        let share = (shares[name] ?? 0) / total
        self.mean += share * mean
        variance += share * share * (values.count > 1 ? max(between, within) : within)
      }
    }

    mutating func add(_ other: Score, named track: String, share: Double) {
      mean += share * other.mean
      variance += share * share * other.variance
      episodes += other.episodes
      missing += other.missing
      games[track] = other.mean
      for (name, reason) in other.failures { failures["\(name), \(track)"] = reason }
    }
  }

  private static let draws = 1_000

  init(_ track: String, _ scores: [(name: String, score: Score)]) {
    self.track = track
    // Equal scores stand in the order of their names.
    let sorted = scores.sorted { ($1.score.mean, $0.name) < ($0.score.mean, $1.name) }
    var generator = SeededGenerator(seed: 1)
    var places = [[Int]](repeating: [], count: sorted.count)
    for _ in 0..<Self.draws {
      let drawn = sorted.map {
        $0.score.mean + $0.score.variance.squareRoot() * StandardNormal.quantile(max(generator.uniform(), 1e-12))
      }
      for (place, index) in drawn.indices.sorted(by: { drawn[$0] > drawn[$1] }).enumerated() {
        places[index].append(place + 1)
      }
    }
    rows = sorted.enumerated().map { index, one in
      let reach = StandardNormal.criticalValue(confidence: 0.95) * one.score.variance.squareRoot()
      let own = places[index].sorted()
      let (low, high) = (own[own.count / 40], own[own.count - 1 - own.count / 40])
      return Row(
        submission: one.name, place: index + 1, places: min(low, index + 1)...max(high, index + 1),
        score: Estimate(
          value: one.score.mean, low: one.score.mean - reach, high: one.score.mean + reach, n: one.score.episodes),
        games: one.score.games, failures: one.score.failures, missing: one.score.missing)
    }
  }
}
