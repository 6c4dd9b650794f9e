import ArgumentParser
import Documents
import Foundation
import Recipes
import Statistics
import Tokenization
import Torch
import Training

/// `apprentice quickstart`.
struct QuickstartCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quickstart",
    abstract: "Run the whole circle on generated data and write a report.",
    discussion: """
      Trains a tokenizer and a small decoder, fine-tunes it on demonstrations, collects comparisons \
      from a simulated labeller, trains a reward model, runs PPO and best-of-16, and evaluates all of \
      them with the gold judge on held-out posts. Interrupted, it goes on with the same command.

      EXAMPLE:
        apprentice quickstart
        apprentice quickstart --scale 8 --device cuda --run runs/large
      """)

  @Option(
    name: .customLong("run"), help: .init("The folder for everything it makes.", valueName: "folder"))
  var folder = "runs/quickstart"

  @Option(help: .init("Makes models and data bigger; 1 fits two cores and eight minutes.", valueName: "factor"))
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

  func validate() throws {
    guard scale >= 0.05, scale <= 10_000 else {
      throw ValidationError("--scale \(scale): it must lie between 0.05 and 10000.")
    }
  }

  func run() throws {
    var sizes = QuickstartSettings(scale: scale, seed: seed)
    if let settings { sizes = try sizes.replacing(with: URL(fileURLWithPath: settings)) }
    let quickstart = Quickstart(
      sizes, folder: folder, device: try Device(parsing: device),
      log: { Log.raw($0) })
    guard let report = try quickstart.run() else {
      Log.raw("interrupted; the same command goes on from here")
      throw ExitCode(130)
    }
    let lines = [
      ("fine-tuned over pretrained", report.winRate.sftVsPretrained),
      ("best of 16 over fine-tuned", report.winRate.bestOf16VsSFT),
      ("PPO over fine-tuned", report.winRate.ppoVsSFT),
      ("reward model agrees with the judge", report.rewardModel.accuracy),
    ].map { "  \($0.0): \($0.1.percentage)" }
    output.show(
      try JSONValue(encoding: report),
      text: (["By the simulated gold judge on held-out posts:"] + lines + ["\(folder)/report.html"])
        .joined(separator: "\n"))
  }
}
