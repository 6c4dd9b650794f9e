// A model that is brought with --model writes HumanEval's functions (Codex, Chen 2021): pass@k at several temperatures, which temperature
// suits which number of tries, and what picking by mean log-probability is worth without tests.
//
// Covered: greedy and repeated samples, graded in a sandbox; the samples ranked by how well they explain the docstring (back-translation);
// programs that failed shown to the model with what was wrong, and mended, beside a fresh try. A machine with a GPU and no sandbox draws
// the samples, and the same command over the same folder grades them on another one.

import Alignment
import Documents
import Evaluation
import Foundation
import LanguageModels
import Programming
import Sandbox
import Statistics
import Tokenization
import Torch
import Training

/// A downloaded model on HumanEval.
struct HumanEvalStudy: CodexStudy {
  private let options: RecipeOptions
  private let tasks: [CodeTask]
  private let model: String
  private let samples: Int
  private let maxTokens: Int
  private static let temperatures = [0.2, 0.8]

  /// Reads the problems: HumanEval's where `--data` has them, else the few shipped ones.
  ///
  /// - Throws: `DataError` for files that aren't there.
  init(_ options: RecipeOptions, model: String) throws {
    self.options = options
    let all = try options.data.map { try CodeTask.read(contentsOf: "\($0)/HumanEval.jsonl.gz") } ?? CodeTask.small
    tasks = options.isQuick ? Array(all.prefix(8)) : all
    self.model = model
    samples = options.isQuick ? 4 : max(2, Int((20 * options.scale).rounded()))
    maxTokens = options.isQuick ? 64 : 512
  }

  /// The model and the sizes.
  var configuration: [String: JSONValue] {
    [
      "model": .string(model), "samples": .int(samples), "max_tokens": .int(maxTokens),
      "tasks": .int(tasks.count),
    ]
  }

  /// Seconds for a model of half a billion parameters in four to five bits on two cores.
  var plan: [PlannedStage] {
    [.init("greedy", seconds: 400)] + Self.temperatures.map { .init("samples-\($0)", seconds: 2400) } + [
      .init("grades", seconds: 300), .init("explained", seconds: 600), .init("mended", seconds: 240),
      .init("grades after mending", seconds: 30),
    ]
  }

  /// The model that was brought, read once and only if a stage needs it.
  private final class BroughtModel {
    private let path: String
    private let device: Device
    private var model: (model: LanguageModels.Decoder, tokenizer: Tokenizer)?

    init(path: String, device: Device) { (self.path, self.device) = (path, device) }

    func loaded() throws -> (model: LanguageModels.Decoder, tokenizer: Tokenizer) {
      let found = try model ?? CodexRecipe.load(path, device: device)
      model = found
      return found
    }
  }

  /// The outcome of one draw: by problem, whether each sample passed and how likely its tokens were on average.
  struct Outcome: Codable {
    var temperature: Double
    var passed: [[Bool]]
    var scores: [[Double]]
    var results: [String: Int]
  }

  /// Draws, grades and compares.
  func run(in run: RecipeRun) async throws -> RecipeFindings {
    let brought = BroughtModel(path: model, device: options.device)
    let drawn = try draw(brought, in: run)
    let outcomes = try await run.stored("grades") { try grade(drawn) }
    let explained = try await run.stored("explained") { try self.explained(brought, in: run) }
    let mended = try await run.stored("grades after mending") { try self.mended(outcomes, brought, in: run) }
    var findings = RecipeFindings(effects: effects(outcomes) + effects(outcomes, explained, mended))
    findings.pictures = [[curves(outcomes), ranking(outcomes)]]
    findings.details["outcomes"] = try JSONValue(
      encoding: outcomes.map {
        ["temperature": JSONValue.double($0.temperature), "results": try JSONValue(encoding: $0.results)]
      })
    findings.details["pass_rates"] = .array(
      try outcomes.flatMap { outcome in
        try Self.tries(outcome.passed[0].count).map { k in
          [
            "temperature": .double(outcome.temperature), "k": .int(k),
            "rate": try JSONValue(encoding: rate(outcome, k)),
          ]
        }
      })
    findings.sections = { page in
      page.heading("pass@k by temperature")
      page.table(
        header: ["temperature", "k", "pass@k", "likeliest of k on average"],
        rows: outcomes.flatMap { outcome in
          Self.tries(outcome.passed[0].count).map { k in
            [
              .number(outcome.temperature, decimals: 1), .number(Double(k), decimals: 0),
              .estimate(rate(outcome, k), isPercentage: true), .estimate(picked(outcome, k), isPercentage: true),
            ]
          }
        }, caption: "\(tasks.count) problems; intervals over problems.")
    }
    return findings
  }

