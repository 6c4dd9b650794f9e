public import Alignment
public import ArgumentParser
import Documents
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

  @Option(help: .init("The field that holds the right answer.", valueName: "name"))
  var answerColumn: String?

  @Option(help: .init("Where in a completion its answer stands.", valueName: "regex"))
  var answerPattern: String?

  @Option(help: .init("Completions of each prompt.", valueName: "count"))
  var numGenerations = 4

  @Option(help: "How advantages are made: \(GroupSettings.Advantage.allCases.map(\.rawValue).joined(separator: ", ")).")
  var advantage = GroupSettings.Advantage.grpo

  @Option(help: .init("Weight of the KL to the reference; 0 leaves it out.", valueName: "beta"))
  var beta = 0.0

  @Option(help: .init("How far the probability ratio may move.", valueName: "range"))
  var epsilon = 0.2

  @Option(help: .init("Passes over each rollout.", valueName: "count"))
  var numIterations = 1

  @Option(help: .init("Tokens per completion.", valueName: "count"))
  var responseLength = 48

  @Option(help: .init("Sampling temperature.", valueName: "value"))
  var temperature = 1.0

  @OptionGroup var adapters: AdapterOptions
  @OptionGroup var training: TrainingOptions
  @OptionGroup var dataOptions: DataOptions
  @OptionGroup var configuration: ConfigurationOptions

  func validate() throws {
    guard (reward == nil) != (answerColumn == nil) else {
      throw ValidationError("Give either --reward, a model, or --answer-column, the records' answers.")
    }
    guard numGenerations > 1, numIterations > 0, responseLength > 0, temperature > 0, beta >= 0 else {
      throw ValidationError(
        "--num-generations must be at least 2, --num-iterations, --response-length and --temperature positive, --beta not negative."
      )
    }
    do { _ = try AnswerPattern(answerPattern) } catch {
      throw ValidationError("--answer-pattern \(answerPattern ?? ""): \(error)")
    }
  }

  func run() throws {
    let settings = try training.settings(learningRate: 1e-6)
    let device = try Device(parsing: training.device)
    let (reference, tokenizer) = try ModelFolder.load(model, device: device)
    let policy =
      beta > 0 || adapters.loraR > 0
      ? try adapters.policy(over: reference, at: model, seed: settings.seed) : reference
    let prompts = try TokenizedData(tokenizer, policy.configuration, options: dataOptions)
      .prompts(data, response: responseLength)
    var options = GroupSettings()
    options.samples = numGenerations
    options.advantage = advantage
    options.beta = beta
    options.clipRange = epsilon
    options.iterations = numIterations
    options.maxCompletionLength = responseLength
    options.temperature = temperature
    let judge = try judge(prompts, policy, tokenizer, device)
    let learner = GroupLearner(
      policy: policy, reference: beta > 0 ? reference : nil, tokenizer: tokenizer,
      prompts: prompts.map(\.ids), judge: judge,
      settings: settings, options: options)
    try training.drive(
      learner, title: "grpo", settings: settings,
      extra: try adapters.noted(in: [
        "data": .array(data.map { .string($0) }), "model": .string(model),
        "reward": reward.map { .string($0) } ?? .null, "judge": try JSONValue(encoding: judge.identity),
        "answer": .array([answerColumn, answerPattern].map { $0.map { .string($0) } ?? .null }),
        "grpo": try JSONValue(encoding: options),
      ]))
  }

  private func judge(
    _ prompts: [(ids: [Int], record: Record)], _ policy: Decoder, _ tokenizer: Tokenizer, _ device: Device
  ) throws -> any Judge {
    if let reward {
      return RewardJudge(
        try ModelFolder.loadReward(reward, for: policy, device: device),
        endOfText: tokenizer.eos ?? policy.configuration.endOfText, name: reward,
        version: try ModelFolder.resolve(reward).lastPathComponent)
    }
    let column = answerColumn ?? ""
    return AnswerVerifier(
      answers: try prompts.map { _, record in
        guard let value = record[column] else { throw record.error("there is no answer in the field \"\(column)\"") }
        guard let answer = ReferenceAnswer(value) else {
          throw record.error("\"\(column)\" holds \(value.kind), not an answer as text or number")
        }
        return answer
      }, pattern: try AnswerPattern(answerPattern))
  }
}

extension GroupSettings.Advantage: ExpressibleByArgument {}
