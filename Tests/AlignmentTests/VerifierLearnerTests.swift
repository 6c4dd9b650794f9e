import Alignment
import Foundation
import LanguageModels
import NeuralNetworks
import TestSupport
import Testing
import Torch
import Training

/// The joint objective of a verifier against PyTorch, and what it learns.
@Suite struct VerifierLearnerTests {
  private struct Golden: Decodable {
    struct Judged: Decodable { var prompt: [Int], completion: [Int], label: Double }
    struct Worked: Decodable { var prompt: [Int], completion: [Int] }
    struct Case: Decodable {
      var level: VerifierSettings.Level, language_weight: Double
      var value_loss: Double, language_loss: Double, grad_norm: Double
    }
    var head: [Float], bias: Double, judged: [Judged], worked: [Worked], ends: [Float], cases: [Case]
  }

  private let folder: URL
  private let golden: Golden

  init() throws {
    folder = try Bundle.module.fixtures
    golden = try JSONDecoder().decode(
      Golden.self, from: Data(contentsOf: folder.appendingPathComponent("verifier.json")))
  }

  private func scorer() throws -> ScalarModel {
    let scorer = ScalarModel(
      try Checkpoint.loadModel(folder.appendingPathComponent("policy")), generator: Generator(seed: 1))
    scorer.head.weight.copyInPlace(Tensor(golden.head, shape: [1, golden.head.count]))
    scorer.bias = golden.bias
    return scorer
  }

  private var judged: [JudgedCompletion] {
    golden.judged.map { JudgedCompletion(prompt: $0.prompt, completion: $0.completion, label: $0.label) }
  }

  @Test(arguments: 0..<4, [25, 4000]) func oneStep(_ index: Int, microBatchTokens: Int) throws {
    let expected = golden.cases[index]
    var settings = TrainingSettings()
    (settings.maxSteps, settings.batchSize, settings.microBatchTokens) = (1, golden.judged.count, microBatchTokens)
    var options = VerifierSettings()
    (options.level, options.languageWeight, options.dropout) = (expected.level, expected.language_weight, 0)
    let learner = VerifierLearner(
      try scorer(), tokenizer: nil, judged: judged,
      language: golden.worked.map { TargetedTokens(prompt: $0.prompt, completion: $0.completion, endOfText: 0) },
      heldOut: judged, settings: settings, options: options)
    // Before the step: the same objective on held-out solutions, and how many ends are on their label's side.
    let held = try #require(try learner.evaluate(step: 0))
    #expect(abs((held["eval_loss"] ?? 0) - expected.value_loss) < 2e-5)
    let right = zip(golden.ends, golden.judged).count { ($0 > 0.5) == ($1.label > 0.5) }
    #expect(abs((held["eval_accuracy"] ?? 0) - Double(right) / Double(golden.judged.count)) < 1e-9)
    try scratch { folder in
      try run(learner, settings, in: folder)
      #expect(abs(try metrics("value_loss", in: folder)[0] - expected.value_loss) < 2e-5)
      #expect(abs(try metrics("language_loss", in: folder)[0] - expected.language_loss) < 5e-5)
      #expect(abs(try metrics("grad_norm", in: folder)[0] - expected.grad_norm) < 1e-4 * expected.grad_norm)
    }
  }

  @Test func itsScoreAtTheEndIsAJudges() throws {
    let scores = try scorer().scores(of: judged.map { ($0.prompt, $0.completion) })
    #expect(zip(scores, golden.ends).allSatisfy { abs($0 - $1) < 1e-4 })
    let candidates = judged.map { Candidate(prompt: $0.prompt, completion: $0.completion) }
    let best = try BestOfN(3, judge: RewardJudge(try scorer(), endOfText: 0)).ranked([Array(candidates.prefix(3))])[0]
      .order
    #expect(best == [0, 1, 2].sorted { golden.ends[$0] > golden.ends[$1] })
  }

  @Test func itLearnsWhichSolutionsAreRight() throws {
    // Right where the completion repeats the prompt's first token.
    let items = (0..<64).map { i -> JudgedCompletion in
      let isRight = i % 3 == 0
      let first = 2 + i % 5
      let said = isRight ? first : 2 + (first - 1) % 5
      return JudgedCompletion(prompt: [first, 9, 8], completion: [said, 10, 0], label: isRight ? 1 : 0)
    }
    let worked = items.filter { $0.label == 1 }.map {
      TargetedTokens(prompt: $0.prompt, completion: Array($0.completion.dropLast()), endOfText: 0)
    }
    var options = VerifierSettings()
    options.dropout = 0.1
    let generator = try tinyModel()
    let before = generator.parameters.map { $0.tensor.array(of: Float.self) }
    let model = try VerifierLearner.verifier(over: generator, labels: items.map(\.label), options: options, seed: 3)
    #expect(abs(model.bias - 22.0 / 64) < 1e-9 && model.backbone.configuration.dropout.residual == 0.1)
    var settings = TrainingSettings(learningRate: 0.01)
    (settings.maxSteps, settings.batchSize) = (150, 32)
    try scratch { folder in
      try run(
        VerifierLearner(
          model, tokenizer: nil, judged: items, language: worked, heldOut: items, settings: settings, options: options),
        settings, in: folder)
      #expect(try metrics("eval_accuracy", in: folder).last == 1)
      let losses = try metrics("language_loss", in: folder)
      #expect((losses.last ?? 9) < losses[0] / 2)
      // What a run's folder holds is read back as the reward model that it is.
      let place = try ModelFolder.resolve(folder.path)
      let read = try ScalarModel.load(place).model
      model.train(false)
      let pairs = items.map { (prompt: $0.prompt, completion: $0.completion) }
      #expect(zip(read.scores(of: pairs), model.scores(of: pairs)).allSatisfy { abs($0 - $1) < 1e-5 })
    }
    // The generator is another network.
    #expect(generator.parameters.map { $0.tensor.array(of: Float.self) } == before)
  }

  @Test func vectorsOfAFrozenModelAreThoseOfTheSolutions() throws {
    let model = try tinyModel()
    let pairs = [
      (prompt: [3, 4], completion: [5, 6, 7]), (prompt: [3, 4], completion: [8]), (prompt: [9], completion: [2, 2]),
    ]
    let found = model.completionVectors(pairs, microBatchTokens: 6)
    for (row, pair) in zip(found, pairs) {
      let hidden = withoutGradients { model(PackedTokens([pair.prompt + pair.completion])) }
      let all: [Float] = hidden.array()
      let rows = stride(from: 0, to: all.count, by: 16).map { Array(all[$0..<$0 + 16]) }.suffix(pair.completion.count)
      let mean = (0..<16).map { i in rows.reduce(Float(0)) { $0 + $1[i] } / Float(rows.count) }
      #expect(zip(row, (rows.last ?? []) + mean).allSatisfy { abs($0 - $1) < 1e-4 })
      #expect(row.count == 32)
    }
  }
}
