public import Agents
import Foundation
import NeuralNetworks
import Torch
import Training

/// A submission that is an agent of this package: PPO in the evaluator's environments, then its policy in the rollout.
public struct AgentSubmission {
  /// The network.
  public var network = ActorCritic.Kind.small
  /// A factor on its numbers of channels.
  public var width = 1.0
  /// The settings of PPO; the number of environments is the evaluator's.
  public var settings = AgentSettings()
  /// The frames between the two that are seen together; 1 shows the last alone.
  public var stack = 1
  /// The learning rate.
  public var learningRate = 5e-4

  /// The published settings, with the network for processors.
  public init() {}

  /// Trains while there are steps, and plays what it has learnt.
  ///
  /// - Throws: ``CompetitionClient/Ended`` where the evaluator ends the conversation, and what is wrong with the settings.
  public func run(_ client: CompetitionClient) throws {
    let terms = client.terms
    let environments = RemoteEnvironments(client, stack: stack)
    var options = settings
    options.environments = terms.environments
    // A short training has at least a few updates.
    let most = max(1, terms.trainingSteps / terms.environments / 4)
    options.steps = min(options.steps, most)
    options.minibatches = min(options.minibatches, options.batchSize)
    while options.batchSize % options.minibatches != 0 { options.minibatches -= 1 }
    let made = ActorCritic(
      network, shape: environments.observationShape, actions: terms.actions, width: width,
      generator: Generator(seed: terms.seed))
    var training = AgentSettings.training
    training.learningRate = learningRate / width.squareRoot()
    training.seed = terms.seed
    training.maxSteps = terms.trainingSteps / options.batchSize
    training.batchSize = options.batchSize
    let began = ContinuousClock.now
    if training.maxSteps > 0 {
      try Self.train(made, environments, options, training, until: began + .seconds(terms.trainingSeconds))
    }
    try client.beginRollout()
    environments.begin()
    // Played until the evaluator has seen enough.
    while !client.isOver {
      _ = try PolicyEvaluation.play(
        made, in: environments, episodes: 1 << 20, seed: terms.seed, isStopped: { client.isOver })
    }
  }

  private static func train(
    _ network: ActorCritic, _ environments: RemoteEnvironments, _ options: AgentSettings, _ settings: TrainingSettings,
    until limit: ContinuousClock.Instant
  ) throws {
    let learner = AgentLearner(network, environments: environments, options: options, settings: settings)
    let path = NSTemporaryDirectory() + "/run-\(getpid())"
    let folder = try RunFolder(
      path, manifest: RunManifest(command: "competition agent", configuration: [:], seed: settings.seed))
    let loop = TrainingLoop(settings, folder: folder, title: "agent")
    var longest = Duration.zero
    var last = ContinuousClock.now
    // An update more must fit into the time that is left.
    loop.isTimeUp = {
      let now = ContinuousClock.now
      longest = max(longest, now - last)
      last = now
      return environments.client.isOver || now + longest >= limit
    }
    _ = try loop.run(learner)
  }
}