  // MARK: 1. Samples

  private var draws: [(name: String, settings: CodeSampler.Settings)] {
    var greedy = CodeSampler.Settings(device: options.device)
    (greedy.maxTokens, greedy.seed) = (maxTokens, options.seed)
    return [("greedy", greedy)]
      + Self.temperatures.map { temperature in
        var settings = greedy
        (settings.temperature, settings.samples) = (temperature, samples)
        return ("samples-\(temperature)", settings)
      }
  }

  private func draw(_ brought: BroughtModel, in run: RecipeRun) throws -> [(temperature: Double, samples: [CodeSample])]
  {
    // A run whose grades are known needs no samples, and one whose samples are drawn no model.
    if FileManager.default.fileExists(atPath: run.path(of: "grades.json")) { return [] }
    return try draws.map { name, settings in
      let path = run.path(of: "\(name).jsonl")
      let known = try CodeSampler.drawn(tasks, samples: settings.samples, at: path)
      if known.count == tasks.count { return (settings.temperature, tasks.flatMap { known[$0.id] ?? [] }) }
      let (decoder, tokenizer) = try brought.loaded()
      let sampler = try CodeSampler(model: decoder, tokenizer: tokenizer, settings: settings)
      let samples = try run.stage(name) {
        let bar = ProgressBar(title: name, totalSteps: tasks.count)
        defer { bar.finish() }
        return try sampler.draw(
          tasks, into: path, isStopped: { InterruptSignals.stopRequested },
          progress: { bar.update(step: $0, tokens: $1) })
      }
      guard let samples else { throw RecipeRun.Interrupted() }
      return (settings.temperature, samples)
    }
  }

  // MARK: 2. Grades

  private func grade(_ drawn: [(temperature: Double, samples: [CodeSample])]) throws -> [Outcome] {
    let pool = SandboxPool(try Sandbox(.python), cache: try ResultCache())
    return try drawn.map { temperature, samples in
      let bar = ProgressBar(title: "grades", totalSteps: samples.count)
      defer { bar.finish() }
      let grades = try CodeGrades(
        samples, of: tasks, pool: pool, isStopped: { InterruptSignals.stopRequested },
        progress: { bar.update(step: $0, tokens: 0) })
      guard let grades else { throw RecipeRun.Interrupted() }
      return Outcome(
        temperature: temperature, passed: grades.places.map { $0.map { grades.results[$0].isPassed } },
        scores: grades.places.map { $0.map { samples[$0].meanLogProbability ?? .nan } },
        results: Dictionary(uniqueKeysWithValues: grades.counts.map { ($0.key.rawValue, $0.value) }))
    }
  }

  // MARK: 3. Back-translation

  /// The samples of each problem that are ranked by how well they explain its docstring: reading them costs as much as drawing them.
  private static let explainedSamples = 5

