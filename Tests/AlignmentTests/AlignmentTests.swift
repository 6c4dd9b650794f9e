import Alignment
import Foundation
import LanguageModels
import NeuralNetworks
import Testing
import Torch
import Training

/// A decoder small enough to train in a moment.
func tinyModel(seed: UInt64 = 1, vocabulary: Int = 12) throws -> Decoder {
  var shape = DecoderConfiguration.llama(
    vocabularySize: vocabulary, width: 16, layers: 1, heads: 2, feedForwardWidth: 32,
    contextLength: 32, tiesEmbeddings: true, endOfText: 0)
  shape.initializerRange = 0.2
  return try Decoder(shape, generator: Generator(seed: seed))
}

func scratch(_ body: (URL) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  defer { try? FileManager.default.removeItem(at: folder) }
  try body(folder)
}

func run(_ learner: any Learner, _ settings: TrainingSettings, in folder: URL) throws {
  let run = try RunFolder(
    folder.path, manifest: RunManifest(command: "test", configuration: [:], seed: settings.seed))
  try TrainingLoop(settings, folder: run, title: "test").run(learner)
}

func metrics(_ name: String, in folder: URL) throws -> [Double] {
  try String(contentsOf: folder.appendingPathComponent("metrics.jsonl"), encoding: .utf8)
    .split(separator: "\n").compactMap {
      let line = try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
      return (line?[name] as? NSNumber)?.doubleValue
    }
}

@Suite struct TargetTests {
  @Test func endOfTextIsLearntAndPromptsAreNot() {
    let piece = TargetedTokens(prompt: [5, 6, 7], completion: [8, 9], endOfText: 0)
    #expect(piece.tokens == [5, 6, 7, 8, 9])
    #expect(piece.targets == [-100, -100, 8, 9, 0])
    // Also where the prompt itself holds the end-of-text token, as when it doubles as padding.
    let padded = TargetedTokens(prompt: [0, 0, 5], completion: [6], endOfText: 0)
    #expect(padded.targets == [-100, -100, 6, 0])
    #expect(TargetedTokens(prompt: [], completion: [4, 5], endOfText: 0).targets == [5, 0])
  }

  @Test func theLossIsTheMeanOverTargetsHoweverTheBatchIsCut() throws {
    let model = try tinyModel()
    let examples = (0..<6).map { i in
      TargetedTokens(
        prompt: Array(1...(i + 1)), completion: (0...(i % 3)).map { $0 + 3 }, endOfText: 0)
    }
    let logits = withoutGradients {
      model.logits(model(PackedTokens(examples.map(\.tokens)))).logSoftmax(axis: -1)
    }
    var expected = 0.0
    var count = 0.0
    var row = 0
    for example in examples {
      for target in example.targets {
        if target >= 0 {
          expected -= logits[row, target].item()
          count += 1
        }
        row += 1
      }
    }
    var reports: [Double] = []
    for tokens in [8, 1000] {
      try scratch { folder in
        var settings = TrainingSettings()
        settings.maxSteps = 1
        settings.batchSize = 6
        settings.microBatchTokens = tokens
        let learner = NextTokenLearner(
          try model.copy(), tokenizer: nil,
          source: ExampleSource(examples, batchSize: 6, seed: 1), settings: settings)
        try run(learner, settings, in: folder)
        reports += try metrics("loss", in: folder)
      }
    }
    for loss in reports { #expect(abs(loss - expected / count) < 1e-5) }
    #expect(reports.count == 2)
  }

  @Test func aBatchWithoutTargetsIsCountedAndChangesNothing() throws {
    try scratch { folder in
      let model = try tinyModel()
      let before = model.tokenEmbedding.weight.array()
      var settings = TrainingSettings()
      settings.maxSteps = 1
      settings.batchSize = 2
      let learner = NextTokenLearner(
        model, tokenizer: nil,
        source: ExampleSource(
          [TargetedTokens(tokens: [1, 2], targets: [-100, -100])], batchSize: 2, seed: 1),
        settings: settings)
      try run(learner, settings, in: folder)
      #expect(try metrics("skipped_micro_batches", in: folder) == [1])
      #expect(model.tokenEmbedding.weight.array() == before)
    }
  }
}

/// A learner that dies at a step, as if the process had been killed there.
final class Stopping: Learner {
  struct Stop: Error {}
  let inner: any Learner
  let last: Int
  init(_ inner: any Learner, after last: Int) {
    self.inner = inner
    self.last = last
  }
  var modules: [(name: String, module: Module)] { inner.modules }
  func step(_ step: Int, _ updater: Updater) throws -> StepReport {
    if step == last { throw Stop() }
    return try inner.step(step, updater)
  }
  func save(to folder: URL) throws { try inner.save(to: folder) }
  func load(from folder: URL) throws { try inner.load(from: folder) }
}

@Suite struct ResumeTests {
  @Test(arguments: [TrainingSettings.OptimizerKind.adamw, .muon])
  func aResumedRunEqualsAnUninterruptedOneToTheBit(_ kind: TrainingSettings.OptimizerKind) throws {
    let documents = (0..<40).map { i in (0..<(5 + i % 7)).map { ($0 * i) % 11 + 1 } + [0] }
    func learner(_ settings: TrainingSettings) throws -> NextTokenLearner<RowSource> {
      NextTokenLearner(
        try tinyModel(), tokenizer: nil,
        source: RowSource(
          try TokenRows(documents, length: 16, path: "test"), batchSize: 3, seed: 5),
        settings: settings)
    }
    var settings = TrainingSettings()
    settings.optimizer = kind
    settings.maxSteps = 40
    settings.learningRate = 0.01
    settings.saveSteps = 3
    var whole: [Float] = []
    var losses: [Double] = []
    try scratch { folder in
      let made = try learner(settings)
      try run(made, settings, in: folder)
      whole = made.model.parameters.flatMap { $0.tensor.array() }
      losses = try metrics("loss", in: folder)
    }
    try scratch { folder in
      // Killed after step 5: the checkpoint of step 3 is there, and metrics beyond it.
      let stopped = Stopping(try learner(settings), after: 5)
      #expect(throws: Stopping.Stop.self) { try run(stopped, settings, in: folder) }
      let again = try learner(settings)
      try run(again, settings, in: folder)
      #expect(again.model.parameters.flatMap { $0.tensor.array() } == whole)
      #expect(try metrics("loss", in: folder) == losses)
    }
    // Long enough for every order of the examples to teach it something.
    #expect(losses.count == 40 && losses[36...].reduce(0, +) / 4 < losses[0])
  }

