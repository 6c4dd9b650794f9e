import Alignment
import Documents
import Evaluation
import Foundation
import LanguageModels
import NeuralNetworks
import Reasoning
import Statistics
import Tokenization
import Torch
import Training

/// A model that is brought, on published problems: its own solutions train verifiers that choose among its solutions of others.
struct BroughtModelStudy: GradeSchoolStudy {
  let options: RecipeOptions
  let settings: GradeSchoolSettings
  let model: String
  private let problemsPath: String
  private let heldOut: [WordProblem]
  private let training: [WordProblem]
  private let others: [WordProblem]
  private let clock = ContinuousClock.now

  /// Divides the problems by the seed: first those that are held out.
  init(_ options: RecipeOptions, _ settings: GradeSchoolSettings, model: String, problems path: String) throws {
    (self.options, self.settings, self.model, problemsPath) = (options, settings, model, path)
    let all = try WordProblem.read(contentsOf: [path])
    let needed = settings.testProblems + settings.trainProblems + (settings.shots ?? 4)
    guard all.count >= needed else {
      throw DataError(
        .badData, path: path,
        problem:
          "there are \(all.count) problems, and \(settings.testProblems) are held out, \(settings.trainProblems) learnt from",
        advice: "Ask for fewer: --set test_problems=N train_problems=M.")
    }
    var random = SeededGenerator(seed: DerivedSeed(run: options.seed, for: "problems").value)
    let shuffled = all.shuffled(using: &random)
    heldOut = Array(shuffled.prefix(settings.testProblems))
    training = Array(shuffled.dropFirst(settings.testProblems).prefix(settings.trainProblems))
    others = Array(shuffled.suffix(all.count - needed + (settings.shots ?? 4)))
  }

  var configuration: [String: JSONValue] {
    [
      "model": .string(model), "problems": .string(problemsPath),
      "model_fingerprint": (try? ModelFolder.resolve(model)).flatMap { Fingerprint.ofModel($0.path) }.map {
        .string($0)
      }
        ?? .null,
      "problems_fingerprint": Fingerprint.of(problemsPath).map { .string($0) } ?? .null,
      "train": .int(training.count), "test": .int(heldOut.count),
    ]
  }

  /// Seconds for a model of half a billion parameters in four to five bits on two cores.
  var plan: [PlannedStage] {
    [.init("greedy", seconds: 200), .init("test", seconds: 2500), .init("train", seconds: 2500)]
      + settings.verifiers.map { .init($0.rawValue, seconds: $0 == .head ? 3600 : 12_000) }
  }

  /// A verifier's scores of the held-out solutions, and what is known of it.
  struct Scored: Codable {
    var scores: [[Double]]
    var notes: [String: Double]
  }

  private typealias Drawn = [(problem: WordProblem, solutions: [Solution])]

  func run(in run: RecipeRun) throws -> RecipeFindings {
    let (decoder, tokenizer) = try ModelFolder.load(model, device: options.device, keepingBlocks: true)
    let style = try settings.prompt ?? (tokenizer.chatFormat == nil ? .fewShot : .chat)
    let prompt = SolutionPrompt(style, examples: Array(others.prefix(settings.shots ?? (style == .chat ? 0 : 4))))
    func draw(_ name: String, _ problems: [WordProblem], samples: Int, until share: Double) throws -> Drawn {
      var draw = SolutionSampler.Settings()
      (draw.samples, draw.maxTokens, draw.seed) = (samples, settings.maxTokens, options.seed)
      draw.temperature = samples == 1 ? 0 : 0.7
      draw.batch = options.device.kind == .cpu ? 32 : 256
      draw.format = style == .chat ? .chat : nil
      let sampler = SolutionSampler(model: decoder, tokenizer: tokenizer, prompt: prompt, settings: draw)
      return try run.stage(name) {
        let bar = ProgressBar(title: name, totalSteps: problems.count)
        defer { bar.finish() }
        let drawn = try fast {
          try sampler.draw(
            problems, into: run.path(of: "\(name).jsonl"),
            isStopped: { InterruptSignals.stopRequested || isOver(share) },
            progress: { bar.update(step: $0, tokens: $1) })
        }
        if InterruptSignals.stopRequested { throw RecipeRun.Interrupted() }
        return zip(problems, drawn).map { ($0, $1) }.filter { !$0.1.isEmpty }
      }
    }
    let greedy = try draw("greedy", heldOut, samples: 1, until: 0.1)
    let test = try draw("test", heldOut, samples: settings.samples, until: 0.5)
    let train = try draw("train", training, samples: settings.samples, until: 0.8)
    guard test.count > 1, train.count > 1 else {
      throw RecipeError(
        description: "recipe gsm8k: the minutes were over before two problems were drawn on either side; give it more.")
    }
    var judged: [(kind: VerifierKind, scored: Scored, pools: [SolutionPool])] = []
    for kind in settings.verifiers {
      // Adapters and whole weights take long on a processor: begun only while there is time.
      if !judged.isEmpty, isOver(0.9) { break }
      let file = "\(kind.rawValue)-\(train.count)x\(test.count).json"
      let scored = try run.stage(kind.rawValue) { () -> Scored in
        if FileManager.default.fileExists(atPath: run.path(of: file)) {
          return try JSONValue(contentsOf: run.path(of: file)).decoded(as: Scored.self)
        }
        let made =
          kind == .head
          ? try head(decoder, tokenizer, prompt, train, test)
          : try joint(kind, decoder, tokenizer, prompt, train, test, run)
        try DurableFile.write(try JSONValue(encoding: made).serialized() + "\n", to: run.path(of: file))
        return made
      }
      judged.append((kind, scored, zip(test, scored.scores).map { SolutionPool($0.solutions, scores: $1) }))
    }
    return try findings(greedy, train, test, judged, style, run)
  }

