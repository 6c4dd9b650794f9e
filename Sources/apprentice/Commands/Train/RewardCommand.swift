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

  @Option(help: .init("The model to start from: a checkpoint, a run or a GGUF file.", valueName: "path"))
  var model: String

  @Option(parsing: .upToNextOption, help: .init("Files of comparisons or rankings.", valueName: "path"))
  var data: [String]

  @OptionGroup var adapters: SettingsOptions<AdapterSettings>
  @OptionGroup var training: TrainingOptions<RewardSettings>
  @OptionGroup var dataOptions: DataOptions
  @OptionGroup var template: ChatTemplateOptions
  @OptionGroup var configuration: ConfigurationOptions

  func run() throws {
    let settings = training.settings
    let (base, tokenizer) = try adapters.base(
      at: model, device: try Device(parsing: training.device), template)
    let decoder = try adapters.model(over: base, at: model, seed: settings.seed)
    let texts = TokenizedData(tokenizer, decoder.configuration, options: dataOptions)
    guard texts.endOfText != nil else {
      throw CheckpointError(path: model, message: "a reward model is read at the end-of-text token, and there is none")
    }
    let rankings = try texts.rankings(data)
    let division = training.division(of: rankings, share: training.learner.evalShare, as: "prompts", by: \.prompt)
    guard division.training.contains(where: { !$0.pairs.isEmpty }) else {
      throw DataError(
        .badData, path: data.joined(separator: ", "), problem: "there is no pair of completions to learn from",
        advice: "A reward model learns from pairs: rankings need two judged completions or more.")
    }
    let scorer = ScalarModel(
      decoder, likelihoodWeight: training.learner.likelihoodWeight, generator: Generator(seed: settings.seed))
    let learner = RewardLearner(
      scorer, tokenizer: tokenizer, rankings: division.training,
      heldOut: division.evaluation, settings: settings)
    try training.drive(learner, of: self)
  }
}
