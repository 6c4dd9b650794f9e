import Evaluation
import Foundation
import Recipes
import Statistics
import TestSupport
import Testing
import Documents
import Training

private func folder(_ body: (String) async throws -> Void) async throws {
  let folder = try TemporaryFolder()
  try await body(folder.path("run"))
}

/// Counts how often its stages are computed, and can fail in the second.
private final class Counting: Recipe {
  struct Failure: Error {}
  static let card = RecipeCard(name: "counting", title: "Counting", paper: "none", summary: "Counts.")
  let options: RecipeOptions
  var fails = false
  var computed: [String] = []

  init(_ options: RecipeOptions) { self.options = options }

  var plan: [PlannedStage] { [.init("first", seconds: 1), .init("second", seconds: 100), .init("third", seconds: 1)] }

  func run(in run: RecipeRun) async throws -> RecipeFindings {
    let value = try await run.stored("first") { () -> Double in
      computed.append("first")
      return Double(options.seed) / 10
    }
    try run.stage("second") {
      computed.append("second")
      if fails { throw Failure() }
    }
    try run.stage("third") { computed.append("third") }
    var findings = RecipeFindings(effects: [
      Effect("seed", Estimate(value: value, low: value - 0.01, high: value + 0.01, n: 5), goal: .atLeast(0.2))
    ])
    var plot = Plot(title: "Seeds", x: "step", y: "seed")
    // The second point is one that not all seeds have.
    plot.add("seed", points: [.init(x: 1, y: value), .init(x: 1 + Double(options.seed), y: 0)])
    plot.addReference(y: 10 * value, label: "ten times")
    findings.pictures = [[plot]]
    return findings
  }
}

@Suite struct EffectTests {
  @Test func goalsAreMetByValuesOrByWholeIntervals() {
    let estimate = Estimate(value: 0.6, low: 0.5, high: 0.7, n: 9)
    #expect(Effect.Goal.atLeast(0.6).isMet(by: estimate) && !Effect.Goal.atLeast(0.61).isMet(by: estimate))
    #expect(Effect.Goal.atMost(0.6).isMet(by: estimate) && !Effect.Goal.atMost(0.59).isMet(by: estimate))
    #expect(Effect.Goal.above(0.49).isMet(by: estimate) && !Effect.Goal.above(0.5).isMet(by: estimate))
    #expect(Effect.Goal.below(0.71).isMet(by: estimate) && !Effect.Goal.below(0.7).isMet(by: estimate))
    let nothing = Estimate(value: .nan, low: .nan, high: .nan, n: 0)
    for goal in [Effect.Goal.atLeast(0), .atMost(1), .above(0), .below(1)] { #expect(!goal.isMet(by: nothing)) }
  }

  @Test func asJSONMetIsComputed() throws {
    let estimate = Estimate(value: 0.6, low: 0.5, high: 0.7, n: 9)
    let json = try JSONValue(encoding: Effect("win rate", estimate, goal: .atLeast(0.65), published: 0.7))
    #expect(json["name"]?.string == "win rate" && json["value"]?.double == 0.6 && json["low"]?.double == 0.5)
    #expect(json["high"]?.double == 0.7 && json["n"]?.int == 9 && json["published"]?.double == 0.7)
    #expect(json["goal"]?.string == "≥ 0.65" && json["met"] == false)
    let other = try JSONValue(encoding: Effect("win rate", estimate, goal: .above(0.4)))
    #expect(other["published"] == .null && other["met"] == true)
  }
}

@Suite struct RecipeRunTests {
  @Test func aFailedRunGoesOnWhereItStopped() async throws {
    try await folder { path in
      let options = RecipeOptions()
      var lines: [String] = []
      let runner = RecipeRunner(command: "test") { lines.append($0) }
      let recipe = Counting(options)
      recipe.fails = true
      await #expect(throws: Counting.Failure.self) { _ = try await runner.run(options, folder: path) { _ in recipe } }
      #expect(!FileManager.default.fileExists(atPath: path + "/report.json"))
      recipe.fails = false
      let report = try await runner.run(options, folder: path) { _ in recipe }
      // What was stored is read back; the stage that failed is run again.
      #expect(recipe.computed == ["first", "second", "second", "third"])
      #expect(report.times.map(\.name) == ["first", "second", "third"] && report.times.allSatisfy(\.isDone))
      #expect(lines.contains { $0.hasPrefix("[1/3] first …") && $0.hasSuffix("left") })
      #expect(lines.contains { $0.hasPrefix("[3/3] third: ") })
      let json = try JSONValue(contentsOf: path + "/report.json")
      for key in ["recipe", "paper", "command", "seed", "seconds", "machine", "effects"] {
        #expect(json[key] != nil, "\(key)")
      }
      #expect(json["recipe"]?.string == "counting" && json["effects"]?[0]?["met"] == false)
      let page = try String(contentsOfFile: path + "/report.html", encoding: .utf8)
      #expect(page.contains("missed") && page.contains("plot-goal"))
    }
  }

  @Test func anotherSeedInTheSameFolderIsRefused() async throws {
    try await folder { path in
      let runner = RecipeRunner(command: "test") { _ in }
      var options = RecipeOptions()
      _ = try await runner.run(options, folder: path, Counting.init)
      options.seed = 2
      await #expect(throws: RunFolderError.self) { _ = try await runner.run(options, folder: path, Counting.init) }
    }
  }

  @Test func severalSeedsBecomeOneReport() async throws {
    try await folder { path in
      var runner = RecipeRunner(command: "test") { _ in }
      runner.seeds = 3
      let report = try await runner.run(RecipeOptions(), folder: path, Counting.init)
      let effect = try #require(report.findings.effects.first)
      #expect(report.seeds == [1, 2, 3] && abs(effect.estimate.value - 0.2) < 1e-12 && effect.estimate.n == 15)
      // Student's t with two degrees of freedom (scipy.stats.t.ppf(.975, 2)) over a deviation of 0.1.
      let half = 4.302652729749464 * 0.1 / 3.0.squareRoot()
      #expect(abs(effect.estimate.high - 0.2 - half) < 1e-9 && abs(0.2 - effect.estimate.low - half) < 1e-9)
      // The curves of all seeds are one, with the interval over seeds where all have a point.
      let plot = try #require(report.findings.pictures.first?.first)
      let point = try #require(plot.series.first?.points.first)
      #expect(plot.series[0].points.count == 1 && point.x == 1 && abs(point.y - 0.2) < 1e-12)
      #expect(abs((point.high ?? 0) - 0.2 - half) < 1e-9 && abs(0.2 - (point.low ?? 0) - half) < 1e-9)
      #expect(abs(plot.references[0].y - 2) < 1e-12)
      let json = try JSONValue(contentsOf: path + "/report.json")
      #expect(json["seeds"]?.array?.count == 3 && json["by_seed"]?.array?.count == 3)
      #expect(FileManager.default.fileExists(atPath: path + "/seed-3/report.html"))
    }
  }

  @Test func everyRecipeHasACardAndAPlan() throws {
    var options = RecipeOptions()
    options.isQuick = true
    let names = RecipeList.all.map { $0.card.name }
    #expect(Set(names).count == names.count)
    for recipe in RecipeList.all {
      let plan = try recipe.init(options).plan
      #expect(!plan.isEmpty && Set(plan.map(\.name)).count == plan.count, "\(recipe.card.name)")
      #expect(!recipe.card.title.isEmpty && !recipe.card.paper.isEmpty && !recipe.card.summary.isEmpty)
    }
  }
}
