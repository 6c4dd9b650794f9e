public import Alignment
public import ArgumentParser
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
      Records as for 'train reward'; of a ranking every pair without a tie is used. The model that \
      training starts from is also the reference.

      EXAMPLE:
        apprentice train dpo --model runs/sft --data comparisons.jsonl --run runs/dpo --beta 0.1
      """)

  @Option(help: .init("The model to start from, also the reference.", valueName: "folder"))
  var model: String

  @Option(parsing: .upToNextOption, help: .init("Files of comparisons or rankings.", valueName: "path"))
  var data: [String]

  @Option(help: .init("How strongly the policy is held to the reference.", valueName: "beta"))
  var beta = 0.1

  @Option(help: "The loss: \(DPOSettings.Loss.allCases.map(\.rawValue).joined(separator: ", ")).")
  var lossType = DPOSettings.Loss.sigmoid

  @Option(help: .init("How often labels are believed to be wrong, 0 to 0.5.", valueName: "share"))
  var labelSmoothing = 0.0

  @Flag(help: "Divide each completion's log-probability by its length.")
  var lengthNormalized = false

  @OptionGroup var adapters: AdapterOptions
  @OptionGroup var training: TrainingOptions
  @OptionGroup var dataOptions: DataOptions
  @OptionGroup var configuration: ConfigurationOptions

  func validate() throws {
    guard beta > 0 else { throw ValidationError("--beta \(beta): it must be positive.") }
    guard (0..<0.5).contains(labelSmoothing) else {
      throw ValidationError("--label-smoothing \(labelSmoothing): it must lie in 0..<0.5.")
    }
  }

  func run() throws {
    let settings = try training.settings(learningRate: 1e-6)
    let (reference, tokenizer) = try ModelFolder.load(model, device: try Device(parsing: training.device))
    let policy = try adapters.policy(over: reference, at: model, seed: settings.seed)
    let rankings = try TokenizedData(tokenizer, policy.configuration, options: dataOptions)
      .rankings(data, minimum: 1)
    let pairs = rankings.flatMap { DPOLearner.Pair.all(in: $0) }
    guard !pairs.isEmpty else {
      throw DataError(
        .badData, path: data.joined(separator: ", "), problem: "every comparison is a tie",
        advice: "DPO needs preferences.")
    }
    var options = DPOSettings()
    options.beta = beta
    options.loss = lossType
    options.labelSmoothing = labelSmoothing
    options.normalizesLength = lengthNormalized
    let learner = DPOLearner(
      policy: policy, reference: reference, tokenizer: tokenizer, pairs: pairs,
      settings: settings, options: options)
    try training.drive(
      learner, title: "dpo", settings: settings,
      extra: try adapters.noted(in: [
        "data": .array(data.map { .string($0) }), "model": .string(model),
        "dpo": try JSONValue(encoding: options),
      ]))
  }
}

extension DPOSettings.Loss: ExpressibleByArgument {}
