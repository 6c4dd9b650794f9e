import ArgumentParser
import Experiments
import Foundation
import Tokenization

/// `apprentice experiment savings`.
struct ExperimentSavingsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "savings",
    abstract: "How many labels choosing comparisons saves, on a simulated labeller.",
    discussion: """
      A hidden linear reward makes noisy preferences over a pool of pairs, most of which are close variants. \
      Chosen and random comparisons are asked in batches, and accuracy is measured on held-out pairs.

      EXAMPLE:
        apprentice experiment savings --labels 200 --repetitions 10
      """)

  @Option(help: .init("How many labels at the end.", valueName: "count"))
  var labels = 200

  @Option(help: .init("How many pairs to choose from.", valueName: "count"))
  var pool = 1_000

  @Option(help: .init("How many labels at a time.", valueName: "count"))
  var batch = 5

  @Option(help: .init("How many other rewards and pools to repeat it with.", valueName: "count"))
  var repetitions = 10

  @Option(
    help: .init("The part of the pool's pairs that are close variants.", valueName: "fraction"))
  var closeVariants = 0.7

  @Option(help: .init("The seed of everything random.", valueName: "number"))
  var seed: UInt64 = 0

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard batch > 0, labels >= batch, pool > labels, repetitions > 0, (0...1).contains(closeVariants)
    else {
      throw ValidationError(
        "The pool must be larger than --labels, --labels at least --batch, every count above 0, and "
          + "--close-variants from 0 to 1.")
    }
  }

  func run() throws {
    var study = LabelSavings()
    study.maximumLabels = labels
    study.poolSize = pool
    study.batchSize = batch
    study.repetitions = repetitions
    study.closeVariants = closeVariants
    study.seed = seed
    let curve = try study.run()
    var table = Table([("labels", .right), ("chosen", .right), ("random", .right)])
    for (count, (chosen, random)) in zip(curve.labels, zip(curve.chosen, curve.random)) {
      table.add(["\(count)", String(format: "%.4f", chosen), String(format: "%.4f", random)])
    }
    output.show(
      [
        "labels": .array(curve.labels.map { .int($0) }),
        "chosen": .array(curve.chosen.map { .double($0) }),
        "random": .array(curve.random.map { .double($0) }),
        "ratio": .double(curve.ratio),
      ],
      text: table.text
        + String(
          format: "\nChosen comparisons need %.2f of the labels for the accuracy that random ones end with.",
          curve.ratio))
  }
}
