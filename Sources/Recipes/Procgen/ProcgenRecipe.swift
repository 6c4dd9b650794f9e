// Procgen (Cobbe 2019): agents that learn procedurally generated games by PPO, on training levels and on levels that they
// never saw.
//
// Covered: the published network, hyperparameters, protocols (a number of training levels, all levels at test), numbers of
// levels and widths as axes, the blind and the random policy measured on our games. Not covered: Rainbow, recurrent policies.
// Levels and pictures are not the published ones, so curves lie beside the published ones and not on them.

public import Agents
import Arcade
public import Documents
import Foundation
import NeuralNetworks
import Statistics
import Torch
import Training

/// Agents that learn procedurally generated games.
public struct ProcgenRecipe: Recipe {
  /// Its agents compute where they are told to.
  public static let usesDevice = true
  /// The recipe's card.
  public static let card = RecipeCard(
    name: "procgen", title: "Agents in procedurally generated games",
    paper: "Cobbe et al. 2019, Leveraging Procedural Generation to Benchmark Reinforcement Learning",
    summary:
      "PPO learns games from pictures on a number of training levels and is tested on all levels; a random policy, and the "
      + "best policy that sees nothing, play the same levels. Normalised scores have the blind policy at 0 and the best "
      + "possible return at 1.",
    data: ["easy-200.csv", "easy-all.csv", "hard-500.csv", "hard-all.csv"])

  let options: RecipeOptions
  let settings: ProcgenSettings
  let agent: AgentSettings
  let published: [Int: PublishedCurves]

  /// One run: a game, a number of training levels, a width.
  struct Cell: Sendable, Hashable {
    var game: Game
    var levels: Int
    var width: Double
    /// The name of its stages.
    var name: String {
      "\(game)-\(levels == 0 ? "all" : "\(levels)")-w\(fixed(width, width == width.rounded() ? 0 : 2))"
    }
  }

  /// The recipe with its defaults.
  public init(_ options: RecipeOptions) throws {
    try self.init(options, settings: ProcgenSettings(), agent: AgentSettings())
  }

  /// The recipe with sizes and rates of one's own.
  ///
  /// - Throws: `ArcadeError` for a mode that a game lacks, `DataError` for published curves that can't be read.
  public init(_ options: RecipeOptions, settings: ProcgenSettings, agent: AgentSettings) throws {
    var (settings, agent) = (settings, agent)
    if options.isQuick {
      (agent.environments, agent.steps, agent.minibatches, agent.epochs) = (8, 32, 2, 1)
      settings.steps = min(settings.steps ?? 1024, 1024)
      (settings.blindSteps, settings.evaluationEpisodes, settings.testEnvironments) = (512, 2, 4)
    }
    (self.options, self.settings, self.agent) = (options, settings, agent)
    published =
      try options.data.map { folder in
        try Dictionary(
          uniqueKeysWithValues: settings.levels.compactMap { levels in
            try PublishedCurves.file(settings.mode, levels: levels).map {
              (levels, try PublishedCurves(contentsOf: "\(folder)/\($0)"))
            }
          })
      } ?? [:]
    // What a game can't do is said before anything is played.
    for game in settings.games {
      for levels in settings.levels { _ = try Environment(game, levelOptions(levels), seed: 0) }
    }
  }

  var cells: [Cell] {
    settings.games.flatMap { game in
      settings.levels.flatMap { levels in settings.widths.map { Cell(game: game, levels: levels, width: $0) } }
    }
  }

  /// Steps of all training environments in a run.
  var steps: Int {
    let standard = settings.network == .small ? 5_000_000 : settings.mode == .easy ? 25_000_000 : 200_000_000
    return settings.steps ?? Int(Double(standard) * options.scale)
  }

  /// Everything that decides the results.
  public var configuration: [String: JSONValue] {
    get throws {
      var members = try JSONValue(encoding: settings).object?.members.map { ($0.key, $0.value) } ?? []
      members += try JSONValue(encoding: agent).object?.members.map { ($0.key, $0.value) } ?? []
      members.append(("device", .string(options.device.description)))
      return Dictionary(members) { $1 }
    }
  }

  /// Seconds on two cores with the small network.
  public var plan: [PlannedStage] {
    let limit = options.minutes.map { $0 * 60 / Double(cells.count) } ?? .infinity
    return settings.games.flatMap { game in
      [
        PlannedStage("random-\(game)", seconds: 5),
        PlannedStage("blind-\(game)", seconds: Double(settings.blindSteps) / 15_000),
        PlannedStage("blind-\(game)-scores", seconds: 20),
      ]
    }
      + cells.flatMap { cell in
        [
          PlannedStage(cell.name, seconds: min(limit, Double(steps) / (settings.network == .small ? 3000 : 100))),
          PlannedStage("\(cell.name)-scores", seconds: 60),
        ]
      }
  }

  // MARK: Stages

  /// Returns of a policy that isn't trained on a game, by number of training levels; "0" is all levels.
  typealias Baseline = [String: [Double]]

  /// A trained policy's episodes.
  struct Scores: Codable {
    /// Steps of all training environments.
    var steps: Int
    /// Seconds of training.
    var seconds: Double
    var train: PolicyEvaluation
    var test: PolicyEvaluation
  }

