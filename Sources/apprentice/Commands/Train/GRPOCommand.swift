import Alignment
import ArgumentParser
import Documents
import Feedback
import Foundation
import LanguageModels
import Tokenization
import Torch
import Training

/// `apprentice train grpo`.
struct GRPOCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grpo",
    abstract: "Train a policy on rewards that can be checked, by comparing samples of one prompt.",
    discussion: """
      The reward is a reward model's score (--reward), or 1 where the completion holds the record's \
      answer (--answer-column): the first group of --answer-pattern, or else the whole completion, \
      without the spaces around it. The pattern finds the answer in the record as well, where that \
      is a worked solution. RLOO is --advantage rloo.

      EXAMPLE:
        apprentice train grpo --model runs/sft --data sums.jsonl --answer-column answer \\
          --answer-pattern '#### (-?[0-9]+)' --run runs/grpo
        apprentice train grpo --model runs/sft --reward runs/reward --data prompts.jsonl --run runs/rloo \\
          --advantage rloo
      """)

  @Option(help: .init("The model to start from, also the reference.", valueName: "folder"))
  var model: String

  @Option(parsing: .upToNextOption, help: .init("Files of prompts.", valueName: "path"))
  var data: [String]

  @Option(help: .init("A reward model.", valueName: "folder"))
  var reward: String?

  @OptionGroup var answers: AnswerOptions
  @OptionGroup var adapters: SettingsOptions<AdapterSettings>
  @OptionGroup var training: TrainingOptions<GroupSettings>
  @OptionGroup var dataOptions: DataOptions
  @OptionGroup var template: ChatTemplateOptions
  @OptionGroup var configuration: ConfigurationOptions

  func validate() throws {
    guard (reward == nil) != (answers.answerColumn == nil) else {
      throw ValidationError("Give either --reward, a model, or --answer-column, the records' answers.")
    }
  }

  func run() throws {
    let settings = training.settings
    let options = training.learner
    let device = try Device(parsing: training.device)
    let (reference, tokenizer) = try adapters.base(at: model, device: device, template)
    let policy =
      options.beta > 0 || adapters.settings.rank > 0
      ? try adapters.policy(over: reference, at: model, seed: settings.seed) : reference
    let prompts = try TokenizedData(tokenizer, policy.configuration, options: dataOptions)
      .prompts(data, response: options.maxCompletionLength)
    let judge = try judge(prompts, policy, tokenizer, device)
    let learner = GroupLearner(
      policy: policy, reference: options.beta > 0 ? reference : nil, tokenizer: tokenizer,
      prompts: prompts.map(\.ids), judge: judge,
      settings: settings, options: options)
    try training.drive(learner, of: self, judge: try JSONValue(encoding: judge.identity))
  }

  private func judge(
    _ prompts: [(ids: [Int], record: Record, prompt: Prompt)],
    _ policy: Decoder, _ tokenizer: Tokenizer, _ device: Device
  ) throws -> any Judge {
    if let verifier = try answers.verifier(of: prompts.map(\.record)) { return verifier }
    let name = reward ?? ""
    return RewardJudge(
      try ModelFolder.loadReward(name, for: policy, device: device),
      endOfText: tokenizer.eos ?? policy.configuration.endOfText, name: name,
      version: try ModelFolder.resolve(name).lastPathComponent)
  }
}
