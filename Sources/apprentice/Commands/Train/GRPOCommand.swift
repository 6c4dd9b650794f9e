import Alignment
public import ArgumentParser
import Documents
import Feedback
import Foundation
import LanguageModels
public import Reasoning
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
      is a worked solution. With --problems they are word problems in the shapes of GSM8K, MATH or \
      Saxton's sets, put and graded as those are. RLOO is --advantage rloo.

      EXAMPLE:
        apprentice train grpo --model runs/sft --data sums.jsonl --answer-column answer \\
          --answer-pattern '#### (-?[0-9]+)' --run runs/grpo
        apprentice train grpo --model model.gguf --problems gsm8k/train.jsonl --max-completion-length 256 \\
          --lora-r 16 --run runs/grpo-gsm8k
        apprentice train grpo --model runs/sft --reward runs/reward --data prompts.jsonl --run runs/rloo \\
          --advantage rloo
      """)

  @Option(
    help: .init("The model to start from, also the reference: a checkpoint, a run or a GGUF file.", valueName: "path"))
  var model: String

  @Option(parsing: .upToNextOption, help: .init("Files of prompts.", valueName: "path"))
  var data: [String] = []

  @Option(parsing: .upToNextOption, help: .init("Files of word problems, instead of --data.", valueName: "path"))
  var problems: [String] = []

  @Option(
    help: .init(
      "Where answers to problems stand: gsm8k, boxed, number, chat or line; the problems' own way unless given, chat's for a chat.",
      valueName: "name"))
  var answerFormat: AnswerFormat?

  @Option(
    help: .init(
      "How problems are put: plain or chat; the chat template where the model has one, unless given.", valueName: "name"
    ))
  var promptStyle: SolutionPrompt.Style?

  @Option(help: .init("A reward model.", valueName: "folder"))
  var reward: String?

  @OptionGroup var answers: AnswerOptions
  @OptionGroup var adapters: SettingsOptions<AdapterSettings>
  @OptionGroup var training: TrainingOptions<GroupSettings>
  @OptionGroup var dataOptions: DataOptions
  @OptionGroup var template: ChatTemplateOptions
  @OptionGroup var configuration: ConfigurationOptions

  func validate() throws {
    guard data.isEmpty != problems.isEmpty else {
      throw ValidationError("Give either --data, files of prompts, or --problems, files of word problems.")
    }
    guard problems.isEmpty else {
      guard reward == nil, answers.answerColumn == nil else {
        throw ValidationError("--problems have answers of their own: leave --reward and --answer-column out.")
      }
      guard promptStyle != .fewShot else {
        throw ValidationError("--prompt-style few-shot: problems are put plainly or as a chat here.")
      }
      return
    }
    guard answerFormat == nil, promptStyle == nil else {
      throw ValidationError("--answer-format and --prompt-style go with --problems.")
    }
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
    let (prompts, judge) =
      problems.isEmpty
      ? try judged(policy, tokenizer, device, response: options.maxCompletionLength)
      : try wordProblems(policy, tokenizer, response: options.maxCompletionLength)
    let learner = GroupLearner(
      policy: policy, reference: options.beta > 0 ? reference : nil, tokenizer: tokenizer,
      prompts: prompts, judge: judge,
      settings: settings, options: options)
    try training.drive(learner, of: self, judge: try JSONValue(encoding: judge.identity))
  }

  /// Word problems as the model is given them, and their verifier.
  private func wordProblems(
    _ policy: LanguageModels.Decoder, _ tokenizer: Tokenizer, response: Int
  ) throws -> (prompts: [[Int]], judge: any Judge) {
    let style = try promptStyle ?? (tokenizer.chatFormat == nil ? .plain : .chat)
    let prompt = SolutionPrompt(style)
    let all = try WordProblem.read(contentsOf: problems)
    let prompts = try all.map { problem in
      let ids = try prompt.tokens(of: problem, tokenizer)
      guard ids.count + response <= policy.configuration.contextLength else {
        throw DataError(
          .badData, path: problems.joined(separator: ", "),
          problem:
            "problem '\(problem.id)' has \(ids.count) tokens, which with \(response) of a completion are more than the "
            + "model's context of \(policy.configuration.contextLength)",
          advice: "Leave it out, or give a smaller --max-completion-length.")
      }
      return ids
    }
    return (prompts, WordProblem.verifier(of: all, format: answerFormat ?? (style == .chat ? .chat : nil)))
  }

  private func judged(
    _ policy: LanguageModels.Decoder, _ tokenizer: Tokenizer, _ device: Device, response: Int
  ) throws -> (prompts: [[Int]], judge: any Judge) {
    let prompts = try TokenizedData(tokenizer, policy.configuration, options: dataOptions)
      .prompts(data, response: response)
    return (prompts.map(\.ids), try judge(prompts, policy, tokenizer, device))
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

extension AnswerFormat: ExpressibleByArgument {}
extension SolutionPrompt.Style: ExpressibleByArgument {}
