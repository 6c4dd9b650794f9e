import Evaluation
import Documents
import Foundation
import Training

/// Runs recipes: once, or with several seeds whose effects are put together.
public struct RecipeRunner {
  /// The number of runs, with the options' seed and those that follow it.
  public var seeds = 1
  /// The command that is noted in the report.
  public var command: String
  /// Gets the progress lines.
  public var log: (String) -> Void

  /// A runner that writes its progress to `log`.
  public init(command: String, log: @escaping (String) -> Void) {
    self.command = command
    self.log = log
  }

  /// Runs a recipe in a folder and writes its reports there; with several seeds each has a folder of its own below it.
  ///
  /// - Throws: ``RecipeRun/Interrupted`` if a signal stopped it.
  public func run(
    _ options: RecipeOptions, folder: String, _ make: (RecipeOptions) throws -> some Recipe
  ) async throws -> RecipeReport {
    InterruptSignals.install()
    if seeds == 1 { return try await once(make(options), options, folder: folder) }
    var reports: [RecipeReport] = []
    for place in 0..<seeds {
      var own = options
      own.seed = options.seed &+ UInt64(place)
      log("seed \(own.seed), \(place + 1) of \(seeds)")
      reports.append(try await once(make(own), own, folder: "\(folder)/seed-\(own.seed)"))
    }
    let combined = Self.combined(reports, command: command)
    try combined.write(to: folder)
    return combined
  }

  private func once<R: Recipe>(_ recipe: R, _ options: RecipeOptions, folder: String) async throws -> RecipeReport {
    let run = try RecipeRun(recipe, options, folder: folder, log: log)
    let findings = try await recipe.run(in: run)
    let report = RecipeReport(
      card: R.card, command: command, seeds: [options.seed], times: run.times, isQuick: options.isQuick,
      findings: findings)
    try report.write(to: folder)
    try run.finish()
    return report
  }

  /// One report of several seeds': each effect with its interval over items and seeds.
  static func combined(_ reports: [RecipeReport], command: String) -> RecipeReport {
    let effects = (reports.first?.findings.effects ?? []).indices.compactMap { i in
      Effect.overSeeds(reports.map { $0.findings.effects[i] })
    }
    var findings = RecipeFindings(effects: effects)
    findings.cautions = reports.first?.findings.cautions ?? []
    let pictures = reports.map(\.findings.pictures)
    findings.pictures = (pictures.first ?? []).indices.map { row in
      pictures[0][row].indices.compactMap { column in
        let plots = pictures.compactMap { row < $0.count && column < $0[row].count ? $0[row][column] : nil }
        return plots.count == reports.count ? Plot.overSeeds(plots) : nil
      }
    }
    findings.details["by_seed"] = .array(
      reports.map { report in
        .object(
          JSONObject([
            (key: "seed", value: .int(Int(truncatingIfNeeded: report.seeds[0]))),
            (key: "effects", value: .array(report.findings.effects.map { .double($0.estimate.value) })),
          ]))
      })
    findings.sections = { page in
      page.heading("By seed")
      page.table(
        header: ["seed"] + effects.map(\.name),
        rows: reports.map { report in
          [.text("\(report.seeds[0])")]
            + report.findings.effects.map { .estimate($0.estimate, isPercentage: $0.isShare) }
        }, caption: "Each seed's own report lies in its folder.")
    }
    let times = (reports.first?.times ?? []).map { first in
      RecipeRun.StageTime(
        name: first.name,
        seconds: reports.reduce(0) { sum, report in
          sum + (report.times.first { $0.name == first.name }?.seconds ?? 0)
        }, isDone: true)
    }
    return RecipeReport(
      card: reports[0].card, command: command, seeds: reports.map { $0.seeds[0] }, times: times,
      isQuick: reports[0].isQuick, findings: findings)
  }
}

/// All recipes, in the order in which they are best read.
public enum RecipeList {
  /// The recipes.
  public static var all: [any Recipe.Type] {
    [
      Quickstart.self, RegexRecipe.self, PedagogyRecipe.self, DesignRecipe.self, GPT3Recipe.self, CodexRecipe.self,
      GradeSchoolRecipe.self, ProcgenRecipe.self, ChatbotRecipe.self, ScalingRecipe.self, BooksRecipe.self,
      CompetitionRecipe.self, SonicRecipe.self, PaintersRecipe.self, OmniRecipe.self,
    ]
  }

  /// The recipe of a name.
  public static func named(_ name: String) -> (any Recipe.Type)? { all.first { $0.card.name == name } }
}
