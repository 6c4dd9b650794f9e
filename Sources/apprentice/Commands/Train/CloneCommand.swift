import Agents
import Arcade
import ArgumentParser
import Foundation
import NeuralNetworks
import Statistics
import Torch
import Training

/// `apprentice train clone`.
struct CloneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clone",
    abstract: "Clone an agent from recorded play of a game.",
    discussion: """
      Learns, picture by picture, the action that a person took. The files are those of 'apprentice games play --record'; \
      whole replays are kept out for evaluation, and the agent plays levels of the same mode.

      EXAMPLE:
        apprentice train clone --data ninja.jsonl --run runs/ninja      # after: apprentice games play ninja --record ninja.jsonl
      """)

  @Option(parsing: .upToNextOption, help: .init("Files of replays.", valueName: "path"))
  var data: [String]

  @Option(help: .init("The network: small or impala.", valueName: "name"))
  var network = "small"

  @OptionGroup var training: TrainingOptions<CloningSettings>
  @OptionGroup var configuration: ConfigurationOptions

  func validate() throws {
    guard ["small", "impala"].contains(network) else {
      throw ValidationError("--network \(network): it must be small or impala.")
    }
  }

  func run() throws {
    let settings = training.settings
    let replays = try data.flatMap { try Replay.read($0) }
    let demonstrations = try Demonstrations(replays, path: data.joined(separator: ", "))
    let device = try Device(parsing: training.device)
    let made = ActorCritic(
      ActorCritic.Kind(rawValue: network) ?? .small, shape: Array(demonstrations.observations.shape.dropFirst()),
      actions: GameAction.count, generator: Generator(seed: settings.seed))
    made.to(device: device)
    let options = GameOptions(mode: replays[0].options.mode)
    let game = replays[0].game
    let learner = CloningLearner(made, demonstrations, options: training.learner, settings: settings) {
      [episodes = training.learner.episodes] in
      try VectorEnvironment(
        game, options, count: min(64, max(1, episodes)), seed: DerivedSeed(run: settings.seed, for: "evaluation").value,
        threads: Machine.cores)
    }
    Log.raw(
      "\(game): \(replays.count) replays of \(demonstrations.replays.count) steps, mean return "
        + String(format: "%.2f", demonstrations.meanReturn))
    try training.drive(learner, of: self)
  }
}
