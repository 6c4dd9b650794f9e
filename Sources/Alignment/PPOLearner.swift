public import Foundation
public import LanguageModels
public import NeuralNetworks
import Reinforcement
import Statistics
public import Tokenization
import Torch
public import Training

/// Proximal policy optimisation of a language model against a judge (Ziegler 2019; Stiennon 2020; Ouyang 2022).
///
/// Each step draws one completion for each of `batchSize` prompts, has the judge score them, charges
/// β·(ln π − ln π_ref) per token, and makes `epochs · minibatches` clipped updates of the policy and of a separate value
/// network. The metrics carry the names that TRL gives them; the DocC page explains each.
///
/// Policy, reference, value network and the reward model behind the judge can share one base: each is the base with adapters of its
/// own (``LanguageModels/Decoder/adapted(_:generator:)``), the reference the base with none.
public final class PPOLearner: Learner {
  /// The policy.
  public let policy: Decoder
  /// V.
  public let value: ScalarModel
  let reference: Decoder
  let tokenizer: Tokenizer?
  let prompts: [[Int]]
  let judge: any Judge
  let settings: TrainingSettings
  let options: PPOSettings
  let engine: GenerationEngine
  /// Measures each scored rollout besides, for the metrics alone: nothing is learnt from what it returns.
  ///
  /// Only the writing process's share is shown.
  public var monitor: ((_ episodes: [Rollout.Episode]) throws -> Metrics)?
  private var order: EpochOrder
  private var controller: KLController
  private var pretraining: RowSource?

  /// - Parameters:
  ///   - policy: starts where the reference is.
  ///   - reference: π_ref; not trained.
  ///   - value: starts from the reward model.
  ///   - pretraining: text for PPO-ptx.
  public init(
    policy: Decoder, reference: Decoder, value: ScalarModel, tokenizer: Tokenizer?, prompts: [[Int]],
    judge: any Judge, settings: TrainingSettings, options: PPOSettings,
    pretraining: RowSource? = nil
  ) {
    self.policy = policy
    self.reference = reference
    self.value = value
    self.tokenizer = tokenizer
    self.prompts = prompts
    self.judge = judge
    self.settings = settings
    self.options = options
    self.pretraining = pretraining
    engine = GenerationEngine(model: policy, tokenizer: nil)
    order = EpochOrder(count: prompts.count, seed: settings.seed)
    controller = KLController(
      coefficient: options.klCoefficient,
      rule: options.klTarget > 0
        ? .adaptive(target: options.klTarget, horizon: options.klHorizon) : .fixed)
    reference.requireGradients(false)
    policy.requireTraining()
    // Nothing is dropped: probabilities are compared with others of the same tokens.
    policy.train(false)
    value.train(false)
    value.requireTraining()
  }

  /// The trained parts of policy and value network.
  public var modules: [(name: String, module: Module)] { [("policy", policy.trained), ("value", value.trained)] }

  /// β.
  public var state: [String: Double] {
    get { ["kl_coef": controller.coefficient] }
    set { controller.coefficient = newValue["kl_coef"] ?? controller.coefficient }
  }

  private struct Prepared {
    var episode: Rollout.Episode
    var values: [Float]
    var advantages: [Float]
    var returns: [Float]
  }

