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
      Records hold "prompt" and "completion", "messages", or other columns that are named. A GGUF file learns by adapters, its own \
      weights left as they are.

      EXAMPLE:
        apprentice train sft --model runs/base --data demonstrations.jsonl --run runs/sft
        apprentice train sft --model coder.gguf --lora-r 8 --data conversations.jsonl --run runs/coder
        apprentice train sft --model runs/base --data tldr.csv --prompt-column context \\
          --completion-column ref_text --run runs/sft
      """)

  @Option(help: .init("The model to start from: a checkpoint, a run or a GGUF file.", valueName: "path"))
  var model: String

  @Option(parsing: .upToNextOption, help: .init("Files of demonstrations.", valueName: "path"))
  var data: [String]

  @OptionGroup var adapters: SettingsOptions<AdapterSettings>
  @OptionGroup var training: TrainingOptions<FineTuningSettings>
  @OptionGroup var dataOptions: DataOptions
  @OptionGroup var template: ChatTemplateOptions
  @OptionGroup var configuration: ConfigurationOptions

  func run() throws {
    let settings = training.settings
    let (base, tokenizer) = try adapters.base(
      at: model, device: try Device(parsing: training.device), template)
    let decoder = try adapters.model(over: base, at: model, seed: settings.seed)
    let examples = try TokenizedData(tokenizer, decoder.configuration, options: dataOptions)
      .demonstrations(data, skipLong: training.learner.skipsLong)
    // By what a conversation begins with: its pieces, and others that begin so, stay together.
    let division = training.division(of: examples, share: training.learner.evalShare, as: "examples") {
      $0.first?.prompt
    }
    let learner = NextTokenLearner(
      decoder, tokenizer: tokenizer,
      source: ExampleSource(
        division.training.flatMap(\.self), batchSize: settings.batchSize, seed: settings.seed),
      heldOut: division.evaluation.flatMap(\.self), settings: settings)
    try training.drive(learner, of: self)
  }
}
