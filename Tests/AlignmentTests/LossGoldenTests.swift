import Alignment
import Foundation
import LanguageModels
import NeuralNetworks
import Reinforcement
import TestSupport
import Testing
import Torch
import Training

/// What `Fixtures/make_fixtures.py` computed in PyTorch, in float64.
private struct Losses: Decodable {
  struct Demonstration: Decodable { var prompt: [Int], completion: [Int] }
  struct Cloning: Decodable { var demonstrations: [Demonstration], loss: Double, grad_norm: Double }
  struct Ranking: Decodable { var prompt: [Int], completions: [[Int]], ranks: [Int] }
  struct Reward: Decodable { var head: [Float], rankings: [Ranking], loss: Double, grad_norm: Double }
  struct Weighed: Decodable { var beta: Double, scores: [[Float]], loss: Double, grad_norm: Double }
  struct Pair: Decodable { var prompt: [Int], chosen: [Int], rejected: [Int] }
  struct Preference: Decodable {
    var loss_type: DPOSettings.Loss
    var beta: Double, label_smoothing: Double, length_normalized: Bool, loss: Double, grad_norm: Double
  }
  struct Preferences: Decodable { var pairs: [Pair], cases: [Preference] }
  struct Policy: Decodable {
    var now: [Float], old: [Float], advantages: [Float], clip: Double, loss: Double, gradient: [Float]
    var approxkl: Double, ratio: Double, ratio_var: Double
  }
  struct Value: Decodable {
    var values: [Float], old: [Float], returns: [Float], clip: Double, loss: Double, gradient: [Float]
  }
  struct Estimate: Decodable {
    var rewards: [Float], values: [Float], next: Float, gamma: Float, lambda: Float
    var advantages: [Float], returns: [Float]
  }
  struct Whitening: Decodable { var values: [Float], white: [Float] }
  struct Group: Decodable { var rewards: [Float], grpo: [Float], centred: [Float], rloo: [Float] }
  var sft: Cloning
  var reward: Reward
  var reward_with_likelihood: Weighed
  var dpo: Preferences
  var ppo_policy: Policy
  var ppo_value: Value
  var gae: [Estimate]
  var whitening: Whitening
  var groups: [Group]
}

/// Every loss and its gradient against PyTorch, through the public learners: one step, its loss and its gradient norm.
@Suite struct LossGoldenTests {
  private let folder: URL
  private let golden: Losses

  init() throws {
    folder = try Bundle.module.fixtures
    golden = try JSONDecoder().decode(
      Losses.self, from: Data(contentsOf: folder.appendingPathComponent("losses.json")))
  }

  private func model(_ name: String) throws -> Decoder {
    try Checkpoint.loadModel(folder.appendingPathComponent(name))
  }

  private func oneStep(of count: Int) -> TrainingSettings {
    var settings = TrainingSettings()
    settings.maxSteps = 1
    settings.batchSize = count
    settings.microBatchTokens = 25
    return settings
  }

  private func expectOneStep(_ learner: any Learner, _ settings: TrainingSettings, loss: Double, norm: Double) throws {
    try scratch { folder in
      try run(learner, settings, in: folder)
      let foundLoss = try metrics("loss", in: folder)[0]
      let foundNorm = try metrics("grad_norm", in: folder)[0]
      #expect(abs(foundLoss - loss) < 2e-5 * (1 + abs(loss)))
      #expect(abs(foundNorm - norm) < 1e-4 * norm)
    }
  }

