public import Foundation
public import NeuralNetworks
import Reinforcement
import Statistics
import Torch
public import Training

/// Proximal policy optimisation of an agent that sees pictures (Schulman 2017; Cobbe 2019).
///
/// Each step plays `num_steps` in every environment, estimates advantages, and makes `update_epochs · num_minibatches` clipped
/// updates. A second group of environments may play along with the same policy and is learnt nothing from: what the agent
/// makes of levels that it doesn't train on, measured as the published curves are. A checkpoint holds the environments'
/// states too, so that a run goes on to the bit.
public final class AgentLearner: Learner {
  /// The trained network.
  public let network: ActorCritic
  let environments: any AgentEnvironments
  let observed: (any AgentEnvironments)?
  let options: AgentSettings
  let settings: TrainingSettings
  private let sampler: PolicySampler
  /// Two hundred megabytes at the published sizes: one for all steps.
  private var rollout: Rollout
  private var progress: AgentProgress
  /// Seconds of all steps so far, of earlier processes too.
  public private(set) var seconds = 0.0

  /// - Parameters:
  ///   - environments: as many as `options` says.
  ///   - observed: environments that play along and aren't trained in.
  public init(
    _ network: ActorCritic, environments: any AgentEnvironments, observed: (any AgentEnvironments)? = nil,
    options: AgentSettings, settings: TrainingSettings
  ) {
    precondition(
      environments.count == options.environments, "\(environments.count) environments, not \(options.environments)")
    self.network = network
    self.environments = environments
    self.observed = observed
    self.options = options
    self.settings = settings
    network.precision = options.precision ?? Self.fastest(on: network.device)
    network.requireGradients()
    rollout = Rollout(
      steps: options.steps, environments: options.environments, shape: network.shape, device: network.device)
    sampler = PolicySampler(network, count: environments.count + (observed?.count ?? 0))
    progress = AgentProgress(
      rewards: RewardNormalizer(environments: environments.count, gamma: options.rewardGamma),
      episodes: EpisodeLog(environments: environments.count),
      observed: observed.map { EpisodeLog(environments: $0.count) })
  }

  /// The type in which a device multiplies fastest.
  private static func fastest(on device: Device) -> Precision {
    device.kind == .cuda || (device.kind == .cpu && PackedLinear.multipliesBFloat16) ? .bfloat16 : .float32
  }

  /// The network.
  public var modules: [(name: String, module: Module)] { [("agent", network)] }
  /// The seconds so far.
  public var state: [String: Double] {
    get { ["seconds": seconds] }
    set { seconds = newValue["seconds"] ?? 0 }
  }
  /// The returns on both kinds of levels, and the speed.
  public var shownMetrics: [(label: String, metric: String)] {
    [("return", "episode_return"), ("unseen", "test_return"), ("steps/s", "steps_per_second")]
  }
  /// The observations of a rollout.
  public var memory: StepMemory { StepMemory(bytesPerExample: network.shape.reduce(1, *)) }

  /// One rollout and its updates.
  public func step(_ step: Int, _ updater: Updater) throws -> StepReport {
    let began = ContinuousClock.now
    var played = Duration.zero
    try play(step, &played)
    let drawn = ContinuousClock.now
    var metrics: Metrics = ["env_steps": Double((step + 1) * options.batchSize)]
    metrics["episode_return"] = progress.episodes.meanReturn
    metrics["episode_length"] = progress.episodes.meanLength
    metrics["episodes"] = Double(progress.episodes.count)
    if let observed = progress.observed {
      metrics["test_return"] = observed.meanReturn
      metrics["test_episodes"] = Double(observed.count)
    }
    metrics["reward_scale"] = progress.rewards.scale
    let loss = try learn(step, updater, &metrics)
    let ended = ContinuousClock.now
    metrics["time/rollout"] = (drawn - began) / .seconds(1)
    metrics["time/environment"] = played / .seconds(1)
    metrics["time/update"] = (ended - drawn) / .seconds(1)
    seconds += (ended - began) / .seconds(1)
    metrics["steps_per_second"] = Double(options.batchSize) / max((ended - began) / .seconds(1), 1e-9)
    return StepReport(loss: loss, tokens: 0, metrics: metrics)
  }

  // MARK: Playing