  /// One rollout and its updates.
  public func step(_ step: Int, _ updater: Updater) throws -> StepReport {
    let (rank, size) = updater.rank
    let chosen = order.indices(from: step * settings.batchSize, count: settings.batchSize)
    let mine = chosen.indices.filter { $0 % size == rank }.map { chosen[$0] }
    let parameters = SamplingParameters(
      temperature: options.temperature, maxTokens: options.responseLength,
      seed: DerivedSeed(run: settings.seed, for: "rollout", step: step, index: rank).value)
    let began = ContinuousClock.now
    var rollout = try Rollout.draw(
      mine.map { prompts[$0] }, tasks: mine, samples: 1, engine: engine, parameters: parameters, tokenizer: tokenizer)
    let drawn = ContinuousClock.now
    var metrics = Metrics()
    let prepared = try prepare(&rollout, &metrics, updater)
    let scored = ContinuousClock.now
    let tokens = rollout.episodes.reduce(0) { $0 + $1.tokens.count }

    var sums = UpdateSums()
    var norm = 0.0
    for epoch in 0..<options.epochs {
      let shuffled = EpochOrder.permutation(
        prepared.count, seed: DerivedSeed(run: settings.seed, for: "minibatches", step: step, index: epoch).value)
      let length = max(1, (prepared.count + options.minibatches - 1) / options.minibatches)
      for start in stride(from: 0, to: prepared.count, by: length) {
        let minibatch = shuffled[start..<min(start + length, prepared.count)].map { prepared[$0] }
        let trainsPolicy = step >= options.valueWarmupSteps
        try update(minibatch, trainsPolicy: trainsPolicy, updater, step: step, &sums)
        if trainsPolicy {
          if options.pretrainingCoefficient > 0 { try pretrain(step: step, &metrics) }
          norm = try updater.apply("policy", step: step + 1, batch: "rollout \(step + 1)")
        }
        try updater.apply(
          "value", step: step + 1, rate: options.valueRate, batch: "rollout \(step + 1)")
      }
    }
    sums.write(into: &metrics)
    metrics["grad_norm"] = norm
    metrics["time/rollout"] = (drawn - began) / .seconds(1)
    metrics["time/scoring"] = (scored - drawn) / .seconds(1)
    metrics["time/update"] = (ContinuousClock.now - scored) / .seconds(1)
    return StepReport(
      loss: sums.policyLoss / max(1, sums.updates), tokens: tokens, metrics: metrics)
  }

  // MARK: The rollout's numbers

  private func prepare(
    _ rollout: inout Rollout, _ metrics: inout Metrics, _ updater: Updater
  ) throws -> [Prepared] {
    rollout.setReferenceLogProbabilities(
      by: reference, temperature: options.temperature, microBatchTokens: settings.microBatchTokens)
    if options.temperature != 1 {
      rollout.setLogProbabilities(
        by: policy, temperature: options.temperature, microBatchTokens: settings.microBatchTokens)
    }
    let scores = try judge.scores(of: rollout.candidates)
    for i in rollout.episodes.indices {
      rollout.episodes[i].score = Float(scores[i])
      if let missing = options.missingEndScore, !rollout.episodes[i].isFinished {
        rollout.episodes[i].score = Float(missing)
      }
    }
    if let monitor { metrics.merge(try monitor(rollout.episodes)) }
    let values = withoutGradients {
      rollout.perToken(microBatchTokens: settings.microBatchTokens) { value($0) }
    }
    let beta = Float(controller.coefficient)
    var rewards = rollout.episodes.map { episode in
      var reward = zip(episode.logProbabilities, episode.reference).map { -beta * ($0 - $1) }
      reward[reward.count - 1] += episode.score
      return reward
    }
    if options.whitensRewards {
      var flat = whitened(rewards.flatMap { $0 }, keepsMean: true)[...]
      for i in rewards.indices {
        rewards[i] = Array(flat.prefix(rewards[i].count))
        flat = flat.dropFirst(rewards[i].count)
      }
    }
    var prepared = zip(rollout.episodes, zip(rewards, values)).map { episode, pair -> Prepared in
      let (reward, value) = pair
      // The value before an action is read at the token before it.
      let before = Array(value.dropLast())
      let a = Advantages.generalized(
        rewards: reward, values: before, gamma: Float(options.gamma), lambda: Float(options.lambda))
      return Prepared(
        episode: episode, values: before, advantages: a.advantages, returns: a.returns)
    }
    if options.whitensAdvantages {
      var flat = whitened(prepared.flatMap(\.advantages))[...]
      for i in prepared.indices {
        let count = prepared[i].advantages.count
        prepared[i].advantages = Array(flat.prefix(count))
        flat = flat.dropFirst(count)
      }
    }
    let n = Double(rollout.episodes.count)
    let local: [Double] = [
      n, rollout.episodes.reduce(0) { $0 + Double($1.divergence) },
      rollout.episodes.reduce(0) { $0 + Double($1.score) },
      rollout.episodes.reduce(0) { $0 - Double($1.logProbabilities.reduce(0, +)) },
      rollout.episodes.reduce(0) { $0 + ($1.isFinished ? 1 : 0) },
      rollout.episodes.reduce(0) { $0 + Double($1.completion.count) },
    ]
    let total = try updater.total(local)
    let kl = total[1] / total[0]
    metrics["objective/kl"] = kl
    metrics["objective/entropy"] = total[3] / total[0]
    metrics["objective/non_score_reward"] = -controller.coefficient * kl
    metrics["objective/rlhf_reward"] = total[2] / total[0] - controller.coefficient * kl
    metrics["objective/scores"] = total[2] / total[0]
    metrics["objective/kl_coef"] = controller.coefficient
    metrics["val/num_eos_tokens"] = total[4]
    metrics["response_length"] = total[5] / total[0]
    controller.update(kl: kl, episodes: Int(total[0]))
    return prepared
  }

