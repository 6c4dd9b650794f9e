import Alignment
import ArgumentParser
import Documents
import Foundation
import LanguageModels
import NeuralNetworks
import Tokenization
import Torch
import Training

/// `apprentice train ppo`.
struct PPOCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ppo",
    abstract: "Train a policy by PPO against a reward model.",
    discussion: """
      Draws completions of the prompts, scores them with the reward model, charges the KL from the \
      model that it started from, and makes clipped updates. The value network starts from the reward \
      model. Records hold "prompt".

      EXAMPLE:
        apprentice train ppo --model runs/sft --reward runs/reward --data prompts.jsonl --run runs/ppo
      """)

  @Option(help: .init("The model to start from, also the reference.", valueName: "folder"))
  var model: String

  @Option(help: .init("The reward model.", valueName: "folder"))
  var reward: String

  @Option(parsing: .upToNextOption, help: .init("Files of prompts.", valueName: "path"))
  var data: [String]

  @Option(help: .init("Passes over each batch of episodes.", valueName: "count"))
  var numPpoEpochs = 1

  @Option(help: .init("Updates per pass.", valueName: "count"))
  var numMiniBatches = 4

  @Option(help: .init("The KL penalty's coefficient.", valueName: "beta"))
  var klCoef = 0.05

  @Option(help: .init("Steer the coefficient to this KL, in nats per completion; 0 keeps it fixed.", valueName: "nats"))
  var klTarget = 0.0

  @Option(help: .init("How far the probability ratio may move.", valueName: "range"))
  var cliprange = 0.2

  @Option(help: .init("Tokens per completion.", valueName: "count"))
  var responseLength = 48

  @Option(help: .init("Sampling temperature.", valueName: "value"))
  var temperature = 1.0

  @Option(help: .init("The score of completions that don't end by themselves.", valueName: "score"))
  var missingEosScore: Double?

  @Option(
    parsing: .upToNextOption,
    help: .init("Text whose language-modelling loss is mixed in (PPO-ptx).", valueName: "path"))
  var ptxData: [String] = []

  @Option(help: .init("The weight of that loss.", valueName: "gamma"))
  var ptxCoef = 1.0

  @OptionGroup var adapters: AdapterOptions
  @OptionGroup var training: TrainingOptions
  @OptionGroup var dataOptions: DataOptions
  @OptionGroup var configuration: ConfigurationOptions

  func validate() throws {
    guard numPpoEpochs > 0, numMiniBatches > 0, responseLength > 0, temperature > 0 else {
      throw ValidationError(
        "--num-ppo-epochs, --num-mini-batches, --response-length and --temperature must be positive.")
    }
  }

  func run() throws {
    let settings = try training.settings(learningRate: 1e-5)
    let device = try Device(parsing: training.device)
    let (reference, tokenizer) = try ModelFolder.load(model, device: device)
    let policy = try adapters.policy(over: reference, at: model, seed: settings.seed)
    let (scorer, value) = try rewardAndValue(over: reference, device: device)
    let end = tokenizer.eos ?? policy.configuration.endOfText
    let prompts = try TokenizedData(tokenizer, policy.configuration, options: dataOptions).prompts(
      data, response: responseLength)
    var text: RowSource?
    if !ptxData.isEmpty {
      text = RowSource(
        try TextRows(tokenizer, options: dataOptions.reading, endOfText: end, warn: Log.warning)
          .rows(ptxData, length: policy.configuration.contextLength),
        batchSize: settings.batchSize, seed: settings.seed)
    }
    var options = PPOSettings()
    options.epochs = numPpoEpochs
    options.minibatches = numMiniBatches
    options.klCoefficient = klCoef
    options.klTarget = klTarget
    options.clipRange = cliprange
    options.responseLength = responseLength
    options.temperature = temperature
    options.missingEndScore = missingEosScore
    options.pretrainingCoefficient = ptxData.isEmpty ? 0 : ptxCoef
    let judge = RewardJudge(
      scorer, endOfText: end, name: reward, version: try ModelFolder.resolve(reward).lastPathComponent)
    let learner = PPOLearner(
      policy: policy, reference: reference, value: value, tokenizer: tokenizer,
      prompts: prompts.map(\.ids),
      judge: judge, settings: settings, options: options, pretraining: text)
    try training.drive(
      learner, title: "ppo", settings: settings,
      extra: try adapters.noted(in: [
        "data": .array(data.map { .string($0) }), "model": .string(model), "reward": .string(reward),
        "judge": try JSONValue(encoding: judge.identity),
        "ppo": try JSONValue(encoding: options),
      ]))
  }

  /// The reward model and the value network that starts from it: two models of their own, or with `--lora-r` two sets of
  /// adapters over the policy's base where the reward model is adapters over it too.
  private func rewardAndValue(
    over reference: Decoder, device: Device
  ) throws -> (reward: ScalarModel, value: ScalarModel) {
    let place = try ModelFolder.resolve(reward)
    if adapters.loraR > 0, Checkpoint.hasAdapters(place),
      try LowRankAdapters.configuration(of: place).base
        == ModelFolder.resolve(model).standardizedFileURL.path
    {
      return (try ScalarModel.load(place, over: reference), try ScalarModel.load(place, over: reference))
    }
    let scorer = try ModelFolder.loadReward(reward, for: reference, device: device)
    return (scorer, try scorer.copy())
  }
}
