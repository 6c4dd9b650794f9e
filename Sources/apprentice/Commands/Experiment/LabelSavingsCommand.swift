import ArgumentParser
import Experiments
import Foundation
import Tokenization

/// `apprentice experiment example label-savings`.
struct LabelSavingsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "label-savings",
    abstract: "How many comparisons choosing them saves, on a simulated labeller.",
    discussion: """
      A hidden linear reward answers comparisons with noise. Comparisons are asked in batches, at \
      random or where a posterior over rewards expects to learn most; prints the accuracy on \
      held-out pairs after each number of labels, and how many labels choosing takes for the accuracy \
      that random asking ends with.

      EXAMPLE:
        apprentice experiment example label-savings --labels 200
      """)

  @Option(help: .init("Labels to ask for in all.", valueName: "count"))
  var labels = 200

  @Option(help: .init("Labels asked for at a time.", valueName: "count"))
  var batch = 5

  @Option(help: .init("Pairs to choose from.", valueName: "count"))
  var pool = 1_000

  @Option(help: .init("Rewards and pools to average over.", valueName: "count"))
  var repetitions = 10

  @Option(help: "The seed of all random draws.")
  var seed: UInt64 = 0

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard batch >= 1, labels >= batch, pool > labels, pool <= 100_000,
      (1...1_000).contains(repetitions)
    else {
      throw ValidationError(
        "--pool must be above --labels and at most 100000, --labels at least --batch, and "
          + "--repetitions in 1...1000.")
    }
  }

  func run() throws {
    var study = LabelSavings()
    study.maximumLabels = labels
    study.batchSize = batch
    study.poolSize = pool
    study.repetitions = repetitions
    study.seed = seed
    let curve = try study.run()
    var table = Table([("labels", .right), ("chosen", .right), ("random", .right)])
    for index in curve.labels.indices where index % max(1, curve.labels.count / 20) == 0 {
      table.add([
        "\(curve.labels[index])", String(format: "%.4f", curve.chosen[index]),
        String(format: "%.4f", curve.random[index]),
      ])
    }
    output.show(
      .object([
        "labels": .array(curve.labels.map { .int($0) }),
        "chosen": .array(curve.chosen.map { .double($0) }),
        "random": .array(curve.random.map { .double($0) }),
        "ratio": curve.ratio.isFinite ? .double(curve.ratio) : .null,
      ]),
      text: table.text
        + String(
          format: "\n\nlabels for the accuracy that random asking ends with: %.2f of random's",
          curve.ratio))
  }
}