  @Test func divergenceStopsBeforeTheWeightsAreTouched() throws {
    try scratch { folder in
      let model = try tinyModel()
      var settings = TrainingSettings()
      settings.maxSteps = 3
      settings.batchSize = 1
      let learner = NextTokenLearner(
        model, tokenizer: nil,
        source: ExampleSource(
          [TargetedTokens(prompt: [1], completion: [2, 3], endOfText: 0)], batchSize: 1, seed: 1),
        settings: settings)
      withoutGradients { model.norm.parameters[0].tensor.fillInPlace(.infinity) }
      let before = model.tokenEmbedding.weight.array()
      #expect {
        try run(learner, settings, in: folder)
      } throws: { "\($0)".contains("step 1") && "\($0)".contains("examples 1") }
      #expect(model.tokenEmbedding.weight.array() == before)
    }
  }
}

@Suite struct RewardModelTests {
  @Test func pairsOfARankingWithTies() {
    let item = RankedCompletions(prompt: [1], completions: [[2], [3], [4]], ranks: [2, 1, 2])
    #expect(
      item.pairs == [
        .init(1, over: 0), .init(0, over: 2, probability: 0.5), .init(1, over: 2),
      ])
  }

  @Test func learnsToPreferAndNormalises() throws {
    // Completions with token 7 are better than those with 8, whatever the prompt.
    let rankings = (0..<24).map { i in
      RankedCompletions(
        prompt: [i % 5 + 1, i % 3 + 1], completions: [[7, 0], [8, 0], [8, 8, 0]], ranks: [1, 2, 2])
    }
    try scratch { folder in
      let model = ScalarModel(try tinyModel(), generator: Generator(seed: 2))
      var settings = TrainingSettings()
      settings.maxSteps = 30
      settings.batchSize = 8
      settings.learningRate = 0.02
      let learner = RewardLearner(model, tokenizer: nil, rankings: rankings, settings: settings)
      try run(learner, settings, in: folder)
      #expect(try metrics("accuracy", in: folder).last == 1)
      // Ties keep the loss above the entropy of its label: ln 2 for one pair of three.
      let loss = try #require(try metrics("loss", in: folder).last)
      #expect(loss >= log(2) / 3 - 1e-4 && loss < 0.3)
      model.normalize(on: [([1, 2], [7, 0]), ([2, 3], [8, 0])])
      let scores = model.scores([[1, 2, 7, 0], [2, 3, 8, 0]])
      #expect(abs(scores[0] + scores[1]) < 1e-4 && scores[0] > scores[1])
      let place = folder.appendingPathComponent("saved")
      try model.save(tokenizer: nil, to: place)
      #expect(try ScalarModel.load(place).model.scores([[1, 2, 7, 0]]) == [scores[0]])
    }
  }
}

@Suite struct PolicyTests {
  /// The reward is known: 1 for each token 7, so the best policy says nothing else.
  static var count7: ClosureJudge {
    ClosureJudge("sevens", each: { Double($0.completion.filter { $0 == 7 }.count) / 4 })
  }

