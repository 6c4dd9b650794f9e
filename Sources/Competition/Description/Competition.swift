public import Arcade
import Documents

/// A competition as its YAML file describes it: games, tracks, budgets, weights.
///
/// ```yaml
/// protocol: 1
/// title: A small competition
/// mode: easy
/// budget: {environments: 16, training_steps: 100000, training_seconds: 600, rollout_episodes: 64, rollout_seconds: 300}
/// tracks:
///   sample_efficiency: {training_levels: 0}
///   generalization: {training_levels: 200}
/// games:
///   coinrun: {weight: 1}
///   lander: {weight: 2, private: true, min: 0, blind: 1, max: 13}
/// ```
///
/// The layout follows the NeurIPS 2020 Procgen Competition (Mohanty and others, 2021, arXiv:2103.15332): every submission is
/// trained and rolled out for each game and track, and a track's score is the weighted mean of normalised returns.
public struct Competition: Sendable, Equatable {
  /// What a submission may use up for one game and track.
  public struct Budget: Sendable, Equatable {
    /// Environments that take their steps together.
    public var environments = 16
    /// Steps of all environments together in training.
    public var trainingSteps = 100_000
    /// Wall time of training.
    public var trainingSeconds = 600.0
    /// Episodes that are scored, on levels that training never had.
    public var rolloutEpisodes = 64
    /// Wall time of those.
    public var rolloutSeconds = 300.0
    /// Memory of all its processes together.
    public var memory = 4096
    /// Processes and threads at a time.
    public var processes = 128
    /// What it may write to its scratch folder, in MiB.
    public var scratch = 256
  }

  /// A way of scoring.
  public struct Track: Sendable, Equatable {
    /// Its name.
    public var name: String
    /// The number of training levels; 0 for all there are beside the test's.
    public var trainingLevels: Int
    /// Its share in the overall score.
    public var weight: Double
  }

  /// A game with its share in a track's score.
  public struct Entry: Sendable, Equatable {
    /// The game.
    public var game: Game
    /// The share.
    public var weight: Double
    /// Whether it is named to nobody before the end: submissions see it for the first time in their training.
    public var isPrivate: Bool
    /// The returns of the worst play, of the best blind play and of the best play.
    public var constants: Constants
  }

  /// The returns between which a game's scores are normalised.
  public struct Constants: Sendable, Equatable {
    /// What a submission gets that doesn't come to its end.
    public var least: Double
    /// The zero of normalised scores.
    public var blind: Double
    /// Their one.
    public var best: Double

    /// (R − blind)/(best − blind).
    public func normalized(_ value: Double) -> Double { (value - blind) / (best - blind) }
  }

  /// The version of the protocol, of which there is one.
  public static let protocolVersion = 1

  /// Its name for people.
  public var title: String
  /// The distribution of levels.
  public var mode: GameMode
  /// What a submission may use up.
  public var budget: Budget
  /// The ways of scoring.
  public var tracks: [Track]
  /// The games.
  public var games: [Entry]
  /// How often each submission is trained anew for each game and track.
  public var repetitions: Int

  /// Reads a description.
  ///
  /// - Throws: `DataError` with the line of what is wrong.
  public init(contentsOf path: String) throws {
    let file = try StructuredFile(path: path)
    let fields = try file.fields()
    try fields.allowOnly("protocol", "title", "mode", "budget", "tracks", "games", "repetitions")
    let version = try fields.integer("protocol", in: 0...1_000)
    guard version == Self.protocolVersion else {
      throw fields.error(
        at: "protocol", "is \(version), and this program speaks version \(Self.protocolVersion)")
    }
    title = try fields["title"] == nil ? "Competition" : fields.string("title")
    let modes = [GameMode.easy, .hard].map(\.rawValue)
    mode = GameMode(rawValue: try fields["mode"] == nil ? "easy" : fields.word("mode", of: modes)) ?? .easy
    repetitions = try fields["repetitions"] == nil ? 1 : fields.integer("repetitions", in: 1...100)
    budget = Budget()
    if fields["budget"] != nil { budget = try Budget(fields.fields("budget")) }
    tracks = try Self.tracks(fields.fields("tracks"))
    games = try Self.games(fields.fields("games"), mode)
  }

