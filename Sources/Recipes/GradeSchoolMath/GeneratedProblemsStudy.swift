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

/// A decoder from scratch on a generated curriculum: what verification gains over tuning, and how both grow with the problems.
struct GeneratedProblemsStudy: GradeSchoolStudy {
  let options: RecipeOptions
  let settings: GradeSchoolSettings
  private let curriculum: Curriculum
  private let clock = ContinuousClock.now

  init(_ options: RecipeOptions, _ settings: GradeSchoolSettings) {
    (self.options, self.settings) = (options, settings)
    curriculum = Curriculum(seed: options.seed)
  }

  var configuration: [String: JSONValue] { [:] }

  /// Seconds on two cores.
  var plan: [PlannedStage] {
    [.init("tokenizer", seconds: 2), .init("pretrain", seconds: 400), .init("more-tuned", seconds: 200)]
      + settings.sizes.sorted(by: >).flatMap { size -> [PlannedStage] in
        let share = Double(size) / Double(settings.sizes.last ?? size)
        return [
          .init("tuned-\(size)", seconds: 60 * share), .init("generator-\(size)", seconds: 20 * share),
          .init("train-\(size)", seconds: 150 * share), .init("test-\(size)", seconds: 150),
          .init("verifier-\(size)", seconds: 500 * share),
        ]
      } + (settings.ablations ? Self.ablations.map { .init("verifier-\($0.name)", seconds: 400) } : [])
  }

  private static var ablations: [(name: String, change: (inout VerifierSettings) -> Void)] {
    [("solution-level", { $0.level = .solution }), ("values-alone", { $0.languageWeight = 0 })]
  }

  /// What was measured at one number of training problems.
  private struct Measured {
    var size: Int
    /// Of each held-out problem, whether a model that was only tuned solves it, greedily.
    var tuned: [Double]
    var pools: [SolutionPool]
    var solutions: [[Solution]]
  }

  func run(in run: RecipeRun) throws -> RecipeFindings {
    let tokenizer = try run.stage("tokenizer") { try makeTokenizer(run) }
    let base = try run.stage("pretrain") { try pretrain(tokenizer, run) }
    let heldOut = curriculum.problems(0..<settings.heldOut, in: .heldOut)
    let main = settings.sizes.last ?? 0
    let more = try tuned(base, main * settings.times, heldOut, "more-tuned", tokenizer, run)
    var measured: [Measured] = []
    var ablations: [(name: String, pools: [SolutionPool])] = []
    // The largest first: what the minutes don't reach is the rest of a curve.
    for size in settings.sizes.sorted(by: >) where measured.isEmpty || !isOver {
      let problems = curriculum.problems(0..<size, in: .training)
      let right = try tuned(base, size, heldOut, "tuned-\(size)", tokenizer, run)
      let generator = try tune(base, problems, epochs: settings.generatorEpochs, "generator-\(size)", tokenizer, run)
      let train = try draw(generator, problems, settings.trainSamples, "train-\(size)", tokenizer, run)
      let test = try draw(generator, heldOut, settings.testSamples, "test-\(size)", tokenizer, run)
      func pools(_ name: String, _ change: (inout VerifierSettings) -> Void) throws -> [SolutionPool] {
        try verified(generator, problems, train, heldOut, test, name, tokenizer, run, change)
      }
      measured.append(
        Measured(size: size, tuned: right, pools: try pools("verifier-\(size)") { _ in }, solutions: test))
      if size == main, settings.ablations {
        for (name, change) in Self.ablations where !isOver {
          ablations.append((name, try pools("verifier-\(name)", change)))
        }
      }
    }
    return try findings(measured.reversed(), more, ablations, heldOut, run)
  }

  private var isOver: Bool {
    options.minutes.map { (ContinuousClock.now - clock) / .seconds(60) > $0 * 0.7 } ?? false
  }

  private var isFast: Bool { options.device.kind == .cuda }

  private func seed(_ purpose: String) -> UInt64 { DerivedSeed(run: options.seed, for: purpose).value }

  // MARK: 1. A model that reads

  private func text(_ problem: WordProblem) -> String { "\(problem.question)\n\(problem.solution)" }