  // MARK: Updates

  private struct UpdateSums {
    var updates = 0.0
    var policyLoss = 0.0
    var valueLoss = 0.0
    var clipFraction = 0.0
    var valueClipFraction = 0.0
    var approximateKL = 0.0
    var ratio = 0.0
    var ratioVariance = 0.0

    func write(into metrics: inout Metrics) {
      let n = max(1, updates)
      metrics["policy/approxkl_avg"] = approximateKL / n
      metrics["policy/clipfrac_avg"] = clipFraction / n
      metrics["loss/policy_avg"] = policyLoss / n
      metrics["loss/value_avg"] = valueLoss / n
      metrics["val/clipfrac_avg"] = valueClipFraction / n
      metrics["val/ratio"] = ratio / n
      metrics["val/ratio_var"] = ratioVariance / n
    }
  }

  private func update(
    _ minibatch: [Prepared], trainsPolicy: Bool, _ updater: Updater, step: Int, _ sums: inout UpdateSums
  ) throws {
    let actions = minibatch.reduce(0) { $0 + $1.episode.completion.count }
    let everyone = try updater.total([Double(actions)])[0]
    let passes = microBatches(minibatch, tokens: settings.microBatchTokens) { $0.episode.tokens.count }
    sums.updates += 1
    for pass in passes {
      let share = Double(pass.reduce(0) { $0 + $1.episode.completion.count }) / Double(actions)
      let device = policy.device
      let rows = CompletionRows(pass.map { ($0.episode.prompt, $0.episode.completion) }, device: device)
      func flat(_ values: [Float]) -> Tensor { Tensor(values).to(device: device) }

      if trainsPolicy {
        let now = rows.logProbabilities(policy, temperature: options.temperature)
        let result = ClippedObjective.policy(
          now, old: flat(pass.flatMap(\.episode.logProbabilities)),
          advantages: flat(pass.flatMap(\.advantages)), clip: options.clipRange, normaliser: everyone)
        result.loss.backward()
        sums.policyLoss += result.loss.detached().item()
        sums.clipFraction += share * result.clipFraction
        sums.approximateKL += share * result.approximateKL
        sums.ratio += share * result.ratio
        sums.ratioVariance += share * result.ratioVariance
      }
      let values = value(rows.packed).indexSelect(rows.before)
      let result = ClippedObjective.value(
        values, old: flat(pass.flatMap(\.values)), returns: flat(pass.flatMap(\.returns)),
        clip: options.clipRangeValue, normaliser: everyone)
      result.loss.backward()
      sums.valueLoss += result.loss.detached().item()
      sums.valueClipFraction += share * result.clipFraction
    }
  }

  /// Adds the gradient of the language-modelling loss on pretraining text.
  private func pretrain(step: Int, _ metrics: inout Metrics) throws {
    guard let pieces = pretraining?.batch(step: step) else { return }
    let targets = pieces.reduce(0) { $0 + $1.targets.filter { $0 >= 0 }.count }
    guard targets > 0 else { return }
    var loss = 0.0
    for pass in microBatches(pieces, tokens: settings.microBatchTokens, size: { $0.tokens.count }) {
      let sum = nextTokenLoss(policy, pass, normaliser: Double(targets))
      loss += sum.detached().item()
      (sum * options.pretrainingCoefficient).backward()
    }
    metrics["loss/ptx"] = loss
  }

  // MARK: On disk

  /// Writes the policy, and the value network in a folder below it.
  public func save(to folder: URL) throws {
    try Checkpoint.saveTrained(policy, tokenizer: tokenizer, to: folder)
    try value.save(tokenizer: nil, to: folder.appendingPathComponent("value"))
  }

  /// Reads both back.
  public func load(from folder: URL) throws {
    try Checkpoint.loadTrained(folder, into: policy)
    try value.loadWeights(folder.appendingPathComponent("value"))
  }
}
