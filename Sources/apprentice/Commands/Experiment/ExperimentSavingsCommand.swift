import Alignment
import ArgumentParser
import Console
import Documents
import Experiments
import Foundation
import LanguageModels
import Tokenization
import Torch
import Settings

/// `apprentice experiment savings`.
struct ExperimentSavingsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "savings",
    abstract: "How many labels choosing comparisons saves, against asking at random.",
    discussion: """
      By itself, on a simulated labeller: a hidden linear reward makes noisy preferences over a pool of \
      pairs, most of which are close variants. With --model and --data, on comparisons that somebody has \
      labelled: labels are hidden, shown as they are asked for, and learned by a reward head on the \
      model's hidden vectors. Chosen and random comparisons are asked in batches, and accuracy is \
      measured on held-out pairs.

      EXAMPLE:
        apprentice experiment savings --model runs/sft --data comparisons.jsonl --labels 400 --batch 10
      """)

  @Option(in: .count(), help: .init("How many labels at the end.", valueName: "count"))
  var labels = 200

  @Option(in: .count(), help: .init("How many pairs to choose from on the simulated labeller.", valueName: "count"))
  var pool = 1_000

  @Option(in: .count(), help: .init("How many labels at a time.", valueName: "count"))
  var batch = 5

  @Option(
    in: .count(),
    help: .init("How many other rewards and pools, or splits of the data, to repeat it with.", valueName: "count"))
  var repetitions = 10

  @Option(
    in: .from(0, to: 1),
    help: .init("The part of the simulated pool's pairs that are close variants.", valueName: "fraction"))
  var closeVariants = 0.7

  @Option(help: .init("A language model or a reward model whose hidden vectors are the features.", valueName: "folder"))
  var model: String?

  @Option(parsing: .upToNextOption, help: .init("Files of labelled comparisons or rankings.", valueName: "path"))
  var data: [String] = []

  @Option(
    in: .count(), help: .init("How many principal components of the hidden vectors to learn on.", valueName: "count"))
  var components = 32

  @Option(help: .init("The seed of everything random.", valueName: "number"))
  var seed: UInt64 = 0

  @Option(help: .init("auto, cpu, cuda, cuda:N or mps.", valueName: "device"))
  var device = "auto"

  @OptionGroup var memory: SettingsOptions<InferenceSettings>
  @OptionGroup var dataOptions: DataOptions
  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (model == nil) == data.isEmpty else {
      throw ValidationError("--model and --data go together.")
    }
    guard labels >= batch, model != nil || pool > labels else {
      throw ValidationError("The pool must be larger than --labels, and --labels at least --batch.")
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
    let curve = try model.map { try labelled(study, model: $0) } ?? study.run()
    var table = Table([("labels", .right), ("chosen", .right), ("random", .right)])
    for (count, (chosen, random)) in zip(curve.labels, zip(curve.chosen, curve.random)) {
      table.add(["\(count)", String(format: "%.4f", chosen), String(format: "%.4f", random)])
    }
    output.show(
      [
        "labels": .array(curve.labels.map { .int($0) }),
        "chosen": .array(curve.chosen.map { .double($0) }),
        "random": .array(curve.random.map { .double($0) }),
        // No number of chosen labels was enough: JSON has no infinity.
        "ratio": curve.ratio.isFinite ? .double(curve.ratio) : .null,
      ],
      text: table.text + "\n"
        + (curve.ratio.isFinite
          ? String(
            format: "Chosen comparisons need %.2f of the labels for the accuracy that random ones end with.",
            curve.ratio)
          : "Chosen comparisons don't reach the accuracy that random ones end with."))
  }

  /// The study over labelled comparisons, with a model's hidden vectors as features.
  private func labelled(_ study: LabelSavings, model: String) throws -> LabelSavings.Curve {
    let (decoder, tokenizer) = try memory.measured(model, device: try Device(parsing: device))
    let rankings = try TokenizedData(tokenizer, decoder.configuration, options: dataOptions)
      .rankings(data)
    let features = PreferenceFeatures(of: rankings, under: decoder)
    return try study.run(
      on: features.differences, components: components, firstPreferred: features.isFirstPreferred,
      groups: features.groups)
  }
}