  private func makeTokenizer(_ run: RecipeRun) throws -> Tokenizer {
    let place = URL(fileURLWithPath: run.path(of: "tokenizer"))
    if FileManager.default.fileExists(atPath: place.appendingPathComponent("tokenizer.json").path) {
      return try Tokenizer(contentsOf: place)
    }
    // Every digit by itself: held-out numbers are made of known tokens then.
    var trainer = try BytePairTrainer(vocabularySize: 640, pattern: .qwen2)
    for problem in curriculum.problems(0..<min(4000, settings.documents), in: .reading) { trainer.count(text(problem)) }
    // Names and things that only held-out problems have are words too, and not letters.
    for number in 0..<200 { trainer.count(curriculum.problem(100_000 + number, in: .heldOut).question) }
    let tokenizer = try trainer.train()
    try tokenizer.write(to: place)
    return tokenizer
  }

  private func example(_ problem: WordProblem, _ tokenizer: Tokenizer) throws -> TargetedTokens {
    TargetedTokens(
      prompt: try SolutionPrompt(.plain).tokens(of: problem, tokenizer), completion: tokenizer.encode(problem.solution),
      endOfText: tokenizer.eos)
  }

  private func pretrain(_ tokenizer: Tokenizer, _ run: RecipeRun) throws -> LanguageModels.Decoder {
    let documents = curriculum.problems(0..<settings.documents, in: .reading).map {
      TargetedTokens(prompt: [], completion: tokenizer.encode(text($0)), endOfText: tokenizer.eos)
    }
    var shape = DecoderConfiguration.small(
      vocabularySize: tokenizer.vocabularySize, width: settings.width, layers: settings.layers,
      heads: max(1, settings.width / 16), feedForwardWidth: max(32, settings.width * 8 / 3 / 32 * 32),
      contextLength: 512, endOfText: tokenizer.eos ?? 0)
    // The paper pretrains with dropout before it is used in tuning.
    shape.dropout.residual = 0.05
    let model = try Decoder(shape, generator: Generator(seed: seed("weights")))
    model.to(device: options.device)
    var training = TrainingSettings.fromScratch(
      steps: settings.pretrainSteps, batchSize: 24, seed: seed("pretrain"))
    training.saveSteps = 200
    training.bf16 = isFast
    try run.train(
      "pretrain",
      NextTokenLearner(
        model, tokenizer: tokenizer,
        source: ExampleSource(documents, batchSize: training.batchSize, seed: training.seed), settings: training),
      training)
    return model
  }

  // MARK: 2. Models that solve

  private func tune(
    _ base: LanguageModels.Decoder, _ problems: [WordProblem], epochs: Double, _ name: String, _ tokenizer: Tokenizer,
    _ run: RecipeRun
  ) throws -> LanguageModels.Decoder {
    let model = try base.copy()
    var training = TrainingSettings(
      learningRate: settings.tuningRate, passes: epochs, over: problems.count, batchSize: 16)
    training.warmupSteps = min(10, training.maxSteps / 5)
    training.seed = seed(name)
    training.bf16 = isFast
    let examples = try problems.map { try example($0, tokenizer) }
    try run.stage(name) {
      try run.train(
        name,
        NextTokenLearner(
          model, tokenizer: tokenizer,
          source: ExampleSource(examples, batchSize: training.batchSize, seed: training.seed), settings: training),
        training)
    }
    model.train(false)
    return model
  }

  /// Whether a model that is only tuned solves each held-out problem, greedily.
  private func tuned(
    _ base: LanguageModels.Decoder, _ count: Int, _ heldOut: [WordProblem], _ name: String, _ tokenizer: Tokenizer,
    _ run: RecipeRun
  ) throws -> [Double] {
    let model = try tune(
      base, curriculum.problems(0..<count, in: .training), epochs: settings.tuningEpochs, name, tokenizer, run)
    return try sampler(model, 1, tokenizer).draw(heldOut, into: run.path(of: "\(name).jsonl"))
      .map { $0.first?.isCorrect == true ? 1 : 0 }
  }

  private func sampler(_ model: LanguageModels.Decoder, _ samples: Int, _ tokenizer: Tokenizer) -> SolutionSampler {
    var draw = SolutionSampler.Settings()
    (draw.samples, draw.temperature) = (samples, samples == 1 ? 0 : 0.7)
    (draw.maxTokens, draw.seed) = (options.isQuick ? 24 : 200, options.seed)
    draw.batch = isFast ? 1024 : 256
    return SolutionSampler(model: model, tokenizer: tokenizer, prompt: SolutionPrompt(.plain), settings: draw)
  }

