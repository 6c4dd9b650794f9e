// Gotta Learn Fast (Nichol 2018): what of a training on other levels helps to learn a new one.
//
// Covered: the protocol (47 and 11 levels, sticky frame skip, 4,500 steps an episode, the reward of progress with its bonus, the mean
// over all episodes of a level's steps), JERK, PPO from nothing, PPO after joint training on the 47. Not covered: Rainbow. The levels
// are our own platformers', since Sonic's cartridges can't be given away; so figures lie beside the published ones, not on them.

import Agents
public import Documents
import Emulation
import Foundation
import NeuralNetworks
import Statistics
import Torch
import Training

/// The Retro Contest's benchmark on our own platformers.
public struct SonicRecipe: Recipe {
  /// Its agents compute where they are told to.
  public static let usesDevice = true
  /// The recipe's card.
  public static let card = RecipeCard(
    name: "sonic", title: "Learning a new level fast",
    paper: "Nichol et al. 2018, Gotta Learn Fast: A New Benchmark for Generalization in RL",
    summary:
      "Agents get so many steps in each of 11 levels that they have never seen, and are scored by the mean return of all their "
      + "episodes there: a random policy, JERK, PPO from nothing, and PPO that was trained on 47 other levels together."
  )

  let options: RecipeOptions
  /// Steps in each test level.
  let steps: Int
  /// Steps of the joint training, over all levels.
  let jointSteps: Int
  let levels: [PlatformContest.Level]

  /// The recipe with its sizes.
  ///
  /// - Throws: ``RecipeError`` for settings that are none.
  public init(_ options: RecipeOptions) throws {
    self.options = options
    func number(_ key: String, _ standard: Int) throws -> Int {
      guard let words = options.settings[key] else { return standard }
      guard let value = words.first.flatMap({ Int($0) }), value >= 0 else {
        throw RecipeError(description: "--set \(key)=\(words.joined(separator: ",")): it must be a number from 0 on.")
      }
      return value
    }
    if let bad = options.settings.keys.first(where: { !["steps", "joint_steps", "levels"].contains($0) }) {
      throw RecipeError(
        description: "--set \(bad): the recipe sonic has the settings steps, joint_steps and levels.")
    }
    let standard = options.isQuick ? 512 : Int(100_000 * options.scale)
    steps = max(64, try number("steps", standard))
    jointSteps = try number("joint_steps", options.isQuick ? 1_024 : 10 * steps)
    let all = PlatformContest.test
    let count = min(all.count, max(1, try number("levels", options.isQuick ? 2 : all.count)))
    // Fewer levels are still of all games.
    levels = (0..<count).map { all[$0 * all.count / count] }
  }

  /// Everything that decides the results.
  public var configuration: [String: JSONValue] {
    [
      "steps": .int(steps), "joint_steps": .int(jointSteps), "levels": .array(levels.map { .string($0.name) }),
      "device": .string(options.device.description),
    ]
  }

  /// Seconds on two cores.
  public var plan: [PlannedStage] {
    let one = Double(steps)
    return [PlannedStage("joint", seconds: Double(jointSteps) / 1_500)]
      + levels.flatMap { level in
        [
          PlannedStage("random-\(level.name)", seconds: one / 20_000),
          PlannedStage("jerk-\(level.name)", seconds: one / 20_000),
          PlannedStage("ppo-\(level.name)", seconds: one / 1_500),
          PlannedStage("joint-ppo-\(level.name)", seconds: one / 1_500),
        ]
      }
  }

  /// The returns of all episodes of an agent in a level.
  struct Outcome: Codable {
    var returns: [Double]
    /// The level's score.
    var mean: Double { returns.reduce(0, +) / Double(max(1, returns.count)) }
  }

  static let agents = ["random", "jerk", "ppo", "joint-ppo"]

  /// Trains together, then plays and learns every test level.
  public func run(in run: RecipeRun) async throws -> RecipeFindings {
    let weights = "joint.safetensors"
    _ = try await run.stored("joint") {
      let network = try jointNetwork(in: run)
      try Safetensors.write(network.state, to: URL(fileURLWithPath: run.path(of: weights)))
      return Outcome(returns: [])
    }
    var outcomes: [String: [Outcome]] = [:]
    for level in levels {
      for agent in Self.agents {
        let outcome = try await run.stored("\(agent)-\(level.name)") {
          switch agent {
          case "random": try random(level)
          case "jerk": try jerk(level)
          case "ppo": try learn(level, network(), "ppo", in: run)
          default:
            try learn(
              level, network(from: URL(fileURLWithPath: run.path(of: weights))), "joint-ppo", in: run)
          }
        }
        outcomes[agent, default: []].append(outcome)
      }
    }
    return findings(outcomes, in: run)
  }

