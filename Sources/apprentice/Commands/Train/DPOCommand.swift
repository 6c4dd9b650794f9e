import Alignment
import ArgumentParser
import Documents
import LanguageModels
import Tokenization
import Torch
import Training

/// `apprentice train dpo`.
struct DPOCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dpo",
    abstract: "Train a policy on preferences directly, without a reward model.",
    discussion: """
      Records as for 'train reward'; of a ranking every pair is used. Ties are left out unless \
      '--ties half' is given. The model that training starts from is also the reference.

      EXAMPLE:
        apprentice train dpo --model runs/sft --data comparisons.jsonl --run runs/dpo --beta 0.1
      """)

  @Option(
    help: .init("The model to start from, also the reference: a checkpoint, a run or a GGUF file.", valueName: "path"))
  var model: String

  @Option(parsing: .upToNextOption, help: .init("Files of comparisons or rankings.", valueName: "path"))
  var data: [String]

  @OptionGroup var adapters: SettingsOptions<AdapterSettings>
  @OptionGroup var training: TrainingOptions<DPOSettings>
  @OptionGroup var dataOptions: DataOptions
  @OptionGroup var template: ChatTemplateOptions
  @OptionGroup var configuration: ConfigurationOptions

  func run() throws {
    let settings = training.settings
    let (reference, tokenizer) = try adapters.base(
      at: model, device: try Device(parsing: training.device), template)
    let policy = try adapters.policy(over: reference, at: model, seed: settings.seed)
    let rankings = try TokenizedData(tokenizer, policy.configuration, options: dataOptions)
      .rankings(data, minimum: 1)
    let pairs = rankings.flatMap { DPOLearner.Pair.all(in: $0, ties: training.learner.ties) }
    guard !pairs.isEmpty else {
      throw DataError(
        .badData, path: data.joined(separator: ", "), problem: "every comparison is a tie",
        advice: "DPO needs preferences; '--ties half' counts ties.")
    }
    let left = rankings.reduce(0) { $0 + $1.pairs.count } - pairs.count
    if left > 0 { Log.raw("\(left) ties are left out of \(pairs.count + left) pairs; '--ties half' counts them") }
    let learner = DPOLearner(
      policy: policy, reference: reference, tokenizer: tokenizer, pairs: pairs,
      settings: settings, options: training.learner)
    try training.drive(learner, of: self)
  }
}