  /// ln p of each problem's docstring given each of its first samples at the higher temperature; nothing where the samples aren't here.
  private func explained(_ brought: BroughtModel, in run: RecipeRun) throws -> [[Double]] {
    guard let warm = Self.temperatures.last else { return [] }
    let known = try CodeSampler.drawn(tasks, samples: samples, at: run.path(of: "samples-\(warm).jsonl"))
    let some = tasks.flatMap { (known[$0.id] ?? []).prefix(Self.explainedSamples) }
    guard !some.isEmpty else { return [] }
    let (decoder, tokenizer) = try brought.loaded()
    let bar = ProgressBar(title: "explained", totalSteps: some.count)
    defer { bar.finish() }
    let scores = try DocstringWriter(model: decoder, tokenizer: tokenizer).logProbabilities(
      ofDocstringsGiven: some, of: tasks, microBatchTokens: 4096, isStopped: { InterruptSignals.stopRequested },
      progress: { bar.update(step: $0, tokens: 0) })
    guard let scores else { throw RecipeRun.Interrupted() }
    var byTask: [String: [Double]] = [:]
    for (sample, score) in zip(some, scores) { byTask[sample.taskID, default: []].append(score) }
    return tasks.map { byTask[$0.id] ?? [] }
  }

  // MARK: 4. Mending

  /// Whether each problem whose greedy program failed is solved after the model was shown the failure, and by a fresh try.
  struct Mended: Codable {
    var mended: [Bool]
    /// The share of the samples at the lower temperature that pass.
    var fresh: [Double]
  }

  /// Shows the model its greedy programs that failed, with what the sandbox said.
  ///
  /// What that says may name a test's input, which a
  /// fresh try doesn't know: the comparison is of what running the tests is worth.
  private func mended(_ outcomes: [Outcome], _ brought: BroughtModel, in run: RecipeRun) throws -> Mended {
    let empty = Mended(mended: [], fresh: [])
    let greedy = try CodeSampler.drawn(tasks, samples: 1, at: run.path(of: "greedy.jsonl"))
    guard outcomes.count > 1, greedy.count == tasks.count else { return empty }
    let places = tasks.indices.filter { !outcomes[0].passed[$0][0] }
    let failed = places.map { tasks[$0] }
    guard !failed.isEmpty else { return empty }
    let pool = SandboxPool(try Sandbox(.python), cache: try ResultCache())
    let first = failed.compactMap { greedy[$0.id]?.first }
    guard let grades = try CodeGrades(first, of: failed, pool: pool, isStopped: { InterruptSignals.stopRequested })
    else { throw RecipeRun.Interrupted() }
    let shown = Dictionary(
      zip(first, grades.results).map { sample, result in
        (
          sample.taskID,
          CodeSampler.FailedSolution(
            completion: sample.completion, problem: result.verdict == .timedOut ? "timed out" : result.detail)
        )
      }
    ) { old, _ in old }
    let (decoder, tokenizer) = try brought.loaded()
    var settings = CodeSampler.Settings(device: options.device)
    (settings.maxTokens, settings.seed) = (maxTokens, options.seed)
    let drawn = try run.stage("mended") {
      let bar = ProgressBar(title: "mended", totalSteps: failed.count)
      defer { bar.finish() }
      return try CodeSampler(model: decoder, tokenizer: tokenizer, settings: settings).draw(
        failed, mending: shown, into: run.path(of: "mended.jsonl"), isStopped: { InterruptSignals.stopRequested },
        progress: { bar.update(step: $0, tokens: $1) })
    }
    guard let drawn,
      let again = try CodeGrades(drawn, of: failed, pool: pool, isStopped: { InterruptSignals.stopRequested })
    else { throw RecipeRun.Interrupted() }
    return Mended(
      mended: again.places.map { again.results[$0[0]].isPassed },
      fresh: places.map { place in
        let own = outcomes[1].passed[place]
        return Double(own.count { $0 }) / Double(max(1, own.count))
      })
  }

  // MARK: 5. Findings

  private static func tries(_ most: Int) -> [Int] { [1, 2, 5, 10, 20, 50, 100].filter { $0 <= most } }

  private static func rates(_ outcome: Outcome, _ k: Int) -> [Double] {
    outcome.passed.map { own in RepeatedSampling.passRate(samples: own.count, correct: own.count { $0 }, k: k) }
  }

  private static func picks(_ outcome: Outcome, _ k: Int) -> [Double] {
    zip(outcome.scores, outcome.passed).map { scores, passed in
      RepeatedSampling.expectedScore(proxy: scores, gold: passed.map { $0 ? 1 : 0 }, n: k)
    }
  }

