// Code from scratch (Codex, Chen 2021): a small decoder reads the machine's own Python library, is tuned on generated functions with
// docstrings, and writes functions of other templates a hundred times each; tests decide.
//
// Covered: filters and duplicates of the corpus, bits per byte, pass@k by number of tries and temperature, picks by mean
// log-probability, pass rates by the number of chained blocks and of operations bound to variables, and rewards from tests (GRPO, with
// the sandbox as the judge); buggy functions before the one that is asked for against clean ones; the share of insecure completions of a
// few beginnings; lines filled in between what stands before and behind them; docstrings from code, and samples ranked by how well they
// explain the docstring that was asked for; mistakes mended by a model that is shown them.

import Alignment
import Documents
import Evaluation
import Foundation
import LanguageModels
import NeuralNetworks
import Programming
import Sandbox
import Statistics
import Tokenization
import Torch
import Training

/// A small decoder that learns Python from the machine's own library.
struct ScratchStudy: CodexStudy {
  let options: RecipeOptions
  let problems: [FunctionProblem]
  let pretrainSteps: Int
  let tuneSteps: Int
  let rewardSteps: Int
  let samples: Int
  let width: Int
  let layers: Int
  let context: Int
  static let temperatures = [0.2, 0.6, 1.0]

  init(_ options: RecipeOptions) {
    self.options = options
    let isQuick = options.isQuick
    func scaled(_ count: Double) -> Int { max(2, Int((count * options.scale).rounded())) }
    (width, layers, context) = isQuick ? (32, 1, 64) : (192, 4, 384)
    (pretrainSteps, tuneSteps, rewardSteps) = isQuick ? (2, 2, 1) : (scaled(700), scaled(400), scaled(40))
    samples = isQuick ? 4 : 100
    problems = FunctionProblem.drawn(
      isQuick ? 4 : 96, sizes: 2...4, forTests: true, seed: DerivedSeed(run: options.seed, for: "problems").value)
  }

  var configuration: [String: JSONValue] {
    [
      "study": "scratch", "width": .int(width), "layers": .int(layers), "context": .int(context),
      "pretrain_steps": .int(pretrainSteps), "tune_steps": .int(tuneSteps), "reward_steps": .int(rewardSteps),
      "samples": .int(samples), "problems": .int(problems.count),
    ]
  }

  /// Seconds on two cores of an EPYC.
  var plan: [PlannedStage] {
    let draws = Self.temperatures.map { PlannedStage("samples at \($0)", seconds: 100) }
    return [
      .init("corpus", seconds: 1), .init("tokenizer", seconds: 20), .init("pretrain", seconds: 600),
      .init("bits per byte", seconds: 10), .init("filled lines", seconds: 10), .init("tune", seconds: 120),
    ] + draws + [
      .init("grades", seconds: 240), .init("docstrings", seconds: 60), .init("described", seconds: 60),
      .init("mend", seconds: 60), .init("mended at \(Self.temperatures[1])", seconds: 20),
      .init("grades after mending", seconds: 30), .init("rewards", seconds: 200),
      .init("rewarded at \(Self.temperatures[1])", seconds: 60), .init("grades after rewards", seconds: 60),
      .init("after-clean at \(Self.temperatures[0])", seconds: 30),
      .init("after-buggy at \(Self.temperatures[0])", seconds: 30),
      .init("grades after context", seconds: 60), .init("insecure", seconds: 10),
    ]
  }

  /// What a draw came to: by problem, whether each sample passed and how likely its tokens were on average.
  struct Draw: Codable {
    var temperature: Double
    var passed: [[Bool]]
    var scores: [[Double]]
  }

  func run(in run: RecipeRun) async throws -> RecipeFindings {
    let corpus = try corpus()
    // Another machine may grade, whose library is another one.
    let summary = try await run.stored("corpus") { CorpusSummary(corpus) }
    let tokenizer = try run.stage("tokenizer") { try makeTokenizer(corpus, run) }
    let (base, bits) = try await pretrained(corpus, tokenizer, run)
    let filled = try await run.stored("filled lines") { try filledLines(of: base, corpus, tokenizer) }
    let tuned = try tuned(base, tokenizer, run)
    let tasks = problems.enumerated().map { $1.task(id: "Generated/\($0)") }
    let draws = try await run.stored("grades") {
      try Self.temperatures.map { try graded(tuned, tokenizer, tasks, $0, samples, "samples", run) }
    }
    let described = try await run.stored("described") { try self.described(base, tokenizer, tasks, run) }
    let mended = try await run.stored("grades after mending") {
      try self.mended(tuned, tokenizer, tasks, draws[1], run)
    }
    let after = try await run.stored("grades after rewards") {
      let policy = try rewarded(tuned, tokenizer, tasks, run)
      return try graded(policy, tokenizer, tasks, Self.temperatures[1], samples, "rewarded", run)
    }
    let contexts = try await run.stored("grades after context") {
      try ["clean", "buggy"].map { kind in
        try graded(
          tuned, tokenizer, tasksAfterFunctions(buggy: kind == "buggy"), Self.temperatures[0], options.isQuick ? 2 : 20,
          "after-\(kind)", run)
      }
    }
    let insecure = try await run.stored("insecure") { try insecureShares(of: base, tokenizer) }
    return ScratchFindings(
      study: self, corpus: summary, bitsPerByte: bits, filled: filled, draws: draws, described: described,
      mended: mended, rewarded: after, clean: contexts[0], buggy: contexts[1], insecure: insecure
    ).findings(run)
  }