  /// Measures what sees nothing, trains, evaluates.
  public func run(in run: RecipeRun) async throws -> RecipeFindings {
    var (random, blind): ([Game: Baseline], [Game: Baseline]) = ([:], [:])
    for game in settings.games {
      random[game] = try await run.stored("random-\(game)") {
        try returns { levels in
          try RandomPolicySample.play(
            game, levelOptions(levels), episodes: episodes, seed: seed("random \(game)")
          ).returns.map(Double.init)
        }
      }
      blind[game] = try await blindReturns(game, in: run)
    }
    var results: [(Cell, Scores)] = []
    for cell in cells { results.append((cell, try await scores(of: cell, in: run))) }
    return findings(results, random: random, blind: blind, in: run)
  }

  private func blindReturns(_ game: Game, in run: RecipeRun) async throws -> Baseline {
    // A policy that is told nothing has nothing to remember levels by: it is trained on all of them.
    let learner = try learner(game, levels: 0, network: network(.blind), purpose: "blind", testEnvironments: 0)
    _ = try run.stage("blind-\(game)") {
      try run.train("blind-\(game)", learner, training(steps: settings.blindSteps, width: 1))
    }
    return try await run.stored("blind-\(game)-scores") {
      try returns { try evaluation(of: learner.network, game, levels: $0, purpose: "blind").returns }
    }
  }

  private func scores(of cell: Cell, in run: RecipeRun) async throws -> Scores {
    let learner = try learner(
      cell.game, levels: cell.levels, network: network(settings.network.kind, width: cell.width), purpose: "train",
      testEnvironments: cell.levels == 0 ? 0 : settings.testEnvironments)
    let limit = options.minutes.map { $0 * 60 / Double(cells.count) }
    let done = try run.stage(cell.name) {
      try run.train(cell.name, learner, training(steps: steps, width: cell.width)) {
        limit.map { learner.seconds >= $0 } ?? false
      }
    }
    // A run that is given more minutes later has other scores then.
    return try await run.stored("\(cell.name)-scores", file: "\(cell.name)-scores-\(done)") {
      let test = try evaluation(of: learner.network, cell.game, levels: 0, purpose: "test")
      let train =
        cell.levels == 0
        ? test : try evaluation(of: learner.network, cell.game, levels: cell.levels, purpose: "train")
      return Scores(steps: done * agent.batchSize, seconds: learner.seconds, train: train, test: test)
    }
  }

  // MARK: Parts

  private func seed(_ purpose: String) -> UInt64 { DerivedSeed(run: options.seed, for: purpose).value }

  private func levelOptions(_ levels: Int) -> GameOptions {
    GameOptions(mode: settings.mode, levels: levels, firstLevel: levels == 0 ? 0 : settings.startLevel)
  }

  /// As many episodes of every environment, so that no kind is seen more often for being short.
  private var episodes: Int {
    let count = evaluationEnvironments
    return (settings.evaluationEpisodes + count - 1) / count * count
  }
  private var evaluationEnvironments: Int { min(64, settings.evaluationEpisodes) }

  /// Something measured on all levels and on each number of training levels.
  private func returns(_ measure: (Int) throws -> [Double]) throws -> Baseline {
    try Dictionary(uniqueKeysWithValues: Set(settings.levels + [0]).sorted().map { ("\($0)", try measure($0)) })
  }

  private func network(_ kind: ActorCritic.Kind, width: Double = 1) -> ActorCritic {
    let made = ActorCritic(
      kind, shape: [Environment.observationSize, Environment.observationSize, 3], actions: GameAction.count,
      width: width, generator: Generator(seed: seed("network")))
    made.to(device: options.device)
    return made
  }

  private func learner(
    _ game: Game, levels: Int, network: ActorCritic, purpose: String, testEnvironments: Int
  ) throws -> AgentLearner {
    func group(_ levels: Int, _ count: Int, _ purpose: String) throws -> VectorEnvironment {
      try VectorEnvironment(
        game, levelOptions(levels), count: count, seed: seed("\(purpose) \(game) \(levels)"), threads: Machine.cores)
    }
    return AgentLearner(
      network, environments: try group(levels, agent.environments, purpose),
      observed: testEnvironments == 0 ? nil : try group(0, testEnvironments, "test"), options: agent,
      settings: training(steps: steps, width: 1))
  }

  /// The loop's settings; wider networks get smaller rates, as published.
  private func training(steps: Int, width: Double) -> TrainingSettings {
    var made = AgentSettings.training
    made.maxSteps = max(1, steps / agent.batchSize)
    made.batchSize = agent.batchSize
    made.learningRate = settings.learningRate / width.squareRoot()
    made.seed = options.seed
    made.saveTotalLimit = 1
    return made
  }

  private func evaluation(
    of network: ActorCritic, _ game: Game, levels: Int, purpose: String
  ) throws -> PolicyEvaluation {
    let environments = try VectorEnvironment(
      game, levelOptions(levels), count: evaluationEnvironments,
      seed: seed("evaluation \(purpose) \(game) \(levels)"), threads: Machine.cores)
    let made = try PolicyEvaluation.play(
      network, in: environments, episodes: episodes, seed: seed("evaluation \(purpose)"),
      isStopped: { InterruptSignals.stopRequested })
    guard let made else { throw RecipeRun.Interrupted() }
    return made
  }
}
