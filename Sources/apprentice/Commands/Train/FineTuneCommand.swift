import Alignment
import ArgumentParser
import Documents
import LanguageModels
import Tokenization
import Torch
import Training

/// `apprentice train sft`.
struct FineTuneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sft",
    abstract: "Fine-tune a model on demonstrations.",
    discussion: """
      Learns the completions, each closed by the end-of-text token; prompts are read but not learnt. \
      Records hold "prompt" and "completion", or other columns that are named.

      EXAMPLE:
        apprentice train sft --model runs/base --data demonstrations.jsonl --run runs/sft
        apprentice train sft --model runs/base --data tldr.csv --prompt-column context \\
          --completion-column ref_text --run runs/sft
      """)

  @Option(help: .init("The model to start from: a checkpoint or a run.", valueName: "folder"))
  var model: String

  @Option(parsing: .upToNextOption, help: .init("Files of demonstrations.", valueName: "path"))
  var data: [String]

  @Option(help: .init("The share of examples kept for evaluation.", valueName: "share"))
  var evalShare = 0.05

  @Flag(help: "Leave out examples that are longer than the model's context instead of stopping.")
  var skipLong = false

  @OptionGroup var adapters: AdapterOptions
  @OptionGroup var training: TrainingOptions
  @OptionGroup var dataOptions: DataOptions
  @OptionGroup var configuration: ConfigurationOptions

  func run() throws {
    let settings = try training.settings(learningRate: 1e-4)
    let (base, tokenizer) = try ModelFolder.load(model, device: try Device(parsing: training.device))
    let decoder = try adapters.model(over: base, at: model, seed: settings.seed)
    let examples = try TokenizedData(tokenizer, decoder.configuration, options: dataOptions)
      .demonstrations(data, skipLong: skipLong)
    let held = min(examples.count - 1, Int(Double(examples.count) * evalShare))
    let learner = NextTokenLearner(
      decoder, tokenizer: tokenizer,
      source: ExampleSource(
        Array(examples.dropLast(held)), batchSize: settings.batchSize, seed: settings.seed),
      heldOut: Array(examples.suffix(held)), settings: settings)
    try training.drive(
      learner, title: "sft", settings: settings,
      extra: try adapters.noted(
        in: ["data": .array(data.map { .string($0) }), "model": .string(model)]))
  }
}
