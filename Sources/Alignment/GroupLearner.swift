public import Foundation
public import LanguageModels
public import NeuralNetworks
import Reinforcement
import Statistics
public import Tokenization
import Torch
public import Training

/// Learns from rewards that can be checked, by comparing samples of one prompt: GRPO and RLOO.
///
/// There is no value network: a sample is as good as it is better than its siblings. The loss is PPO's clipped one, each
/// token weighing the same over the batch.
public final class GroupLearner: Learner {
  /// The policy.
  public let policy: Decoder
  let reference: Decoder?
  let tokenizer: Tokenizer?
  let prompts: [[Int]]
  let judge: any Judge
  let settings: TrainingSettings
  let options: GroupSettings
  let engine: GenerationEngine
  private var order: EpochOrder

  /// - Parameter reference: needed where `beta` is above 0.
  public init(
    policy: Decoder, reference: Decoder? = nil, tokenizer: Tokenizer?, prompts: [[Int]],
    judge: any Judge, settings: TrainingSettings, options: GroupSettings = GroupSettings()
  ) {
    precondition(options.beta == 0 || reference != nil, "a KL penalty needs a reference")
    self.policy = policy
    self.reference = reference
    self.tokenizer = tokenizer
    self.prompts = prompts
    self.judge = judge
    self.settings = settings
    self.options = options
    engine = GenerationEngine(model: policy, tokenizer: nil)
    order = EpochOrder(count: prompts.count, seed: settings.seed)
    reference?.requireGradients(false)
    policy.requireTraining()
    // Nothing is dropped: probabilities are compared with others of the same tokens.
    policy.train(false)
  }

  /// The policy.
  public var modules: [(name: String, module: Module)] { [("model", policy.trained)] }

  /// One rollout of `batchSize` prompts and its updates.
  public func step(_ step: Int, _ updater: Updater) throws -> StepReport {
    let (rank, size) = updater.rank
    let chosen = order.indices(from: step * settings.batchSize, count: settings.batchSize)
    let mine = chosen.indices.filter { $0 % size == rank }.map { chosen[$0] }
    var rollout = try Rollout.draw(
      mine.map { prompts[$0] }, tasks: mine, samples: options.samples, engine: engine,
      parameters: SamplingParameters(
        temperature: options.temperature, maxTokens: options.maxCompletionLength,
        seed: DerivedSeed(run: settings.seed, for: "rollout", step: step, index: rank).value), tokenizer: tokenizer)
    if let reference, options.beta > 0 {
      rollout.setReferenceLogProbabilities(
        by: reference, temperature: options.temperature, microBatchTokens: settings.microBatchTokens)
    }
    if options.temperature != 1 {
      rollout.setLogProbabilities(
        by: policy, temperature: options.temperature, microBatchTokens: settings.microBatchTokens)
    }
    let rewards = try judge.scores(of: rollout.candidates).map(Float.init)
    var advantages: [Float] = []
    for start in stride(from: 0, to: rewards.count, by: options.samples) {
      advantages += options.advantages(Array(rewards[start..<min(start + options.samples, rewards.count)]))
    }
    let actions = rollout.episodes.reduce(0) { $0 + $1.completion.count }
    let everyone = try updater.total([
      Double(actions), Double(rewards.reduce(0, +)), Double(rewards.count),
    ])
    var (loss, clipped, divergence, norm) = (0.0, 0.0, 0.0, 0.0)
    for _ in 0..<options.iterations {
      (loss, clipped, divergence) = (0, 0, 0)
      let items = Array(zip(rollout.episodes, advantages))
      for pass in microBatches(items, tokens: settings.microBatchTokens, size: { $0.0.tokens.count }) {
        let result = self.loss(pass, normaliser: everyone[0])
        result.loss.backward()
        loss += result.loss.detached().item()
        clipped += result.clipped
        divergence += result.divergence
      }
      norm = try updater.apply(step: step + 1, batch: "rollout \(step + 1)")
    }
    let alike =
      Double(
        stride(from: 0, to: rewards.count, by: options.samples).filter { start in
          Set(rewards[start..<min(start + options.samples, rewards.count)]).count == 1
        }.count) / Double(max(1, mine.count))
    return StepReport(
      loss: loss, tokens: rollout.episodes.reduce(0) { $0 + $1.tokens.count },
      metrics: [
        "grad_norm": norm, "reward": everyone[1] / everyone[2], "clip_ratio": clipped / everyone[0],
        "kl": divergence / everyone[0],
        "completions/mean_length": everyone[0] / everyone[2],
        "frac_reward_zero_std": alike, "frac_reward_varied": 1 - alike,
      ])
  }

  private func loss(
    _ pass: [(Rollout.Episode, Float)], normaliser: Double
  ) -> (loss: Tensor, clipped: Double, divergence: Double) {
    let advantages = pass.flatMap { episode, advantage in episode.completion.map { _ in advantage } }
    let device = policy.device
    let now = CompletionRows(pass.map { ($0.0.prompt, $0.0.completion) }, device: device)
      .logProbabilities(policy, temperature: options.temperature)
    let result = ClippedObjective.policy(
      now, old: Tensor(pass.flatMap(\.0.logProbabilities)).to(device: device),
      advantages: Tensor(advantages).to(device: device), clip: options.clipRange, normaliser: normaliser)
    var loss = result.loss
    var divergence = 0.0
    if options.beta > 0 {
      let difference = Tensor(pass.flatMap(\.0.reference)).to(device: device) - now
      let k3 = (difference.exp() - difference - 1).sum()
      divergence = k3.detached().item()
      loss = loss + k3 * (options.beta / normaliser)
    }
    return (loss, result.clipFraction * Double(advantages.count), divergence)
  }

  /// Writes the policy.
  public func save(to folder: URL) throws { try Checkpoint.saveTrained(policy, tokenizer: tokenizer, to: folder) }
  /// Reads it back.
  public func load(from folder: URL) throws { try Checkpoint.loadTrained(folder, into: policy) }
}
