import Alignment
import Foundation
import LanguageModels
import NeuralNetworks
import Testing
import Torch
import Training

/// Policy, reference, value network and reward model over one base, each with adapters of its own.
@Suite struct SharedBaseTests {
  private let adapters = LowRankConfiguration(rank: 4, alpha: 8, targets: ["all-linear"])

  private func settings(_ steps: Int) -> TrainingSettings {
    var s = TrainingSettings()
    s.maxSteps = steps
    s.batchSize = 16
    s.learningRate = 0.02
    s.weightDecay = 0
    s.schedule = .constant
    return s
  }

  /// Different blocks of memory, in bytes.
  private func bytes(_ modules: [Module]) -> Int {
    var seen: [UInt: Int] = [:]
    for module in modules {
      for (_, tensor) in module.state {
        tensor.withUnsafeElements(of: Float.self) {
          seen[UInt(bitPattern: $0.baseAddress)] = 4 * $0.count
        }
      }
    }
    return seen.values.reduce(0, +)
  }

  @Test(arguments: [nil, 0.1]) func rewardModelAndPPOLearnAndTheBaseStaysAsItIs(_ likelihood: Double?) throws {
    let base = try tinyModel()
    let before = base.parameters.map { $0.tensor.array() }
    let reward = ScalarModel(
      try base.adapted(adapters, generator: Generator(seed: 2)), likelihoodWeight: likelihood,
      generator: Generator(seed: 2))
    let policy = try base.adapted(adapters, generator: Generator(seed: 3))
    // V starts from the reward model, in adapters of its own.
    var value = reward
    try scratch { folder in
      let rankings = (0..<24).map { i in
        RankedCompletions(
          prompt: [i % 5 + 1], completions: [[7, 7, 0], [8, 9, 0], [7, 8, 0]], ranks: [1, 3, 2])
      }
      try run(
        RewardLearner(reward, tokenizer: nil, rankings: rankings, settings: settings(40)), settings(40),
        in: folder)
      #expect(try metrics("accuracy", in: folder).last == 1)
      let place = folder.appendingPathComponent("reward")
      try reward.save(tokenizer: nil, to: place)
      value = try ScalarModel.load(place, over: base)
      #expect(value.scores([[1, 7, 0], [1, 8, 0]]) == reward.scores([[1, 7, 0], [1, 8, 0]]))
    }
    let frozen = reward.trained.parameters.map { $0.tensor.array() }
    var options = PPOSettings()
    options.responseLength = 4
    options.klCoefficient = 0.01
    options.missingEndScore = nil
    let prompts = [[1], [2], [3, 4]]
    func learner() -> PPOLearner {
      PPOLearner(
        policy: policy, reference: base, value: value, tokenizer: nil, prompts: prompts,
        judge: RewardJudge(reward, endOfText: 0),
        settings: settings(25), options: options)
    }
    try scratch { folder in
      let made = learner()
      #expect(made.modules.flatMap { $0.module.parameters }.allSatisfy { $0.tensor.requiresGrad })
      try run(made, settings(25), in: folder)
      let scores = try metrics("objective/scores", in: folder)
      #expect(scores.suffix(5).reduce(0, +) / 5 > scores[0] + 0.5)
      // At the start base + A is the base: no divergence; later there is.
      let divergence = try metrics("objective/kl", in: folder)
      #expect(abs(divergence[0]) < 1e-4 && (divergence.last ?? 0) > 0.1)

      // What was saved brings another policy over the same base to the same numbers.
      let saved = folder.appendingPathComponent("checkpoints/step-000025")
      let names = try FileManager.default.contentsOfDirectory(atPath: saved.path)
      #expect(names.contains("adapter_model.safetensors") && !names.contains("model.safetensors"))
      let (again, _) = try Checkpoint.loadAdapters(saved, over: base)
      let packed = PackedTokens([[1, 2, 3], [7, 8]])
      withoutGradients { #expect(again(packed).array() == policy(packed).array()) }
    }
    // The base, and the reward model that only judged, are what they were.
    for (old, now) in zip(before, base.parameters) { #expect(now.tensor.array() == old) }
    for (old, now) in zip(frozen, reward.trained.parameters) { #expect(now.tensor.array() == old) }
    #expect(base.parameters.allSatisfy { !$0.tensor.requiresGrad && $0.tensor.grad == nil })
    // One base and three sets of adapters with two heads, to the byte.
    let one = bytes([base])
    let sets = bytes([policy.trained, value.trained, reward.trained])
    #expect(bytes([base, policy, value, reward, policy.trained, value.trained, reward.trained]) == one + sets)
    #expect(bytes([policy]) == one && bytes([value.backbone]) == one)
  }

  @Test func otherLearnersTrainAdaptersOnly() throws {
    let base = try tinyModel()
    let before = base.parameters.flatMap { $0.tensor.array() }
    let prompts = [[1, 2], [3]]
    try scratch { folder in
      let policy = try base.adapted(adapters, generator: Generator(seed: 3))
      var options = GroupSettings()
      options.maxCompletionLength = 3
      options.beta = 0.1
      try run(
        GroupLearner(
          policy: policy, reference: base, tokenizer: nil, prompts: prompts,
          judge: PolicyTests.count7, settings: settings(2), options: options), settings(2), in: folder)
      #expect(policy.trained.parameters.contains { $0.name.contains("lora_B") && $0.tensor.abs().max().item() > 0 })
    }
    try scratch { folder in
      let policy = try base.adapted(adapters, generator: Generator(seed: 4))
      let pairs = (0..<8).map { DPOLearner.Pair(prompt: [$0 + 1], chosen: [7, 0], rejected: [8, 0]) }
      try run(
        DPOLearner(
          policy: policy, reference: base, tokenizer: nil, pairs: pairs, settings: settings(10)),
        settings(10), in: folder)
      let losses = try metrics("loss", in: folder)
      #expect(abs(losses[0] - log(2)) < 1e-4 && losses[9] < 0.9 * losses[0])
    }
    #expect(base.parameters.flatMap { $0.tensor.array() } == before)
  }

  /// Fine-tuning with dropout in the layers and the adapters, stopped and resumed.
  @Test(arguments: [false, true]) func dropoutResumesToTheBit(_ isAdapted: Bool) throws {
    let examples = (0..<12).map {
      TargetedTokens(prompt: [$0 % 5 + 1], completion: [7, 8, $0 % 3 + 2], endOfText: 0)
    }
    var set = adapters
    set.dropout = 0.3
    set.isWeightDecomposed = true
    func learner() throws -> NextTokenLearner<ExampleSource> {
      var shape = try tinyModel().configuration
      shape.dropout.embedding = 0.1
      shape.dropout.residual = 0.2
      shape.dropout.attention = 0.3
      let base = try Decoder(shape, generator: Generator(seed: 1))
      let model = isAdapted ? try base.adapted(set, generator: Generator(seed: 5)) : base
      return NextTokenLearner(
        model, tokenizer: nil, source: ExampleSource(examples, batchSize: 4, seed: 1), heldOut: examples,
        settings: steps)
    }
    var steps = settings(6)
    steps.saveSteps = 2
    steps.learningRate = 0.01
    var whole: [Float] = []
    var losses: [Double] = []
    try scratch { folder in
      let made = try learner()
      try run(made, steps, in: folder)
      whole = made.model.trained.parameters.flatMap { $0.tensor.array() }
      losses = try metrics("loss", in: folder)
    }
    try scratch { folder in
      let stopped = Stopping(try learner(), after: 3)
      #expect(throws: Stopping.Stop.self) { try run(stopped, steps, in: folder) }
      let again = try learner()
      try run(again, steps, in: folder)
      #expect(again.model.trained.parameters.flatMap { $0.tensor.array() } == whole)
      #expect(try metrics("loss", in: folder) == losses)
    }
    #expect(losses.count == 6)
  }
}