  private func rate(_ outcome: Outcome, _ k: Int) -> Estimate { Bootstrap(seed: 1).mean(Self.rates(outcome, k)) }
  private func picked(_ outcome: Outcome, _ k: Int) -> Estimate { Bootstrap(seed: 1).mean(Self.picks(outcome, k)) }

  private func effects(_ outcomes: [Outcome]) -> [Effect] {
    guard outcomes.count == 3 else { return [] }
    let (greedy, cool, warm) = (outcomes[0], outcomes[1], outcomes[2])
    let most = Self.tries(samples).last ?? 1
    func gain(_ name: String, _ more: [Double], _ less: [Double]) -> Effect {
      Effect(name, Bootstrap(seed: 1).meanDifference(more, less), goal: .above(0), isShare: true)
    }
    return [
      Effect("pass@1, greedy", rate(greedy, 1), goal: .above(0), isShare: true),
      gain("pass@\(most) over pass@1 at temperature 0.8", Self.rates(warm, most), Self.rates(warm, 1)),
      gain("one try: temperature 0.2 over 0.8", Self.rates(cool, 1), Self.rates(warm, 1)),
      gain("\(most) tries: temperature 0.8 over 0.2", Self.rates(warm, most), Self.rates(cool, most)),
      gain("the likeliest of \(most) on average over chance, at 0.8", Self.picks(warm, most), Self.rates(warm, 1)),
    ]
  }

  private func effects(_ outcomes: [Outcome], _ explained: [[Double]], _ mended: Mended) -> [Effect] {
    var effects: [Effect] = []
    let some = Self.explainedSamples
    if let warm = outcomes.last, explained.count == warm.passed.count,
      zip(explained, warm.passed).allSatisfy({ $0.count == some && $1.count >= some })
    {
      let picks = zip(explained, warm.passed).map { scores, passed in
        RepeatedSampling.expectedScore(proxy: scores, gold: passed.prefix(some).map { $0 ? 1 : 0 }, n: some)
      }
      effects.append(
        Effect(
          "the one of \(some) that explains its docstring best over chance, at \(warm.temperature)",
          Bootstrap(seed: 1).meanDifference(
            picks, warm.passed.map { Double($0.prefix(some).count { $0 }) / Double(some) }),
          goal: .above(0), isShare: true))
    }
    if !mended.mended.isEmpty {
      effects.append(
        Effect(
          "failed programs mended after their failure was shown, over a fresh try",
          Bootstrap(seed: 1).meanDifference(mended.mended.map { $0 ? 1 : 0 }, mended.fresh), goal: .above(0),
          isShare: true))
    }
    return effects
  }

  private func curves(_ outcomes: [Outcome]) -> Plot {
    var plot = Plot(title: "Tries", x: Plot.Axis("k", isLogarithmic: true), y: Plot.Axis("pass@k", range: 0...1))
    for outcome in outcomes where outcome.passed[0].count > 1 {
      plot.add(
        "temperature \(outcome.temperature)",
        points: Self.tries(outcome.passed[0].count).map { Plot.Point(x: Double($0), estimate: rate(outcome, $0)) })
    }
    return plot
  }

  private func ranking(_ outcomes: [Outcome]) -> Plot {
    var plot = Plot(
      title: "One of k without tests", x: Plot.Axis("k", isLogarithmic: true),
      y: Plot.Axis("share of problems solved", range: 0...1))
    guard let warm = outcomes.last else { return plot }
    let tries = Self.tries(warm.passed[0].count)
    plot.add("oracle", points: tries.map { Plot.Point(x: Double($0), estimate: rate(warm, $0)) })
    plot.add("likeliest on average", points: tries.map { Plot.Point(x: Double($0), estimate: picked(warm, $0)) })
    plot.add("chance", points: tries.map { Plot.Point(x: Double($0), estimate: rate(warm, 1)) })
    return plot
  }
}
