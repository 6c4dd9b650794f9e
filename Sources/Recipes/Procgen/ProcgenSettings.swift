import Agents
public import Arcade
public import Settings

/// The settings of the recipe `procgen`, beside those of PPO.
public struct ProcgenSettings: DeclaredSettings {
  /// A network.
  public enum Network: String, Sendable, Codable, CaseIterable, SettingValue {
    /// Two strided convolutions, for processors.
    case small
    /// The published network.
    case impala

    var kind: ActorCritic.Kind { self == .small ? .small : .impala }
  }

  /// Games.
  @Setting("game", .any, "name", "Games, learnt one after another.")
  public var games: [Game] = [.coinrun]
  /// The levels' distribution.
  @Setting("mode", .any, "name", "The distribution of levels.")
  public var mode = GameMode.easy
  /// Numbers of training levels.
  @Setting(
    "num_levels", .init("0 or more") { $0.allSatisfy { (0...Int(Int32.max)).contains($0) } }, "count",
    "Training levels, of each number a run; 0 for all there are.")
  public var levels = [200]
  /// The seed of the first training level.
  @Setting("start_level", .count(from: 0), "number", "The seed of the first training level.")
  public var startLevel = 0
  /// The network.
  @Setting("network", .any, "name", "The network: the published one (impala), or one for processors.")
  public var network = Network.small
  /// Factors on the numbers of channels.
  @Setting(
    "width", .init("from 0.05 to 16") { $0.allSatisfy { (0.05...16).contains($0) } }, "factor",
    "Factors on the numbers of channels, of each a run; rates are divided by its root.")
  public var widths = [1.0]
  /// Steps of all training environments in a run.
  @Setting(
    "steps", .ifGiven(.count()), "count",
    "Steps of a run; unless given 25 million at easy and 200 million else, 5 million with the small network.")
  public var steps: Int? = nil
  /// Environments of all levels that play along.
  @Setting(
    "test_envs", .count(from: 0), "count", "Environments of all levels that play along, for the curve on unseen levels."
  )
  public var testEnvironments = 64
  /// The learning rate at width 1.
  @Setting("learning_rate", .above(0, below: 1), "rate", "The learning rate at width 1.")
  public var learningRate = 5e-4
  /// Episodes that each figure of the report rests on.
  @Setting("eval_episodes", .count(), "count", "Episodes on each kind of levels that the figures rest on.")
  public var evaluationEpisodes = 512
  /// Steps from which the blind policy is learnt.
  @Setting("blind_steps", .count(), "count", "Steps from which the blind policy is learnt.")
  public var blindSteps = 1_000_000

  /// The defaults.
  public init() {}

  /// Refuses what would have nothing to run.
  public mutating func settle(given: Set<String>) throws(SettingError) {
    for (key, list) in [
      ("game", games.map(\.rawValue)), ("num_levels", levels.map(String.init)), ("width", widths.map { "\($0)" }),
    ] {
      guard Set(list).count == list.count else {
        throw SettingError(key: key, value: list.joined(separator: " "), problem: "the same twice is the same run")
      }
    }
  }
}

extension Game: SettingValue {}
extension GameMode: SettingValue {}
