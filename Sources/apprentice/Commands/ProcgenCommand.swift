import Agents
import ArgumentParser
import Recipes
import Settings
import Torch

/// `apprentice recipe procgen`.
struct ProcgenCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "procgen",
    abstract: "Train agents to play procedurally generated games, and test them on levels that they never saw.",
    discussion: """
      Several games, numbers of levels or widths make a run each, one after another. Interrupted, it goes on with the same \
      command; with another --minutes too. --data takes a folder with the published curves (easy-200.csv, …), which are then \
      drawn beside ours.

      EXAMPLE:
        apprentice recipe procgen --game bigfish --steps 3000000
        apprentice recipe procgen --game coinrun --network impala --device cuda --minutes 10
        apprentice recipe procgen --game coinrun starpilot --num-levels 20 200 2000 --width 0.5 1 2 --seeds 3
      """)

  @OptionGroup var procgen: SettingsOptions<ProcgenSettings>

  @Option(
    name: .customLong("run"),
    help: .init("The folder for everything it makes; a run that was stopped goes on in it.", valueName: "folder"))
  var folder = "runs/procgen"

  @OptionGroup var agent: SettingsOptions<AgentSettings>

  @Option(help: .init("Seeds everything that is drawn.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(
    in: .from(1, to: 100), help: .init("Runs it with so many seeds, this one and those after it.", valueName: "count"))
  var seeds = 1

  @Option(
    in: .from(0.0001, to: 10_000),
    help: .init("Makes runs longer or shorter where --steps is not given.", valueName: "factor"))
  var scale = 1.0

  @Flag(help: "The same path in under a minute; what it finds is no claim.")
  var quick = false

  @Option(help: .init("A folder with the published curves.", valueName: "folder"))
  var data: String?

  @Option(help: .init("auto, cpu, cuda, cuda:N or mps.", valueName: "device"))
  var device = "auto"

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    var options = RecipeOptions()
    options.seed = seed
    options.scale = scale
    options.isQuick = quick
    options.data = data
    options.device = try Device(parsing: device)
    try await RecipeCommand.run(options, folder: folder, seeds: seeds, output) { [procgen, agent] in
      try ProcgenRecipe($0, settings: procgen.settings, agent: agent.settings)
    }
  }
}