  func seed(for purpose: String) -> UInt64 { DerivedSeed(run: options.seed, for: purpose).value }

  // MARK: 3. Tuning on functions, the docstrings not learnt

  private func tuned(_ base: Decoder, _ tokenizer: Tokenizer, _ run: RecipeRun) throws -> Decoder {
    let end = tokenizer.eos ?? 0
    let functions = FunctionProblem.drawn(
      options.isQuick ? 16 : 4000, sizes: 1...3, forTests: false, seed: seed(for: "functions"))
    // Files of one to three functions; in one of eight every function has a mistake, for whoever makes one makes more.
    var random = SeededGenerator(seed: seed(for: "files"))
    var examples: [TargetedTokens] = []
    var rest = functions[...]
    while !rest.isEmpty {
      let file = rest.prefix([1, 1, 2, 3][random.index(below: 4)])
      rest = rest.dropFirst(file.count)
      let isBuggy = random.index(below: 8) == 0
      examples.append(
        Self.example(
          file.map {
            (tokenizer.encode($0.prompt), tokenizer.encode((isBuggy ? $0.buggySolution : $0.solution) + "\n\n"))
          },
          endOfText: end))
    }
    return try tuned(base, on: examples, tokenizer, "tune", steps: tuneSteps, run)
  }

  /// A copy of a decoder that has learnt some examples.
  func tuned(
    _ base: Decoder, on examples: [TargetedTokens], _ tokenizer: Tokenizer, _ stage: String, steps: Int,
    _ run: RecipeRun
  ) throws -> Decoder {
    let model = try base.copy()
    var training = TrainingSettings(learningRate: 1e-3)
    (training.maxSteps, training.batchSize, training.seed) = (steps, options.isQuick ? 4 : 32, seed(for: stage))
    training.warmupSteps = min(20, steps / 4)
    try run.stage(stage) {
      try run.train(
        stage,
        NextTokenLearner(
          model, tokenizer: tokenizer,
          source: ExampleSource(examples, batchSize: training.batchSize, seed: training.seed),
          settings: training), training)
    }
    model.train(false)
    return model
  }

  /// A file whose functions' bodies are learnt, and its end.
  static func example(_ functions: [(prompt: [Int], body: [Int])], endOfText: Int) -> TargetedTokens {
    var (all, learnt) = ([Int](), [Bool]())
    for (prompt, body) in functions {
      all += prompt + body
      learnt += prompt.map { _ in false } + body.map { _ in true }
    }
    all.append(endOfText)
    learnt.append(true)
    return TargetedTokens(
      tokens: Array(all.dropLast()), targets: zip(all, learnt).dropFirst().map { $1 ? $0 : -100 })
  }

  // MARK: 4. Samples and their grades

  func graded(
    _ model: Decoder, _ tokenizer: Tokenizer, _ tasks: [CodeTask], _ temperature: Double, _ count: Int, _ name: String,
    mending: [String: CodeSampler.FailedSolution] = [:], _ run: RecipeRun
  ) throws -> Draw {
    var settings = CodeSampler.Settings(device: options.device)
    (settings.samples, settings.temperature, settings.topP) = (count, temperature, 0.95)
    (settings.maxTokens, settings.batch, settings.seed) = (
      options.isQuick ? 8 : 160, 256, seed(for: "\(name) \(temperature)")
    )
    let title = "\(name) at \(temperature)"
    let drawn = try run.stage(title) {
      let bar = ProgressBar(title: title, totalSteps: tasks.count)
      defer { bar.finish() }
      return try CodeSampler(model: model, tokenizer: tokenizer, settings: settings).draw(
        tasks, mending: mending, into: Self.samplesFile(name, temperature, run),
        isStopped: { InterruptSignals.stopRequested },
        progress: { bar.update(step: $0, tokens: $1) })
    }
    guard let drawn else { throw RecipeRun.Interrupted() }
    let bar = ProgressBar(title: "grades", totalSteps: drawn.count)
    defer { bar.finish() }
    let grades = try CodeGrades(
      drawn, of: tasks, pool: try pool(run), isStopped: { InterruptSignals.stopRequested },
      progress: { bar.update(step: $0, tokens: 0) })
    guard let grades else { throw RecipeRun.Interrupted() }
    return Draw(
      temperature: temperature, passed: grades.places.map { $0.map { grades.results[$0].isPassed } },
      scores: grades.places.map { $0.map { drawn[$0].meanLogProbability ?? .nan } })
  }

  /// The samples of a draw.
  static func samplesFile(_ name: String, _ temperature: Double, _ run: RecipeRun) -> String {
    run.path(of: "\(name)-\(temperature).jsonl")
  }

  /// A pool that keeps what it graded, so that a stopped run grades nothing twice.
  func pool(_ run: RecipeRun) throws -> SandboxPool {
    SandboxPool(try Sandbox(.python), cache: try ResultCache(path: run.path(of: "results.jsonl")))
  }
}
