import Agents
import Arcade
import Documents
import Foundation
import NeuralNetworks
import Settings
import TestSupport
import Testing
import Torch
import Training

@Suite(.serialized) struct AgentLearnerTests {
  private static func options() -> AgentSettings {
    var options = AgentSettings()
    (options.environments, options.steps, options.minibatches) = (8, 20, 4)
    return options
  }

  private static func settings(_ options: AgentSettings, steps: Int, seed: UInt64 = 1) -> TrainingSettings {
    var settings = AgentSettings.training
    (settings.maxSteps, settings.seed, settings.batchSize, settings.saveMinutes) = (steps, seed, options.batchSize, 0)
    settings.learningRate = 2e-3
    return settings
  }

  private static func learner(_ settings: TrainingSettings, _ options: AgentSettings, sees: Bool = true) -> AgentLearner
  {
    let shape = [LineWorld.size, LineWorld.size, 3]
    let body: ImageBody =
      sees ? StridedBody(shape: shape, width: 0.25, features: 32, generator: Generator(seed: 1)) : BlindBody()
    let network = ActorCritic(body: body, shape: shape, actions: LineWorld.places, generator: Generator(seed: 2))
    return AgentLearner(
      network, environments: LineWorld(count: options.environments, seed: 1), observed: LineWorld(count: 4, seed: 2),
      options: options, settings: settings)
  }

  private static func train(_ learner: AgentLearner, _ settings: TrainingSettings, in path: String) throws
    -> TrainingLoop.Ending
  {
    let folder = try RunFolder(path, manifest: RunManifest(command: "test", configuration: [:], seed: settings.seed))
    return try TrainingLoop(settings, folder: folder, title: "test").run(learner)
  }

  private static func bits(_ learner: AgentLearner) -> [[UInt32]] {
    learner.network.parameters.map { $0.tensor.array().map(\.bitPattern) }
  }

  @Test func learnsWhatItSeesAndNothingOfWhatItDoesNot() throws {
    let folder = try TemporaryFolder()
    let options = Self.options()
    let settings = Self.settings(options, steps: 40)
    var means: [Double] = []
    for (name, sees) in [("sees", true), ("blind", false)] {
      let learner = Self.learner(settings, options, sees: sees)
      #expect(try Self.train(learner, settings, in: folder.path(name)) == .finished)
      let score = try PolicyEvaluation.play(
        learner.network, in: LineWorld(count: 16, seed: 7), episodes: 160, seed: 3)
      means.append(try #require(score).mean)
      #expect(score?.returns.count == 160 && score?.lengths.allSatisfy { $0 == LineWorld.length } == true)
    }
    // Five pictures with one of four places: who sees can have 5, who doesn't 1.25.
    #expect(means[0] > 4.5, "\(means)")
    #expect(means[1] > 0.9 && means[1] < 1.6, "\(means)")
    let lines = try String(contentsOfFile: folder.path("sees/metrics.jsonl"), encoding: .utf8).split(separator: "\n")
    let last = try JSONValue(parsing: Array(try #require(lines.last).utf8))
    #expect(last["env_steps"]?.int == 40 * options.batchSize && (last["test_return"]?.double ?? 0) > 4)
    #expect((last["episode_return"]?.double ?? 0) > 4 && last["tokens_per_second"] == nil)
  }

  @Test func resumesToTheBit() throws {
    let folder = try TemporaryFolder()
    let options = Self.options()
    let whole = Self.learner(Self.settings(options, steps: 5), options)
    #expect(try Self.train(whole, Self.settings(options, steps: 5), in: folder.path("whole")) == .finished)
    _ = try Self.train(
      Self.learner(Self.settings(options, steps: 2), options), Self.settings(options, steps: 2),
      in: folder.path("parts"))
    let rest = Self.learner(Self.settings(options, steps: 5), options)
    _ = try Self.train(rest, Self.settings(options, steps: 5), in: folder.path("parts"))
    #expect(Self.bits(rest) == Self.bits(whole))
    func returns(_ name: String) throws -> [String?] {
      try String(contentsOfFile: folder.path("\(name)/metrics.jsonl"), encoding: .utf8).split(separator: "\n").map {
        line in
        let object = try JSONValue(parsing: Array(line.utf8))
        return ["loss", "episode_return", "test_return", "reward_scale", "entropy"].map {
          object[$0]?.serialized() ?? ""
        }
        .joined(separator: " ")
      }
    }
    #expect(try returns("parts") == returns("whole"))
    let other = Self.learner(Self.settings(options, steps: 5, seed: 2), options)
    _ = try Self.train(other, Self.settings(options, steps: 5, seed: 2), in: folder.path("other"))
    #expect(Self.bits(other) != Self.bits(whole))
  }

  @Test func aGameResumesToTheBit() throws {
    let folder = try TemporaryFolder()
    var options = Self.options()
    (options.environments, options.minibatches, options.epochs) = (4, 2, 1)
    func make() throws -> AgentLearner {
      let network = ActorCritic(
        .small, shape: [64, 64, 3], actions: GameAction.count, width: 0.25, generator: Generator(seed: 1))
      return AgentLearner(
        network,
        environments: try VectorEnvironment(
          .bigfish, GameOptions(mode: .easy, levels: 3), count: 4, seed: 5, threads: 2),
        observed: try VectorEnvironment(.bigfish, GameOptions(mode: .easy), count: 4, seed: 6),
        options: options, settings: Self.settings(options, steps: 4))
    }
    let whole = try make()
    _ = try Self.train(whole, Self.settings(options, steps: 4), in: folder.path("whole"))
    _ = try Self.train(try make(), Self.settings(options, steps: 2), in: folder.path("parts"))
    let rest = try make()
    _ = try Self.train(rest, Self.settings(options, steps: 4), in: folder.path("parts"))
    #expect(Self.bits(rest) == Self.bits(whole))
  }

  @Test func endsWhenTimeIsUpAndGoesOnWithMore() throws {
    let folder = try TemporaryFolder()
    let options = Self.options()
    let settings = Self.settings(options, steps: 6)
    var steps = 0
    func run(until limit: Int) throws -> (TrainingLoop.Ending, AgentLearner) {
      let learner = Self.learner(settings, options)
      let run = try RunFolder(folder.path("run"), manifest: RunManifest(command: "test", configuration: [:], seed: 1))
      let loop = TrainingLoop(settings, folder: run, title: "test")
      loop.isTimeUp = {
        steps += 1
        return steps > limit
      }
      return (try loop.run(learner), learner)
    }
    // It is asked before and after each step.
    #expect(try run(until: 3).0 == .interrupted(step: 2))
    steps = 0
    // Time that was up before: nothing is done, and what was saved is there.
    let (ending, learner) = try run(until: 0)
    #expect(ending == .interrupted(step: 2) && learner.seconds > 0)
    steps = 0
    let whole = Self.learner(settings, options)
    _ = try Self.train(whole, settings, in: folder.path("whole"))
    let (last, rest) = try run(until: 1000)
    #expect(last == .finished && Self.bits(rest) == Self.bits(whole))
  }

  @Test func minibatchesMustDivideTheRollout() throws {
    #expect(throws: SettingError.self) { _ = try AgentSettings().replacing(["num_minibatches": ["7"]]) }
    #expect(try AgentSettings().replacing(["num_envs": ["7"], "num_minibatches": ["7"]]).batchSize == 7 * 256)
    for (key, word) in [("gamma", "1.1"), ("clip_coef", "0"), ("num_envs", "0"), ("precision", "float8")] {
      #expect(throws: SettingError.self) { _ = try AgentSettings().replacing([key: [word]]) }
    }
  }
}
