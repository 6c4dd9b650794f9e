import Alignment
import ArgumentParser
import Documents
import Evaluation
import Foundation
import LanguageModels
import Tokenization
import Torch
import Training

/// `apprentice evaluate reward`.
struct EvaluateRewardCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reward",
    abstract: "How well a reward model agrees with comparisons: accuracy and calibration.",
    discussion: """
      Accuracy counts pairs that are no ties; calibration compares σ(score difference) with how often the \
      first side was preferred.

      EXAMPLE:
        apprentice evaluate reward --model runs/reward --data held-out.jsonl --json
      """)

  @Option(help: .init("A reward model.", valueName: "folder"))
  var model: String

  @Option(parsing: .upToNextOption, help: .init("Files of comparisons or rankings.", valueName: "path"))
  var data: [String]

  @Option(help: .init("auto, cpu, cuda, cuda:N or mps.", valueName: "device"))
  var device = "auto"

  @OptionGroup var memory: SettingsOptions<InferenceSettings>
  @OptionGroup var dataOptions: DataOptions
  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let (scorer, tokenizer) = try ModelFolder.loadReward(
      model, device: try Device(parsing: device), weights: memory.settings.weights)
    let rankings = try TokenizedData(tokenizer, scorer.backbone.configuration, options: dataOptions)
      .rankings(data, minimum: 1)
    guard let found = RewardAgreement(of: scorer, on: rankings) else {
      throw DataError(
        .badData, path: data.joined(separator: ", "), problem: "every comparison is a tie",
        advice: "Give preferences.")
    }
    output.show(
      [
        "accuracy": try JSONValue(encoding: found.accuracy),
        "calibration": try JSONValue(encoding: found.calibration),
      ],
      text: """
        accuracy \(found.accuracy.percentage) of \(found.pairs) pairs
        log loss \(found.calibration.logLoss.short), calibration error \(found.calibration.expectedError.short)
        """)
  }
}
