import Agents
import ArgumentParser
import Foundation
import Recipes
import Documents
import Torch

/// `apprentice recipe`.
struct RecipeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recipe",
    abstract: "Run a published system's experiment end to end, or list those there are.",
    discussion: """
      Everything lies under the run's folder, with report.html for people and report.json for programs: \
      what the paper claims, what was measured, with 95% intervals, and whether the goal is met. \
      Interrupted, it goes on with the same command.

      EXAMPLE:
        apprentice recipe
        apprentice recipe oed --run runs/oed --seeds 3
        apprentice recipe procgen --game bigfish --steps 3000000
      """)

  @Argument(help: .init("Which one; without a name they are listed.", valueName: "name"))
  var name: String?

  @Option(
    name: .customLong("run"),
    help: .init("The folder for everything it makes; runs/NAME unless given.", valueName: "folder"))
  var folder: String?

  @Option(help: .init("Seeds everything that is drawn.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(help: .init("Runs it with so many seeds, this one and those after it.", valueName: "count"))
  var seeds = 1

  @Option(help: .init("Makes models and data bigger; 1 fits two cores and minutes.", valueName: "factor"))
  var scale = 1.0

  @Flag(help: "The same path in under a minute; what it finds is no claim.")
  var quick = false

  @Option(help: .init("A folder with the published data that the list names.", valueName: "folder"))
  var data: String?

  @Option(help: .init("A model that takes part: a Hugging Face folder, a run or a GGUF file.", valueName: "path"))
  var model: String?

  @Option(help: .init("A file of problems, where the recipe can use one (gsm8k).", valueName: "file"))
  var problems: String?

  @Option(help: .init("The domain of data (scaling); 'apprentice scaling domains' lists them.", valueName: "name"))
  var domain: String?

  @Option(
    help: .init(
      "Goes on after so many minutes with what there is then: solutions drawn (gsm8k), training shared evenly by the runs (procgen).",
      valueName: "count"))
  var minutes: Double?

  @Option(
    name: .customLong("set"), parsing: .upToNextOption,
    help: .init(
      "Changes settings of the recipe's own, as KEY=VALUE; lists with commas (gsm8k, sonic).", valueName: "setting"))
  var changes: [String] = []

  @Option(help: .init("auto, cpu, cuda, cuda:N or mps.", valueName: "device"))
  var device = "auto"

  @OptionGroup(title: "Options of the recipe procgen") var procgen: SettingsOptions<ProcgenSettings>
  @OptionGroup(title: "Options of the recipe procgen: PPO") var agent: SettingsOptions<AgentSettings>
  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard scale >= 0.05, scale <= 10_000 else {
      throw ValidationError("--scale \(scale): it must lie between 0.05 and 10000.")
    }
    guard (1...100).contains(seeds) else { throw ValidationError("--seeds \(seeds): it must lie between 1 and 100.") }
    guard
      name == ProcgenRecipe.card.name || (procgen.settings == ProcgenSettings() && agent.settings == AgentSettings())
    else {
      throw ValidationError("Games, networks and the settings of PPO are options of 'apprentice recipe procgen' alone.")
    }
    guard let name else { return }
    guard let recipe = RecipeList.named(name) else {
      let names = RecipeList.all.map { $0.card.name }
      let near = names.nearest(to: name).map { " Did you mean '\($0)'?" } ?? ""
      throw ValidationError("There is no recipe '\(name)': there are \(names.joined(separator: ", ")).\(near)")
    }
    guard data == nil || !recipe.card.data.isEmpty else {
      throw ValidationError("--data: the recipe '\(name)' uses no published data.")
    }
    let isGradeSchool = recipe is GradeSchoolRecipe.Type
    for (flag, isGiven, isUsed) in [
      ("problems", problems != nil, isGradeSchool),
      ("set", !changes.isEmpty, isGradeSchool || recipe is SonicRecipe.Type),
      ("domain", domain != nil, recipe is ScalingRecipe.Type),
      ("minutes", minutes != nil, isGradeSchool || recipe is ProcgenRecipe.Type),
    ] where isGiven && !isUsed {
      throw ValidationError("--\(flag): the recipe '\(name)' has no use for it.")
    }
    guard minutes ?? 1 > 0 else { throw ValidationError("--minutes \(minutes ?? 0): it must be above 0.") }
    if let bad = changes.first(where: { !$0.contains("=") }) {
      throw ValidationError("--set \(bad): it must read KEY=VALUE.")
    }
    guard model == nil || recipe is CodexRecipe.Type || isGradeSchool else {
      throw ValidationError("--model: the recipe '\(name)' trains its own models.")
    }
  }

  func run() async throws {
    guard let recipe = name.flatMap(RecipeList.named) else { return list() }
    var options = RecipeOptions()
    options.seed = seed
    options.scale = scale
    options.isQuick = quick
    options.data = data
    options.model = model
    options.problems = problems
    options.minutes = minutes
    options.domain = domain
    options.program = Bundle.main.executablePath ?? CommandLine.arguments[0]
    for change in changes {
      let parts = change.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      options.settings[parts[0]] = parts[1].split(separator: ",").map(String.init)
    }
    if recipe.usesDevice {
      options.device = try Device(parsing: device)
    }
    if recipe is ProcgenRecipe.Type {
      return try await Self.run(options, folder: folder ?? "runs/procgen", seeds: seeds, output) { [procgen, agent] in
        try ProcgenRecipe($0, settings: procgen.settings, agent: agent.settings)
      }
    }
    try await Self.run(recipe, options, folder: folder ?? "runs/\(recipe.card.name)", seeds: seeds, output)
  }

  private func list() {
    let cards = RecipeList.all.map { $0.card }
    let text = cards.map { card in
      "  \(card.name)\n      \(card.title)\n      \(card.paper)"
        + (card.data.isEmpty ? "" : "\n      --data takes a folder with \(card.data.joined(separator: ", "))")
    }
    output.show(
      .array(
        cards.map { card in
          [
            "name": .string(card.name), "title": .string(card.title), "paper": .string(card.paper),
            "summary": .string(card.summary), "data": .array(card.data.map { .string($0) }),
          ]
        }), text: text.joined(separator: "\n"))
  }

  private static func run<R: Recipe>(
    _ recipe: R.Type, _ options: RecipeOptions, folder: String, seeds: Int, _ output: OutputOptions
  ) async throws {
    try await run(options, folder: folder, seeds: seeds, output) { try R($0) }
  }

  /// Runs a recipe and prints what it found.
  static func run(
    _ options: RecipeOptions, folder: String, seeds: Int, _ output: OutputOptions,
    _ make: (RecipeOptions) throws -> some Recipe
  ) async throws {
    let words = CommandLine.arguments.dropFirst().map { $0.contains(" ") ? "'\($0)'" : $0 }
    var runner = RecipeRunner(command: (["apprentice"] + words).joined(separator: " ")) { Log.raw($0) }
    runner.seeds = seeds
    do {
      let report = try await runner.run(options, folder: folder, make)
      output.show(try report.document, text: "\(report.text)\n\(folder)/report.html")
    } catch is RecipeRun.Interrupted {
      Log.raw("interrupted; the same command goes on from here")
      throw ExitCode(130)
    }
  }
}
