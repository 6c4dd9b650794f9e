import ArgumentParser
import Documents
import Foundation
import Recipes
import Settings
import Torch

/// `apprentice quickstart`.
struct QuickstartCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quickstart",
    abstract: "Run the whole circle on generated data and write a report.",
    discussion: """
      Trains a tokenizer and a small decoder, fine-tunes it on demonstrations, collects comparisons \
      from a simulated labeller, trains a reward model, runs PPO and best-of-16, and evaluates all of \
      them with the gold judge on held-out posts. Interrupted, it goes on with the same command. It is \
      the recipe 'quickstart'; 'apprentice recipe' lists the others.

      EXAMPLE:
        apprentice quickstart
        apprentice quickstart --scale 8 --device cuda --run runs/large
      """)

  @Option(
    name: .customLong("run"), help: .init("The folder for everything it makes.", valueName: "folder"))
  var folder = "runs/quickstart"

  @Option(
    in: .from(0.05, to: 10_000),
    help: .init("Makes models and data bigger; 1 fits two cores and eight minutes.", valueName: "factor"))
  var scale = 1.0

  @Option(help: .init("Seeds everything that is drawn.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(help: .init("auto, cpu, cuda, cuda:N or mps.", valueName: "device"))
  var device = "auto"

  @Option(
    help: .init("A JSON file of sizes and rates that replace the scale's; keys as in report.json.", valueName: "file"))
  var settings: String?

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    var options = RecipeOptions()
    options.seed = seed
    options.scale = scale
    options.device = try Device(parsing: device)
    var sizes = QuickstartSettings(options)
    if let settings { sizes = try sizes.replacing(with: URL(fileURLWithPath: settings)) }
    try await RecipeCommand.run(options, folder: folder, seeds: 1, output) { [sizes] in Quickstart($0, settings: sizes)
    }
  }
}