  // MARK: Agents

  private func seed(_ purpose: String) -> UInt64 { DerivedSeed(run: options.seed, for: purpose).value }

  private func level(_ level: PlatformContest.Level, _ purpose: String, index: Int = 0) throws -> PlatformLevel {
    try PlatformLevel(
      level.game, seed: level.seed,
      draws: DerivedSeed(run: options.seed, for: "sticky \(purpose) \(level.name)", index: index).value)
  }

  private func random(_ place: PlatformContest.Level) throws -> Outcome {
    let level = try level(place, "random")
    var draw = SeededGenerator(seed: seed("random \(place.name)"))
    var (returns, sum): ([Double], Double) = ([], 0)
    for step in 0..<steps {
      if step % 512 == 0, InterruptSignals.stopRequested { throw RecipeRun.Interrupted() }
      let actions = ContestAction.allCases
      let result = try level.step(actions[draw.index(below: actions.count)])
      sum += result.reward
      if result.isDone || step == steps - 1 {
        returns.append(sum)
        sum = 0
        try level.reset()
      }
    }
    return Outcome(returns: returns)
  }

  private func jerk(_ place: PlatformContest.Level) throws -> Outcome {
    var agent = JERK(steps: steps, seed: seed("jerk \(place.name)"))
    let returns = try agent.run(level(place, "jerk"), isStopped: { InterruptSignals.stopRequested })
    guard let returns else { throw RecipeRun.Interrupted() }
    return Outcome(returns: returns)
  }

  private func network(from file: URL? = nil) throws -> ActorCritic {
    let made = ActorCritic(
      .small, shape: [64, 64, 3], actions: ContestAction.allCases.count, generator: Generator(seed: seed("network")))
    if let file { try made.load(Safetensors(file).tensors()) }
    made.to(device: options.device)
    return made
  }

  /// The published rates with batches for one core: eight copies of a level instead of one with a long horizon.
  private func settings(environments: Int, steps: Int) -> (agent: AgentSettings, training: TrainingSettings) {
    var agent = AgentSettings()
    agent.environments = environments
    agent.steps = max(1, min(128, steps / environments))
    agent.minibatches = 4
    while agent.batchSize % agent.minibatches != 0 { agent.minibatches -= 1 }
    agent.gamma = 0.99
    agent.normalizesRewards = false
    var training = AgentSettings.training
    training.maxSteps = max(1, steps / agent.batchSize)
    training.batchSize = agent.batchSize
    training.learningRate = 5e-4
    training.seed = options.seed
    training.saveTotalLimit = 1
    return (agent, training)
  }

  private func train(
    _ network: ActorCritic, _ environments: ContestEnvironments, steps: Int, _ name: String, in run: RecipeRun
  ) throws {
    let settings = settings(environments: environments.count, steps: steps)
    let learner = AgentLearner(
      network, environments: environments, options: settings.agent, settings: settings.training)
    // A level's steps are counted from the first: what was stopped half-way is begun anew.
    try? FileManager.default.removeItem(atPath: run.path(of: name))
    try run.train(name, learner, settings.training)
  }

  private func jointNetwork(in run: RecipeRun) throws -> ActorCritic {
    let network = try network()
    let places = options.isQuick ? Array(PlatformContest.training.prefix(4)) : PlatformContest.training
    let environments = ContestEnvironments(try places.map { try level($0, "joint") })
    if jointSteps > 0 { try train(network, environments, steps: jointSteps, "joint-training", in: run) }
    return network
  }

  private func learn(
    _ place: PlatformContest.Level, _ network: ActorCritic, _ agent: String, in run: RecipeRun
  ) throws -> Outcome {
    let environments = ContestEnvironments(try (0..<8).map { try level(place, agent, index: $0) })
    try train(network, environments, steps: steps, "\(agent)-\(place.name)-training", in: run)
    return Outcome(returns: environments.allReturns)
  }
}