  /// Whether a share of the minutes is over.
  private func isOver(_ share: Double) -> Bool {
    options.minutes.map { (ContinuousClock.now - clock) / .seconds(60) > $0 * share } ?? false
  }

  /// On a GPU products are made in bfloat16.
  private func fast<Result>(_ body: () throws -> Result) rethrows -> Result {
    try withAutocast(options.device.kind == .cuda ? .bfloat16 : nil, device: options.device, body)
  }

  // MARK: Verifiers

  private func pairs(
    _ drawn: Drawn, _ prompt: SolutionPrompt, _ tokenizer: Tokenizer
  ) throws -> [(prompt: [Int], completion: [Int])] {
    try drawn.flatMap { problem, solutions in
      let tokens = try prompt.tokens(of: problem, tokenizer)
      return solutions.map { (tokens, $0.ids) }
    }
  }

  /// Scores by problem.
  private func byProblem(_ scores: [Double], _ drawn: Drawn) -> [[Double]] {
    var rest = scores[...]
    return drawn.map { item in
      defer { rest = rest.dropFirst(item.solutions.count) }
      return Array(rest.prefix(item.solutions.count))
    }
  }

  private func head(
    _ decoder: LanguageModels.Decoder, _ tokenizer: Tokenizer, _ prompt: SolutionPrompt, _ train: Drawn, _ test: Drawn
  ) throws -> Scored {
    func features(_ drawn: Drawn, _ name: String) throws -> [[Float]] {
      let bar = ProgressBar(title: "reading \(name)", totalSteps: drawn.count)
      defer { bar.finish() }
      var rows: [[Float]] = []
      for (i, item) in drawn.enumerated() {
        if InterruptSignals.stopRequested { throw RecipeRun.Interrupted() }
        let own = try pairs([item], prompt, tokenizer)
        let vectors = fast { decoder.completionVectors(own) }
        rows += zip(vectors, item.solutions).map { vector, solution in
          vector + [
            Float(solution.meanLogProbability), Float(solution.ids.count), solution.isFinished ? 1 : 0,
            solution.answer == nil ? 0 : 1,
          ]
        }
        bar.update(step: i + 1, tokens: own.reduce(0) { $0 + $1.completion.count })
      }
      return rows
    }
    let verifier = LinearVerifier(
      features: try features(train, "train"),
      labels: train.flatMap { $0.solutions.map { $0.isCorrect ? 1 : 0 } },
      groups: train.enumerated().flatMap { place, item in item.solutions.map { _ in place } })
    return Scored(
      scores: byProblem(verifier.scores(of: try features(test, "test")), test),
      notes: ["penalty": verifier.penalty].merging(verifier.orderedPairs.map { ["ordered_pairs_left_out": $0] } ?? [:])
      { $1 })
  }

  private func joint(
    _ kind: VerifierKind, _ decoder: LanguageModels.Decoder, _ tokenizer: Tokenizer, _ prompt: SolutionPrompt,
    _ train: Drawn, _ test: Drawn, _ run: RecipeRun
  ) throws -> Scored {
    let labels = train.flatMap { $0.solutions.map { $0.isCorrect ? 1.0 : 0 } }
    var options = VerifierSettings()
    // The model was trained without: what drops features needs pretraining with them dropped first (the paper's section 4.3).
    options.dropout = 0
    let scorer: ScalarModel
    if kind == .full {
      scorer = try VerifierLearner.verifier(over: decoder, labels: labels, options: options, seed: self.options.seed)
    } else {
      var adapters = AdapterSettings()
      (adapters.rank, adapters.alpha) = (settings.rank, Double(2 * settings.rank))
      guard let configuration = adapters.configuration(base: try ModelFolder.resolve(model)) else {
        preconditionFailure("adapters have a rank")
      }
      let generator = Generator(seed: self.options.seed, device: decoder.device)
      scorer = ScalarModel(
        try decoder.adapted(configuration, generator: generator), generator: Generator(seed: self.options.seed))
      scorer.startAround(labels)
    }
    let own = try pairs(train, prompt, tokenizer)
    let judged = zip(own, labels).map { JudgedCompletion(prompt: $0.prompt, completion: $0.completion, label: $1) }
    let worked = try train.map { item in
      TargetedTokens(
        prompt: try prompt.tokens(of: item.problem, tokenizer),
        completion: tokenizer.encode(item.problem.solution, addSpecialTokens: false), endOfText: tokenizer.eos)
    }
    var training = TrainingSettings(
      learningRate: settings.verifierRate * (kind == .full ? 1 : 10), passes: settings.verifierEpochs,
      over: judged.count, batchSize: settings.verifierBatch)
    training.warmupSteps = min(10, training.maxSteps / 10)
    training.weightDecay = 0
    training.seed = self.options.seed
    training.bf16 = self.options.device.kind == .cuda
    training.microBatchTokens = training.bf16 ? 16_384 : 4096
    let learner = VerifierLearner(
      scorer, tokenizer: tokenizer, judged: judged, language: worked, settings: training, options: options)
    try run.train("\(kind.rawValue)-training", learner, training)
    scorer.train(false)
    let others = try pairs(test, prompt, tokenizer)
    let scores = fast { scorer.scores(of: others) }
    return Scored(
      scores: byProblem(scores.map(Double.init), test), notes: ["steps": Double(training.maxSteps)])
  }

