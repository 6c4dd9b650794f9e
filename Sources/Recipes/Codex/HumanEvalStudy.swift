// A model that is brought with --model writes HumanEval's functions (Codex, Chen 2021): pass@k at several temperatures, which temperature
// suits which number of tries, and what picking by mean log-probability is worth without tests.
//
// Covered: greedy and repeated samples, graded in a sandbox. A machine with a GPU and no sandbox draws the samples, and the same command
// over the same folder grades them on another one.

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
      .init("grades", seconds: 300)
    ]
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
    let drawn = try draw(in: run)
    let outcomes = try await run.stored("grades") { try grade(drawn) }
    var findings = RecipeFindings(effects: effects(outcomes))
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

  private func draw(in run: RecipeRun) throws -> [(temperature: Double, samples: [CodeSample])] {
    // A run whose grades are known needs no samples, and one whose samples are drawn no model.
    if FileManager.default.fileExists(atPath: run.path(of: "grades.json")) { return [] }
    var loaded: (model: LanguageModels.Decoder, tokenizer: Tokenizer)?
    return try draws.map { name, settings in
      let path = run.path(of: "\(name).jsonl")
      let known = try CodeSampler.drawn(tasks, samples: settings.samples, at: path)
      if known.count == tasks.count { return (settings.temperature, tasks.flatMap { known[$0.id] ?? [] }) }
      let (decoder, tokenizer) = try loaded ?? CodexRecipe.load(model, device: options.device)
      loaded = (decoder, tokenizer)
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

  // MARK: 3. Findings

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