  private func draw(
    _ model: LanguageModels.Decoder, _ problems: [WordProblem], _ samples: Int, _ name: String, _ tokenizer: Tokenizer,
    _ run: RecipeRun
  ) throws -> [[Solution]] {
    let drawn = try run.stage(name) {
      let bar = ProgressBar(title: name, totalSteps: problems.count)
      defer { bar.finish() }
      return try sampler(model, samples, tokenizer).draw(
        problems, into: run.path(of: "\(name).jsonl"), isStopped: { InterruptSignals.stopRequested },
        progress: { bar.update(step: $0, tokens: $1) })
    }
    if drawn.contains(where: \.isEmpty) { throw RecipeRun.Interrupted() }
    return drawn
  }

  // MARK: 3. Verifiers

  private func verified(
    _ generator: LanguageModels.Decoder, _ problems: [WordProblem], _ train: [[Solution]], _ heldOut: [WordProblem],
    _ test: [[Solution]], _ name: String, _ tokenizer: Tokenizer, _ run: RecipeRun,
    _ change: (inout VerifierSettings) -> Void
  ) throws -> [SolutionPool] {
    var own = VerifierSettings()
    own.dropout = 0.05
    change(&own)
    func pairs(_ problems: [WordProblem], _ drawn: [[Solution]]) throws -> [(prompt: [Int], completion: [Int])] {
      try zip(problems, drawn).flatMap { problem, solutions in
        let prompt = try SolutionPrompt(.plain).tokens(of: problem, tokenizer)
        return solutions.map { (prompt, $0.ids) }
      }
    }
    let labels = train.flatMap { $0.map { $0.isCorrect ? 1.0 : 0 } }
    let model = try VerifierLearner.verifier(over: generator, labels: labels, options: own, seed: seed(name))
    let judged = zip(try pairs(problems, train), labels).map {
      JudgedCompletion(prompt: $0.prompt, completion: $0.completion, label: $1)
    }
    var training = TrainingSettings(
      learningRate: settings.scratchVerifierRate, passes: settings.verifierEpochs, over: judged.count, batchSize: 64)
    training.warmupSteps = min(20, training.maxSteps / 5)
    training.seed = seed(name)
    training.bf16 = isFast
    let worked = try problems.map { try example($0, tokenizer) }
    try run.stage(name) {
      try run.train(
        name,
        VerifierLearner(
          model, tokenizer: tokenizer, judged: judged, language: worked, settings: training, options: own), training)
    }
    model.train(false)
    var rest = model.scores(of: try pairs(heldOut, test)).map(Double.init)[...]
    return test.map { solutions in
      defer { rest = rest.dropFirst(solutions.count) }
      return SolutionPool(solutions, scores: Array(rest.prefix(solutions.count)))
    }
  }

  // MARK: 4. Findings