  // MARK: Findings

  private func findings(
    _ greedy: Drawn, _ train: Drawn, _ test: Drawn,
    _ judged: [(kind: VerifierKind, scored: Scored, pools: [SolutionPool])], _ style: SolutionPrompt.Style,
    _ run: RecipeRun
  ) throws -> RecipeFindings {
    let n = settings.samples
    let plain = test.map { SolutionPool($0.solutions) }
    let published = (0.390 - 0.217, "6B, verification over fine-tuning, the released solutions of GSM8K's test set")
    var effects: [Effect] = []
    for (kind, _, pools) in judged {
      effects += [
        Effect(
          "best of \(n) by the verifier (\(kind.rawValue)) over one sample", pools.gain(of: .best, n, over: .best, 1),
          goal: .above(0), published: published.0, source: published.1, isShare: true),
        Effect(
          "best of \(n) by the verifier (\(kind.rawValue)) over the majority of \(n)",
          pools.gain(of: .best, n, over: .majority, n), goal: .above(0), isShare: true),
        Effect(
          "vote weighted by the verifier (\(kind.rawValue)) over the majority of \(n)",
          pools.gain(of: .weighted, n, over: .majority, n), goal: .above(0), isShare: true),
      ]
    }
    var findings = RecipeFindings(effects: effects)
    let tables = ChoiceTable(pools: judged.map { ($0.kind.rawValue, $0.pools) }, plain: plain, n: n)
    let greedyRate = Bootstrap(seed: 1).mean(greedy.map { $0.solutions[0].isCorrect ? 1 : 0 })
    findings.pictures = [[tables.curves(title: "Solutions drawn of each problem")]]
    let tokens = (train + test + greedy).reduce(0) { $0 + $1.solutions.reduce(0) { $0 + $1.ids.count } }
    let seconds = run.times.filter { ["greedy", "test", "train"].contains($0.name) }.reduce(0) { $0 + $1.seconds }
    findings.details["greedy"] = try JSONValue(encoding: greedyRate)
    findings.details["choices"] = try tables.document
    findings.details["cost"] = [
      "tokens": .int(tokens), "seconds": .double(seconds),
      "tokens_per_second": .double(Double(tokens) / max(seconds, 1e-9)),
      "train_problems": .int(train.count), "test_problems": .int(test.count), "samples": .int(n),
      "prompt": .string(style.rawValue),
    ]
    findings.details["verifiers"] = .array(
      try judged.map { item in
        var fields = JSONObject([(key: "kind", value: .string(item.kind.rawValue))])
        for (key, value) in item.scored.notes.sorted(by: { $0.key < $1.key }) where value.isFinite {
          fields[key] = .double(value)
        }
        let pairs = item.pools.compactMap(\.orderedPairs)
        fields["ordered_pairs"] = try JSONValue(encoding: Bootstrap(seed: 1).mean(pairs))
        return .object(fields)
      })
    findings.cautions = [
      "Problems that are held out here are not held out of what the model was pretrained on, which nobody says; all ways to choose "
        + "have the same solutions before them."
    ]
    if train.count < training.count || test.count < heldOut.count {
      findings.cautions.append(
        "The minutes were over after \(train.count) of \(training.count) training problems and \(test.count) of "
          + "\(heldOut.count) held-out ones.")
    }
    findings.sections = { page in
      page.heading("Choosing one answer of \(n)")
      page.table(
        header: ["choice", "right (95% interval)"],
        rows: [[.text("one sample, greedy"), .estimate(greedyRate, isPercentage: true)]] + tables.rows,
        caption:
          "\(test.count) held-out problems; verifiers learnt from \(train.count) others. \(tokens) tokens were drawn in "
          + "\(Int(seconds)) seconds.")
      for (place, item) in test.prefix(6).enumerated() {
        ChoiceTable.show(item.problem, item.solutions, judged.first?.pools[place], in: &page)
      }
    }
    return findings
  }
}