  private static func tracks(_ fields: StructuredFields) throws -> [Track] {
    var tracks: [Track] = []
    for name in fields.members.keys {
      try checkName(name, fields)
      let own = try fields.fields(name)
      try own.allowOnly("training_levels", "weight")
      tracks.append(
        Track(
          name: name, trainingLevels: try own.integer("training_levels", in: 0...Levels.most),
          weight: try own["weight"] == nil ? 1 : own.number("weight", in: 0...1e6)))
    }
    guard tracks.contains(where: { $0.weight > 0 }) else {
      throw fields.file.error(at: fields.steps, "there must be a track with a weight above 0")
    }
    return tracks
  }

  private static func games(_ fields: StructuredFields, _ mode: GameMode) throws -> [Entry] {
    var entries: [Entry] = []
    let all = Game.allCases + Game.contestGames
    for name in fields.members.keys {
      let own = try fields.fields(name)
      try own.allowOnly("weight", "private", "min", "blind", "max")
      guard let game = all.first(where: { $0.rawValue == name }) else {
        let near = all.map(\.rawValue).nearest(to: name).map { ", though a '\($0)'" } ?? ""
        throw fields.error(at: name, "is no game of the arcade's\(near)")
      }
      let known = game.normalization(mode)
      func number(_ key: String, _ standard: Double?) throws -> Double {
        guard own[key] == nil, let standard else { return try own.number(key, in: -1e6...1e6) }
        return standard
      }
      let constants = Constants(
        least: try number("min", game == .fruitbot ? -12 : 0), blind: try number("blind", known?.low),
        best: try number("max", known?.high))
      guard constants.least <= constants.blind, constants.blind < constants.best else {
        throw fields.error(at: name, "needs min ≤ blind < max")
      }
      entries.append(
        Entry(
          game: game, weight: try own["weight"] == nil ? 1 : own.number("weight", in: 0...1e6),
          isPrivate: own["private"]?.bool ?? false, constants: constants))
    }
    guard entries.contains(where: { $0.weight > 0 }) else {
      throw fields.file.error(at: fields.steps, "there must be a game with a weight above 0")
    }
    return entries
  }

  /// Names become names of files.
  private static func checkName(_ name: String, _ fields: StructuredFields) throws {
    guard SubmissionName.isGood(name) else {
      throw fields.error(at: name, "must be of letters, digits, - and _")
    }
  }
}

extension Competition.Budget {
  init(_ fields: StructuredFields) throws {
    self.init()
    try fields.allowOnly(
      "environments", "training_steps", "training_seconds", "rollout_episodes", "rollout_seconds", "memory_mib",
      "processes", "scratch_mib")
    func integer(_ key: String, _ range: ClosedRange<Int>, _ standard: Int) throws -> Int {
      try fields[key] == nil ? standard : fields.integer(key, in: range)
    }
    environments = try integer("environments", 1...1_024, environments)
    trainingSteps = try integer("training_steps", 0...1 << 40, trainingSteps)
    rolloutEpisodes = try integer("rollout_episodes", 1...1 << 20, rolloutEpisodes)
    memory = try integer("memory_mib", 16...1 << 20, memory)
    processes = try integer("processes", 1...4_096, processes)
    scratch = try integer("scratch_mib", 1...1 << 16, scratch)
    func seconds(_ key: String, _ standard: Double) throws -> Double {
      try fields[key] == nil ? standard : fields.number(key, in: 0.1...86_400)
    }
    trainingSeconds = try seconds("training_seconds", trainingSeconds)
    rolloutSeconds = try seconds("rollout_seconds", rolloutSeconds)
  }
}