  private func play(_ step: Int, _ time: inout Duration) throws {
    let own = environments.count
    rollout.rewards.removeAll(keepingCapacity: true)
    rollout.ends.removeAll(keepingCapacity: true)
    let groups = [environments] + (observed.map { [$0] } ?? [])
    let noise = PolicySampler.gumbel(
      [options.steps, sampler.pixels.size(0), network.actions],
      seed: DerivedSeed(run: settings.seed, for: "actions", step: step).value, device: network.device)
    for t in 0..<options.steps {
      sampler.look(at: groups)
      let drawn = sampler.draw(noise.select(t, axis: 0))
      rollout.note(t, seen: sampler.pixels, drawn)
      // The one number an environment that comes back from the device in a step.
      let actions = drawn.actions.array(of: Int32.self)
      let began = ContinuousClock.now
      try environments.step(Array(actions[..<own]))
      try observed?.step(Array(actions[own...]))
      time += ContinuousClock.now - began
      let (rewards, ends) = Self.results(of: environments)
      progress.episodes.add(rewards, ends: ends)
      rollout.rewards += options.normalizesRewards ? progress.rewards.normalize(rewards, ends: ends) : rewards
      rollout.ends += ends
      if let observed {
        let (rewards, ends) = Self.results(of: observed)
        progress.observed?.add(rewards, ends: ends)
      }
    }
    sampler.look(at: groups)
    let last = sampler.draw(noise.select(0, axis: 0))
    rollout.values.select(options.steps, axis: 0).copyInPlace(last.values.slice(0..<own))
  }

  private static func results(of environments: any AgentEnvironments) -> ([Float], [Bool]) {
    (Array(environments.rewards), (0..<environments.count).map { environments.isDone($0) })
  }

  // MARK: Learning

  private func learn(_ step: Int, _ updater: Updater, _ metrics: inout Metrics) throws -> Double {
    let device = network.device
    let values = rollout.values.array()
    let estimate = Advantages.generalized(
      rewards: rollout.rewards, values: values, ends: rollout.ends, environments: environments.count,
      gamma: Float(options.gamma), lambda: Float(options.lambda))
    let batch = AgentBatch(
      observations: rollout.observations.flattened(0, 1), actions: rollout.actions.flattened(),
      logProbabilities: rollout.logProbabilities.flattened(),
      values: rollout.values.slice(0..<options.steps).flattened(),
      advantages: Tensor(estimate.advantages).to(device: device), returns: Tensor(estimate.returns).to(device: device))
    let size = options.batchSize / options.minibatches
    let sums = Tensor.zeros([AgentUpdate.names.count], device: device)
    var norm = 0.0
    for epoch in 0..<options.epochs {
      let seed = DerivedSeed(run: settings.seed, for: "minibatches", step: step, index: epoch).value
      let order = Tensor.randperm(options.batchSize, generator: Generator(seed: seed)).to(device: device)
      for start in stride(from: 0, to: options.batchSize, by: size) {
        let statistics = AgentUpdate(options).backward(network, batch.rows(order.slice(start..<start + size)))
        sums.addInPlace(statistics, factor: 1 / Double(options.epochs * options.minibatches))
        norm = try updater.apply(step: step + 1, batch: "rollout \(step + 1)")
      }
    }
    let means = sums.array(of: Double.self)
    for (name, mean) in zip(AgentUpdate.names, means) where name != "loss" { metrics[name] = mean }
    metrics["explained_variance"] = Self.explainedVariance(of: estimate.returns, by: values)
    metrics["grad_norm"] = norm
    return means[0]
  }

  /// 1 − Var(R − V)/Var(R); nothing to explain is explained.
  private static func explainedVariance(of returns: [Float], by values: [Float]) -> Double {
    func variance(_ x: [Double]) -> Double {
      let mean = x.reduce(0, +) / Double(x.count)
      return x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    }
    let all = variance(returns.map(Double.init))
    return all > 0 ? 1 - variance(zip(returns, values).map { Double($0) - Double($1) }) / all : 1
  }

  // MARK: Checkpoints

  private static let progressFile = "agent.json"
  private static let environmentsFile = "environments.safetensors"

  /// Writes the weights, the environments' states and what is counted.
  public func save(to folder: URL) throws {
    try Safetensors.write(network.state, to: folder.appendingPathComponent(Safetensors.fileName))
    var states: [(String, Tensor)] = []
    for (name, group) in [("train", environments)] + (observed.map { [("test", $0)] } ?? []) {
      for (index, state) in group.states().enumerated() { states.append(("\(name).\(index)", Tensor(state))) }
    }
    try Safetensors.write(states, to: folder.appendingPathComponent(Self.environmentsFile))
    try JSONEncoder().encode(progress).write(to: folder.appendingPathComponent(Self.progressFile))
  }

  /// Reads them back.
  public func load(from folder: URL) throws {
    try network.load(Safetensors(folder).tensors())
    let states = try Safetensors(folder.appendingPathComponent(Self.environmentsFile))
    for (name, group) in [("train", environments)] + (observed.map { [("test", $0)] } ?? []) {
      try group.restore(
        (0..<group.count).map { try states.tensor("\(name).\($0)").array(of: UInt8.self) })
    }
    progress = try JSONDecoder().decode(
      AgentProgress.self, from: Data(contentsOf: folder.appendingPathComponent(Self.progressFile)))
  }
}

/// What a run of an agent counts from step to step.
struct AgentProgress: Codable {
  var rewards: RewardNormalizer
  var episodes: EpisodeLog
  var observed: EpisodeLog?
}
