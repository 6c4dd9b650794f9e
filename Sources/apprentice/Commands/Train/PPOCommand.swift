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

  @Option(
    help: .init("The model to start from, also the reference: a checkpoint, a run or a GGUF file.", valueName: "path"))
  var model: String

  @Option(help: .init("The reward model.", valueName: "folder"))
  var reward: String

  @Option(parsing: .upToNextOption, help: .init("Files of prompts.", valueName: "path"))
  var data: [String]

  @Option(
    parsing: .upToNextOption,
    help: .init("Text whose language-modelling loss is mixed in (PPO-ptx).", valueName: "path"))
  var ptxData: [String] = []

  @OptionGroup var adapters: SettingsOptions<AdapterSettings>
  @OptionGroup var training: TrainingOptions<PPOSettings>
  @OptionGroup var dataOptions: DataOptions
  @OptionGroup var template: ChatTemplateOptions
  @OptionGroup var configuration: ConfigurationOptions

  func run() throws {
    let settings = training.settings
    let device = try Device(parsing: training.device)
    let (reference, tokenizer) = try adapters.base(at: model, device: device, template)
    let policy = try adapters.policy(over: reference, at: model, seed: settings.seed)
    let (scorer, value) = try rewardAndValue(over: reference, device: device)
    let end = tokenizer.eos ?? policy.configuration.endOfText
    let prompts = try TokenizedData(tokenizer, policy.configuration, options: dataOptions).prompts(
      data, response: training.learner.responseLength)
    var text: RowSource?
    if !ptxData.isEmpty {
      text = RowSource(
        try TextRows(tokenizer, options: dataOptions.reading, endOfText: end, warn: Log.warning)
          .rows(ptxData, length: policy.configuration.contextLength),
        batchSize: settings.batchSize, seed: settings.seed)
    }
    let judge = RewardJudge(
      scorer, endOfText: end, name: reward, version: try ModelFolder.resolve(reward).lastPathComponent)
    let learner = PPOLearner(
      policy: policy, reference: reference, value: value, tokenizer: tokenizer,
      prompts: prompts.map(\.ids),
      judge: judge, settings: settings, options: training.learner, pretraining: text)
    try training.drive(learner, of: self, judge: try JSONValue(encoding: judge.identity))
  }

  /// The reward model and the value network that starts from it: two models of their own, or with `--lora-r` two sets of
  /// adapters over one base, the policy's where the reward model is adapters over that.
  private func rewardAndValue(
    over reference: Decoder, device: Device
  ) throws -> (reward: ScalarModel, value: ScalarModel) {
    let place = try ModelFolder.resolve(reward)
    if adapters.settings.rank > 0, let below = try Checkpoint.base(ofAdapters: place) {
      let isShared = try below.standardizedFileURL.path == ModelFolder.resolve(model).standardizedFileURL.path
      let base =
        isShared
        ? reference : try Checkpoint.load(below, device: device, keepingBlocks: adapters.settings.keepsBlocks).model
      return (try ScalarModel.load(place, over: base), try ScalarModel.load(place, over: base))
    }
    let scorer = try ModelFolder.loadReward(reward, for: reference, device: device)
    return (scorer, try scorer.copy())
  }
}
