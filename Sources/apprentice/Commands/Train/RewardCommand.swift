import Alignment
import ArgumentParser
import Documents
import LanguageModels
import Tokenization
import Torch
import Training

/// `apprentice train reward`.
struct RewardCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reward",
    abstract: "Train a reward model on comparisons or rankings.",
    discussion: """
      Records hold "prompt", "chosen" and "rejected", or "prompt", "completions" and "ranking" (ranks \
      from 1, the best; equal ranks are ties). All pairs of a ranking share one batch element.

      EXAMPLE:
        apprentice train reward --model runs/sft --data comparisons.jsonl --run runs/reward
      """)

  @Option(help: .init("The model to start from: a checkpoint or a run.", valueName: "folder"))
  var model: String

  @Option(parsing: .upToNextOption, help: .init("Files of comparisons or rankings.", valueName: "path"))
  var data: [String]

  @Option(help: .init("The share of prompts kept for evaluation.", valueName: "share"))
  var evalShare = 0.1

  @OptionGroup var adapters: AdapterOptions
  @OptionGroup var training: TrainingOptions
  @OptionGroup var dataOptions: DataOptions
  @OptionGroup var configuration: ConfigurationOptions

  func run() throws {
    let settings = try training.settings(learningRate: 5e-5)
    let (base, tokenizer) = try ModelFolder.load(model, device: try Device(parsing: training.device))
    let decoder = try adapters.model(over: base, at: model, seed: settings.seed)
    let texts = TokenizedData(tokenizer, decoder.configuration, options: dataOptions)
    guard texts.endOfText != nil else {
      throw CheckpointError(path: model, message: "a reward model is read at the end-of-text token, and there is none")
    }
    let rankings = try texts.rankings(data)
    let held = min(rankings.count - 1, Int(Double(rankings.count) * evalShare))
    let scorer = ScalarModel(decoder, generator: Generator(seed: settings.seed))
    let learner = RewardLearner(
      scorer, tokenizer: tokenizer, rankings: Array(rankings.dropLast(held)),
      heldOut: Array(rankings.suffix(held)), settings: settings)
    try training.drive(
      learner, title: "reward", settings: settings,
      extra: try adapters.noted(
        in: ["data": .array(data.map { .string($0) }), "model": .string(model)]))
  }
}
