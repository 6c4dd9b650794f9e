// Code from scratch (Codex, Chen 2021): a small decoder reads the machine's own Python library, is tuned on generated functions with
// docstrings, and writes functions of other templates a hundred times each; tests decide.
//
// Covered: filters and duplicates of the corpus, bits per byte, pass@k by number of tries and temperature, picks by mean
// log-probability, pass rates by the number of chained blocks and of operations bound to variables, and rewards from tests (GRPO, with
// the sandbox as the judge); buggy functions before the one that is asked for against clean ones; the share of insecure completions of a
// few beginnings. Not covered: docstrings from code, repair.

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
  private let pretrainSteps: Int
  private let tuneSteps: Int
  private let rewardSteps: Int
  private let samples: Int
  private let width: Int
  private let layers: Int
  private let context: Int
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
      .init("bits per byte", seconds: 10),
      .init("tune", seconds: 120),
    ] + draws + [
      .init("grades", seconds: 240), .init("rewards", seconds: 200),
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
    let tuned = try tuned(base, tokenizer, run)
    let tasks = problems.enumerated().map { $1.task(id: "Generated/\($0)") }
    let draws = try await run.stored("grades") {
      try Self.temperatures.map { try graded(tuned, tokenizer, tasks, $0, samples, "samples", run) }
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
      study: self, corpus: summary, bitsPerByte: bits, draws: draws, rewarded: after, clean: contexts[0],
      buggy: contexts[1],
      insecure: insecure
    ).findings(run)
  }

  private func seed(for purpose: String) -> UInt64 { DerivedSeed(run: options.seed, for: purpose).value }

  // MARK: 1. Corpus and tokenizer

  /// What the corpus came to.
  struct CorpusSummary: Codable {
    var files: Int
    var bytes: Int
    var dropped: [String: Int]

    init(_ corpus: CodeCorpus) {
      files = corpus.documents.count
      bytes = corpus.documents.reduce(0) { $0 + $1.text.utf8.count }
      dropped = Dictionary(uniqueKeysWithValues: corpus.dropped.map { ($0.key.rawValue, $0.value) })
    }
  }

  private func corpus() throws -> CodeCorpus {
    let library = try CodeCorpus.pythonLibrary()
    return try CodeCorpus(folder: options.isQuick ? "\(library)/json" : library)
  }

  private func makeTokenizer(_ corpus: CodeCorpus, _ run: RecipeRun) throws -> Tokenizer {
    let place = URL(fileURLWithPath: run.path(of: "tokenizer"))
    if FileManager.default.fileExists(atPath: place.appendingPathComponent("tokenizer.json").path) {
      return try Tokenizer(contentsOf: place)
    }
    var trainer = try BytePairTrainer(
      vocabularySize: options.isQuick ? 320 : 2048, specialTokens: ["<|endoftext|>"])
    for document in corpus.documents { trainer.count(document.text) }
    let tokenizer = try trainer.train()
    try tokenizer.write(to: place)
    return tokenizer
  }

  // MARK: 2. Pretraining

  private func pretrained(
    _ corpus: CodeCorpus, _ tokenizer: Tokenizer, _ run: RecipeRun
  ) async throws -> (Decoder, bitsPerByte: Double) {
    let end = tokenizer.eos ?? 0
    var shape = DecoderConfiguration.llama(
      vocabularySize: tokenizer.vocabularySize, width: width, layers: layers, heads: max(1, width / 32),
      feedForwardWidth: width * 8 / 3 / 32 * 32, contextLength: 1024, tiesEmbeddings: true, endOfText: end)
    shape.initializerRange = 0.09
    let model = try Decoder(shape, generator: Generator(seed: seed(for: "weights")))
    model.to(device: options.device)
    // One file in twenty is held out.
    let documents = corpus.documents.enumerated().map { (isHeldOut: $0 % 20 == 0, text: $1.text) }
    let heldOut = documents.filter(\.isHeldOut).map(\.text)
    let rows = try TokenRows(
      documents.filter { !$0.isHeldOut }.map { tokenizer.encode($0.text) + [end] }, length: context, path: "the library"
    )
    var training = TrainingSettings()
    (training.maxSteps, training.batchSize, training.seed) = (
      pretrainSteps, options.isQuick ? 2 : 16, seed(for: "pretrain")
    )
    (training.optimizer, training.learningRate) = (.muon, 0.02)
    (training.beta2, training.weightDecay, training.warmupSteps) = (0.98, 0, min(40, pretrainSteps / 4))
    try run.stage("pretrain") {
      try run.train(
        "pretrain",
        NextTokenLearner(
          model, tokenizer: tokenizer, source: RowSource(rows, batchSize: training.batchSize, seed: training.seed),
          settings: training), training)
    }
    let bits = try await run.stored("bits per byte") { try bitsPerByte(of: model, on: heldOut, tokenizer) }
    return (model, bits)
  }

  /// ln p of held-out files, in bits for each of their bytes; each piece of the context's length by itself.
  private func bitsPerByte(of model: Decoder, on texts: [String], _ tokenizer: Tokenizer) throws -> Double {
    model.train(false)
    let end = tokenizer.eos ?? 0
    var pieces: [[Int]] = []
    for text in texts {
      let ids = tokenizer.encode(text)
      for start in stride(from: 0, to: ids.count, by: context) {
        pieces.append([end] + ids[start..<min(start + context, ids.count)])
      }
    }
    let sum = withoutGradients {
      microBatches(pieces, tokens: 8192, size: \.count).reduce(0.0) {
        $0 + model.logProbabilities(PackedTokens($1)).sum().item()
      }
    }
    let bytes = texts.reduce(0) { $0 + $1.utf8.count }
    return -sum / log(2) / Double(bytes)
  }

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
    let model = try base.copy()
    var training = TrainingSettings(learningRate: 1e-3)
    (training.maxSteps, training.batchSize, training.seed) = (tuneSteps, options.isQuick ? 4 : 32, seed(for: "tune"))
    training.warmupSteps = min(20, tuneSteps / 4)
    try run.stage("tune") {
      try run.train(
        "tune",
        NextTokenLearner(
          model, tokenizer: tokenizer,
          source: ExampleSource(examples, batchSize: training.batchSize, seed: training.seed),
          settings: training), training)
    }
    model.train(false)
    return model
  }

  /// A file whose functions' bodies are learnt, and its end.
  private static func example(_ functions: [(prompt: [Int], body: [Int])], endOfText: Int) -> TargetedTokens {
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

  private func graded(
    _ model: Decoder, _ tokenizer: Tokenizer, _ tasks: [CodeTask], _ temperature: Double, _ count: Int, _ name: String,
    _ run: RecipeRun
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
        tasks, into: run.path(of: "\(name)-\(temperature).jsonl"), isStopped: { InterruptSignals.stopRequested },
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

  /// A pool that keeps what it graded, so that a stopped run grades nothing twice.
  private func pool(_ run: RecipeRun) throws -> SandboxPool {
    SandboxPool(try Sandbox(.python), cache: try ResultCache(path: run.path(of: "results.jsonl")))
  }

  // MARK: 5. Rewards from tests

  private func rewarded(
    _ tuned: Decoder, _ tokenizer: Tokenizer, _ tasks: [CodeTask], _ run: RecipeRun
  ) throws -> Decoder {
    let pool = try pool(run)
    let judge = ClosureJudge("tests") { candidates in
      try pool.run(
        candidates.map { tasks[$0.task].program(completing: CompletionText.cut($0.text, at: tasks[$0.task].stops)) }
      )
      .map { $0?.isPassed == true ? 1 : 0 }
    }
    let policy = try tuned.copy()
    var training = TrainingSettings(learningRate: 3e-4)
    (training.maxSteps, training.batchSize, training.seed) = (
      rewardSteps, options.isQuick ? 2 : 16, seed(for: "rewards")
    )
    (training.weightDecay, training.warmupSteps, training.schedule) = (0, min(5, rewardSteps / 4), .linear)
    var group = GroupSettings()
    (group.samples, group.maxCompletionLength) = (options.isQuick ? 2 : 8, options.isQuick ? 8 : 160)
    let learner = GroupLearner(
      policy: policy, tokenizer: tokenizer, prompts: tasks.map { tokenizer.encode($0.prompt) }, judge: judge,
      settings: training, options: group)
    try run.stage("rewards") { try run.train("rewards", learner, training) }
    policy.train(false)
    return policy
  }

  // MARK: 6. What stands before, and what is insecure

  /// The problems at the end of files that begin with two functions of tuning's templates, with mistakes in them or without.
  private func tasksAfterFunctions(buggy: Bool) -> [CodeTask] {
    let before = FunctionProblem.drawn(
      2 * problems.count, sizes: 1...3, forTests: false, seed: seed(for: "functions before"))
    return problems.enumerated().map { place, problem in
      problem.task(
        id: "Generated/\(place)",
        after: FunctionProblem.context(before[(2 * place)..<(2 * place + 2)], buggy: buggy))
    }
  }

  /// How many completions of each beginning are insecure, and how many are either.
  struct Insecure: Codable {
    var name: String
    var insecure: Int
    var known: Int
  }

  private func insecureShares(of model: Decoder, _ tokenizer: Tokenizer) throws -> [Insecure] {
    let requests = InsecurePrompts.all.enumerated().map { place, prompt in
      GenerationRequest(
        prompt: tokenizer.encode(prompt.text), samples: options.isQuick ? 2 : 50,
        parameters: SamplingParameters(
          temperature: 0.8, topP: 0.95, maxTokens: 16, seed: seed(for: "insecure \(place)")))
    }
    let made = try GenerationEngine(model: model, tokenizer: tokenizer, limits: .init(batch: 256)).generate(requests)
    return zip(InsecurePrompts.all, made).map { prompt, completions in
      let verdicts = completions.compactMap { InsecurePrompts.isInsecure($0.text, prompt) }
      return Insecure(name: prompt.name, insecure: verdicts.count { $0 }, known: verdicts.count)
    }
  }
}