  @Test func ppoFindsTheKnownOptimum() throws {
    try scratch { folder in
      var settings = TrainingSettings()
      settings.maxSteps = 40
      settings.batchSize = 32
      settings.learningRate = 0.01
      settings.weightDecay = 0
      settings.schedule = .constant
      var options = PPOSettings()
      options.responseLength = 4
      options.klCoefficient = 0.01
      options.missingEndScore = nil
      let policy = try tinyModel()
      let learner = PPOLearner(
        policy: policy, reference: try policy.copy(),
        value: ScalarModel(try tinyModel(seed: 3), generator: Generator(seed: 3)), tokenizer: nil,
        prompts: [[1, 2], [3], [4, 5, 6]], judge: Self.count7, settings: settings, options: options)
      try run(learner, settings, in: folder)
      let scores = try metrics("objective/scores", in: folder)
      #expect(scores[0] < 0.4)
      #expect(scores.suffix(5).reduce(0, +) / 5 > 0.9)
      let divergence = try metrics("objective/kl", in: folder)
      #expect(divergence[0] == 0 || abs(divergence[0]) < 1e-4)
      #expect((divergence.last ?? 0) > 1)
    }
  }

  /// In its only minibatch the policy that learns is still the one that drew: every ratio is 1, to what the engine's and the
  /// trainer's log-probabilities differ by.
  @Test func beforeAnyUpdateTheRatioIsExactlyOne() throws {
    try scratch { folder in
      var settings = TrainingSettings()
      settings.maxSteps = 1
      settings.batchSize = 16
      var options = PPOSettings()
      (options.responseLength, options.epochs, options.minibatches) = (4, 1, 1)
      let policy = try tinyModel()
      let learner = PPOLearner(
        policy: policy, reference: try policy.copy(),
        value: ScalarModel(try tinyModel(seed: 3), generator: Generator(seed: 3)), tokenizer: nil,
        prompts: [[1, 2], [3], [4, 5, 6]], judge: Self.count7, settings: settings, options: options)
      try run(learner, settings, in: folder)
      #expect(abs(try metrics("val/ratio", in: folder)[0] - 1) < 1e-5)
      #expect(try metrics("val/ratio_var", in: folder)[0] < 1e-9)
    }
  }

  @Test(arguments: GroupSettings.Advantage.allCases)
  func groupLearnersFindTheKnownOptimum(_ advantage: GroupSettings.Advantage) throws {
    try scratch { folder in
      var settings = TrainingSettings()
      settings.maxSteps = 40
      settings.batchSize = 8
      settings.learningRate = 0.01
      settings.weightDecay = 0
      settings.schedule = .constant
      var options = GroupSettings()
      options.samples = 6
      options.advantage = advantage
      options.maxCompletionLength = 4
      options.beta = 0.001
      let policy = try tinyModel()
      let learner = GroupLearner(
        policy: policy, reference: try policy.copy(), tokenizer: nil, prompts: [[1, 2], [3], [4, 5, 6]],
        judge: Self.count7, settings: settings, options: options)
      try run(learner, settings, in: folder)
      let rewards = try metrics("reward", in: folder)
      #expect(rewards[0] < 0.4)
      #expect(rewards.suffix(5).reduce(0, +) / 5 > 0.9)
    }
  }

  @Test func groupAdvantages() {
    var options = GroupSettings()
    let rewards: [Float] = [1, 0, 0, 1]
    options.advantage = .centred
    #expect(options.advantages(rewards) == [0.5, -0.5, -0.5, 0.5])
    options.advantage = .rloo
    for (a, b) in zip(options.advantages(rewards), [2.0 / 3, -2.0 / 3, -2.0 / 3, 2.0 / 3] as [Float]) {
      #expect(abs(a - b) < 1e-6)
    }
    options.advantage = .grpo
    let deviation = (Float(1) / 3).squareRoot() + 1e-4
    #expect(abs(options.advantages(rewards)[0] - 0.5 / deviation) < 1e-5)
    #expect(options.advantages([1]) == [0])
  }

  @Test(arguments: [DPOSettings.Loss.sigmoid, .ipo])
  func dpoSeparatesWhatIsPreferred(_ loss: DPOSettings.Loss) throws {
    try scratch { folder in
      var settings = TrainingSettings()
      settings.maxSteps = 30
      settings.batchSize = 6
      settings.learningRate = 0.005
      settings.weightDecay = 0
      var options = DPOSettings()
      options.loss = loss
      let pairs = (0..<12).map { i in
        DPOLearner.Pair(prompt: [i % 5 + 1], chosen: [7, 0], rejected: [8, 9, 0])
      }
      let policy = try tinyModel()
      let learner = DPOLearner(
        policy: policy, reference: try policy.copy(), tokenizer: nil, pairs: pairs,
        settings: settings, options: options)
      try run(learner, settings, in: folder)
      let losses = try metrics("loss", in: folder)
      // At the start policy and reference agree: the margin is 0 and the loss known.
      let start = loss == .sigmoid ? log(2) : pow(1 / (2 * options.beta), 2)
      #expect(abs(losses[0] - start) < 1e-3 * start)
      #expect(losses[29] < 0.5 * losses[0])
      #expect(try metrics("rewards/accuracies", in: folder).last == 1)
    }
  }
}