  private func findings(
    _ measured: [Measured], _ more: [Double], _ ablations: [(name: String, pools: [SolutionPool])],
    _ heldOut: [WordProblem], _ run: RecipeRun
  ) throws -> RecipeFindings {
    guard let main = measured.last else { return RecipeFindings(effects: []) }
    let n = settings.testSamples
    let best = main.pools.rates(.best, of: n)
    let published = (
      0.390 - 0.217, "6B, verification over fine-tuning, the released solutions of GSM8K's test set"
    )
    var effects = [
      Effect(
        "best of \(n) by the verifier over one sample", main.pools.gain(of: .best, n, over: .best, 1),
        goal: .above(0.1),
        published: published.0, source: published.1, isShare: true),
      Effect(
        "best of \(n) by the verifier over the majority of \(n)",
        main.pools.gain(of: .best, n, over: .majority, n), goal: .above(0), isShare: true),
      Effect(
        "best of \(n) by the verifier less a model tuned on \(settings.times) times the problems",
        Bootstrap(seed: 1).meanDifference(best, more), goal: .above(-0.1), isShare: true),
    ]
    if measured.count > 1 {
      effects.append(
        Effect(
          "gain for each doubling of problems, verification less tuning", doublings(measured), goal: .above(0),
          isShare: true))
    }
    for (name, pools) in ablations {
      effects.append(
        Effect(
          "every token and both losses over \(name)",
          Bootstrap(seed: 1).meanDifference(best, pools.rates(.best, of: n)), goal: .above(0), isShare: true))
    }
    var findings = RecipeFindings(effects: effects)
    let table = ChoiceTable(
      pools: [("joint", main.pools)] + ablations.map { ($0.name, $0.pools) }, plain: main.pools, n: n)
    findings.pictures = [
      [
        ChoiceTable(pools: [("joint", main.pools)], plain: main.pools, n: n).curves(
          title: "Solutions drawn of each problem")
      ]
    ]
    if measured.count > 1 { findings.pictures[0].append(growth(measured, more)) }
    if !ablations.isEmpty { findings.pictures.append([compared([("joint", main.pools)] + ablations)]) }
    if let curve = run.curve("verifier-\(main.size)", "value_loss", "The verifier learns", "squared error") {
      findings.pictures.append([curve])
    }
    findings.details["choices"] = try table.document
    findings.details["sizes"] = .array(
      try measured.map { item in
        [
          "problems": .int(item.size), "tuned": try JSONValue(encoding: Bootstrap(seed: 1).mean(item.tuned)),
          "one_sample": try JSONValue(encoding: item.pools.rate(.best, of: 1)),
          "majority": try JSONValue(encoding: item.pools.rate(.majority, of: n)),
          "verified": try JSONValue(encoding: item.pools.rate(.best, of: n)),
          "coverage": try JSONValue(encoding: item.pools.rate(.oracle, of: n)),
        ]
      })
    findings.details["tuned_on_more"] = try JSONValue(encoding: Bootstrap(seed: 1).mean(more))
    if measured.count < settings.sizes.count {
      findings.cautions.append("The minutes were over before all sizes were measured.")
    }
    findings.sections = { page in
      page.heading("Choosing one answer of \(n)")
      page.table(
        header: ["choice", "right (95% interval)"],
        rows: [
          [
            .text("tuned only, greedy, \(main.size) problems"),
            .estimate(Bootstrap(seed: 1).mean(main.tuned), isPercentage: true),
          ],
          [
            .text("tuned only, greedy, \(main.size * settings.times) problems"),
            .estimate(Bootstrap(seed: 1).mean(more), isPercentage: true),
          ],
        ] + table.rows, caption: "\(heldOut.count) held-out problems, whose chains of steps no training problem has.")
      for place in heldOut.indices.prefix(6) {
        ChoiceTable.show(heldOut[place], main.solutions[place], main.pools[place], in: &page)
      }
    }
    return findings
  }

  /// The slope over the binary logarithm of the problems, of verification less that of tuning; problems are resampled whole.
  private func doublings(_ measured: [Measured]) -> Estimate {
    let x = measured.map { log2(Double($0.size)) }
    let centre = x.reduce(0, +) / Double(x.count)
    let scale = x.reduce(0) { $0 + ($1 - centre) * ($1 - centre) }
    let verified = measured.map { $0.pools.rates(.best, of: settings.testSamples) }
    let each = verified[0].indices.map { problem in
      x.indices.reduce(0.0) { $0 + (x[$1] - centre) * (verified[$1][problem] - measured[$1].tuned[problem]) } / scale
    }
    return Bootstrap(seed: 1).mean(each)
  }

  private func growth(_ measured: [Measured], _ more: [Double]) -> Plot {
    var plot = Plot(
      title: "Training problems", x: Plot.Axis("problems", isLogarithmic: true),
      y: Plot.Axis("share of problems solved", range: 0...1))
    func points(_ rate: (Measured) -> Estimate) -> [Plot.Point] {
      measured.map { Plot.Point(x: Double($0.size), estimate: rate($0)) }
    }
    plot.add(
      "best of \(settings.testSamples) by the verifier",
      points: points { $0.pools.rate(.best, of: settings.testSamples) })
    plot.add(
      "tuned only",
      points: points { Bootstrap(seed: 1).mean($0.tuned) } + [
        Plot.Point(
          x: Double((measured.last?.size ?? 1) * settings.times), estimate: Bootstrap(seed: 1).mean(more))
      ])
    plot.add("majority", points: points { $0.pools.rate(.majority, of: settings.testSamples) })
    return plot
  }

  private func compared(_ verifiers: [(name: String, pools: [SolutionPool])]) -> Plot {
    var plot = Plot(
      title: "Kinds of verifier", x: Plot.Axis("solutions drawn", isLogarithmic: true),
      y: Plot.Axis("share of problems solved", range: 0...1))
    for (name, pools) in verifiers {
      plot.add(
        name,
        points: ChoiceTable.counts(settings.testSamples).map {
          Plot.Point(x: Double($0), estimate: pools.rate(.best, of: $0))
        })
    }
    return plot
  }
}