  private func isClose(_ a: [Float], _ b: [Float], _ tolerance: Float = 1e-5) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance * (1 + abs($1)) }
  }

  @Test func fineTuning() throws {
    let examples = golden.sft.demonstrations.map {
      TargetedTokens(prompt: $0.prompt, completion: $0.completion, endOfText: 0)
    }
    let settings = oneStep(of: examples.count)
    try expectOneStep(
      NextTokenLearner(
        try model("policy"), tokenizer: nil,
        source: ExampleSource(examples, batchSize: examples.count, seed: 1), settings: settings),
      settings, loss: golden.sft.loss, norm: golden.sft.grad_norm)
  }

  @Test func rewardModelWithTies() throws {
    let scorer = ScalarModel(try model("policy"), generator: Generator(seed: 1))
    scorer.head.weight.copyInPlace(Tensor(golden.reward.head, shape: [1, 16]))
    // A bias cancels in every pair.
    scorer.bias = 3
    let rankings = golden.reward.rankings.map {
      RankedCompletions(prompt: $0.prompt, completions: $0.completions, ranks: $0.ranks)
    }
    let settings = oneStep(of: rankings.count)
    try expectOneStep(
      RewardLearner(scorer, tokenizer: nil, rankings: rankings, settings: settings), settings,
      loss: golden.reward.loss, norm: golden.reward.grad_norm)
  }

  @Test func rewardModelThatWeighsTheLikelihood() throws {
    let expected = golden.reward_with_likelihood
    func made() throws -> ScalarModel {
      let scorer = ScalarModel(
        try model("policy"), likelihoodWeight: expected.beta, generator: Generator(seed: 1))
      scorer.head.weight.copyInPlace(Tensor(golden.reward.head, shape: [1, 16]))
      return scorer
    }
    let rankings = golden.reward.rankings.map {
      RankedCompletions(prompt: $0.prompt, completions: $0.completions, ranks: $0.ranks)
    }
    let all = rankings.flatMap { item in item.completions.map { (item.prompt, $0) } }
    let scorer = try made()
    let scores = scorer.scores(of: all)
    #expect(isClose(scores, expected.scores.flatMap { $0 }))
    #expect(isClose(try scorer.copy().scores(of: all), scores, 0))
    try scratch { folder in
      try scorer.save(tokenizer: nil, to: folder)
      #expect(isClose(try ScalarModel.load(folder).model.scores(of: all), scores, 0))
      let other = try made()
      let weight = try #require(other.likelihoodWeight)
      weight.copyInPlace(Tensor([Float(7)]))
      try other.loadWeights(folder)
      // The same tensor, which an optimizer may hold.
      #expect(weight.item() == Double(Float(expected.beta)))
      #expect(isClose(other.scores(of: all), scores, 0))
    }
    let settings = oneStep(of: rankings.count)
    try expectOneStep(
      RewardLearner(scorer, tokenizer: nil, rankings: rankings, settings: settings), settings,
      loss: expected.loss, norm: expected.grad_norm)
    #expect(try #require(scorer.likelihoodWeight).detached().item() != Double(Float(expected.beta)))
  }

  @Test(arguments: 0..<5) func directPreferences(_ index: Int) throws {
    let expected = golden.dpo.cases[index]
    var options = DPOSettings()
    options.loss = expected.loss_type
    options.beta = expected.beta
    options.labelSmoothing = expected.label_smoothing
    options.normalizesLength = expected.length_normalized
    let pairs = golden.dpo.pairs.map {
      DPOLearner.Pair(prompt: $0.prompt, chosen: $0.chosen, rejected: $0.rejected)
    }
    let settings = oneStep(of: pairs.count)
    try expectOneStep(
      DPOLearner(
        policy: try model("policy"), reference: try model("reference"), tokenizer: nil, pairs: pairs,
        settings: settings, options: options), settings, loss: expected.loss, norm: expected.grad_norm)
  }

  @Test func clippedPolicy() {
    let p = golden.ppo_policy
    let now = Tensor(p.now).requiringGrad()
    let made = ClippedObjective.policy(
      now, old: Tensor(p.old), advantages: Tensor(p.advantages), clip: p.clip,
      normaliser: Double(p.now.count))
    made.loss.backward()
    #expect(abs(made.loss.item() - p.loss) < 1e-6)
    #expect(isClose(now.grad?.array() ?? [], p.gradient))
    #expect(abs(made.approximateKL - p.approxkl) < 1e-6)
    #expect(abs(made.ratio - p.ratio) < 1e-6 && abs(made.ratioVariance - p.ratio_var) < 1e-5)
  }

  @Test func clippedValue() {
    let v = golden.ppo_value
    let values = Tensor(v.values).requiringGrad()
    let loss = ClippedObjective.value(
      values, old: Tensor(v.old), returns: Tensor(v.returns), clip: v.clip,
      normaliser: Double(v.values.count)
    ).loss
    loss.backward()
    #expect(abs(loss.item() - v.loss) < 1e-6)
    #expect(isClose(values.grad?.array() ?? [], v.gradient))
  }

  @Test func advantages() {
    for e in golden.gae {
      let made = Advantages.generalized(
        rewards: e.rewards, values: e.values, next: e.next, gamma: e.gamma, lambda: e.lambda)
      #expect(isClose(made.advantages, e.advantages) && isClose(made.returns, e.returns))
    }
    #expect(isClose(whitened(golden.whitening.values), golden.whitening.white))
    for group in golden.groups {
      for (kind, expected) in [
        (GroupSettings.Advantage.grpo, group.grpo), (.centred, group.centred), (.rloo, group.rloo),
      ] {
        var options = GroupSettings()
        options.advantage = kind
        #expect(isClose(options.advantages(group.rewards), expected, 1e-4))
      }
    }
  }
}
