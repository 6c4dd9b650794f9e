import Alignment
import ArgumentParser
import Documents
import Evaluation
import Foundation
import LanguageModels
import Statistics
import Tokenization
import Torch
import Training
import Settings

/// `apprentice evaluate win-rate`.
struct EvaluateWinRateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "win-rate",
    abstract: "How often a judge prefers one model's completions to another's.",
    discussion: """
      Both models answer the same prompts; a reward model is the judge, which should not be the one that a \
      model was trained against, or the records' answers are (--answer-column, as in 'train grpo'): then each \
      model's share of right answers is printed, too. --best-of lets the first model choose among n samples by --chooser.

      EXAMPLE:
        apprentice evaluate win-rate --model runs/ppo --against runs/sft --reward runs/judge \\
          --data prompts.jsonl
        apprentice evaluate win-rate --model runs/grpo --against runs/sft --data sums.jsonl \\
          --answer-column answer --answer-pattern '#### (-?[0-9]+)' --temperature 0
      """)

  @Option(help: .init("The first model.", valueName: "folder"))
  var model: String

  @Option(help: .init("The second model.", valueName: "folder"))
  var against: String

  @Option(help: .init("The judge, a reward model.", valueName: "folder"))
  var reward: String?

  @OptionGroup var answers: AnswerOptions

  @Option(parsing: .upToNextOption, help: .init("Files of prompts.", valueName: "path"))
  var data: [String]

  @Option(in: .count(), help: .init("Samples of the first model to choose from.", valueName: "n"))
  var bestOf = 1

  @Option(help: .init("The reward model that chooses.", valueName: "folder"))
  var chooser: String?

  @Option(in: .count(), help: .init("Tokens per completion.", valueName: "count"))
  var responseLength = 48

  @Option(in: .atLeast(0), help: .init("Sampling temperature.", valueName: "value"))
  var temperature = 1.0

  @Option(parsing: .upToNextOption, help: .init("Texts that end a completion.", valueName: "text"))
  var stop: [String] = []

  @Option(help: .init("Seeds the samples.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(help: .init("auto, cpu, cuda, cuda:N or mps.", valueName: "device"))
  var device = "auto"

  @OptionGroup var memory: SettingsOptions<InferenceSettings>
  @OptionGroup var dataOptions: DataOptions
  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (bestOf == 1) == (chooser == nil) else {
      throw ValidationError("--best-of above 1 and --chooser go together.")
    }
    guard (reward == nil) != (answers.answerColumn == nil) else {
      throw ValidationError("Give either --reward, a model that judges, or --answer-column, the records' answers.")
    }
  }

  func run() throws {
    let device = try Device(parsing: device)
    let (first, tokenizer) = try memory.measured(model, device: device)
    let (second, other) = try memory.measured(against, device: device)
    let prompts = try TokenizedData(tokenizer, first.configuration, options: dataOptions)
      .prompts(data, response: responseLength)
    let end = tokenizer.eos ?? first.configuration.endOfText

    func sample(_ model: Decoder, _ words: Tokenizer, _ n: Int, _ purpose: String) throws -> [[Candidate]] {
      let seed = DerivedSeed(run: seed, for: purpose).value
      let encoder = try DialogueEncoder(words, endOfText: words.eos)
      return try GenerationEngine(model: model, tokenizer: words).candidates(
        of: try prompts.map { try encoder.prompt($0.prompt) }, samples: n,
        parameters: SamplingParameters(
          temperature: temperature, maxTokens: responseLength, stop: stop, seed: seed))
    }
    // The two models may have different tokenizers; judges read the texts in their own.
    func judge(_ place: String) throws -> RewardJudge {
      RewardJudge(
        try ModelFolder.loadReward(place, for: first, device: device), tokenizer: tokenizer,
        prompts: prompts.map(\.ids),
        endOfText: end, name: place, version: try ModelFolder.resolve(place).lastPathComponent)
    }
    let verifier = try answers.verifier(of: prompts.map(\.record))
    let referee: any Judge = try verifier ?? judge(reward ?? "")
    var mine = try sample(first, tokenizer, bestOf, "first")
    if let chooser {
      mine = try BestOfN(bestOf, judge: judge(chooser)).ranked(mine).map { $0.top(1) }
    }
    let theirs = try sample(second, other, 1, "second")
    let golds = try [mine, theirs].map { try referee.scores(of: $0.map { $0[0] }) }
    let rate = WinRate(first: golds[0], second: golds[1])
    let difference = Bootstrap(seed: seed).meanDifference(golds[0], golds[1])
    // How often each was right, where that is what the scores say.
    let shares = verifier.map { _ in
      golds.map { Estimate.wilson(successes: $0.reduce(0, +), n: $0.count) }
    }
    var document: JSONObject = [
      "judge": try JSONValue(encoding: referee.identity), "win_rate": try JSONValue(encoding: rate.estimate),
      "wins": .int(rate.wins),
      "ties": .int(rate.ties), "losses": .int(rate.losses), "p_value": .double(rate.pValue),
      "score_difference": try JSONValue(encoding: difference),
    ]
    var text = """
      win rate \(rate.estimate.percentage): \(rate.wins) wins, \(rate.ties) ties, \(rate.losses) losses \
      (sign test p = \(rate.pValue.short))
      mean score difference \(difference)
      """
    if let shares {
      document["right_answers"] = try .array(shares.map { try JSONValue(encoding: $0) })
      text = "right answers: \(shares[0].percentage) of \(model), \(shares[1].percentage) of \(against)\n" + text
    }
    output.show(.object(document), text: text)
  }
}

extension Double {
  /// Four significant digits, for reading.
  var short: String { String(format: "%.4g", self) }
}
