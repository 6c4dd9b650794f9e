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

  @OptionGroup var dataOptions: DataOptions
  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let (scorer, tokenizer) = try ModelFolder.loadReward(model, device: try Device(parsing: device))
    let rankings = try TokenizedData(tokenizer, scorer.backbone.configuration, options: dataOptions)
      .rankings(data, minimum: 1)
    let scores = scorer.scores(of: rankings.flatMap { item in item.completions.map { (item.prompt, $0) } })
    var right = 0.0
    var (predictions, outcomes): ([Double], [Double]) = ([], [])
    var first = 0
    for item in rankings {
      for pair in item.pairs where pair.probability != 0.5 {
        let difference = Double(scores[first + pair.first] - scores[first + pair.second])
        let toward = pair.probability > 0.5 ? difference : -difference
        right += toward > 0 ? 1 : toward == 0 ? 0.5 : 0
        predictions.append(1 / (1 + exp(-difference)))
        outcomes.append(pair.probability)
      }
      first += item.completions.count
    }
    guard !predictions.isEmpty else {
      throw DataError(
        .badData, path: data.joined(separator: ", "), problem: "every comparison is a tie",
        advice: "Give preferences.")
    }
    let accuracy = Estimate.wilson(successes: right, n: predictions.count)
    let calibration = Calibration(pairwise: predictions, outcomes: outcomes)
    output.show(
      [
        "accuracy": try JSONValue(encoding: accuracy),
        "calibration": try JSONValue(encoding: calibration),
      ],
      text: """
        accuracy \(accuracy.percentage) of \(predictions.count) pairs
        log loss \(calibration.logLoss.short), calibration error \(calibration.expectedError.short)
        """)
  }
}
