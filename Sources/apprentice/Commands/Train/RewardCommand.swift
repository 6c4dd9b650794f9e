import Alignment
import ArgumentParser
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

  @OptionGroup var training: TrainingOptions
  @OptionGroup var dataOptions: DataOptions
  @OptionGroup var configuration: ConfigurationOptions

  func run() throws {
    let settings = try training.settings(learningRate: 5e-5)
    let (decoder, tokenizer) = try ModelFolder.load(model, device: try Device(parsing: training.device))
    guard let end = tokenizer.eos ?? decoder.configuration.endOfText else {
      throw CheckpointError(path: model, message: "a reward model is read at the end-of-text token, and there is none")
    }
    let reader = try RecordReader(paths: data, options: dataOptions.readerOptions)
    var rankings: [RankedCompletions] = []
    while let record = try reader.next() {
      do {
        if record["ranking"] != nil {
          let example = try RankingExample(record: record, columns: dataOptions.columns)
          rankings.append(
            RankedCompletions(
              prompt: tokenizer.encode(example.prompt),
              completions: example.completions.map { tokenizer.encode($0) + [end] }, ranks: example.ranking))
        } else {
          let example = try PreferenceExample(record: record, columns: dataOptions.columns)
          rankings.append(
            RankedCompletions(
              prompt: tokenizer.encode(example.prompt),
              completions: [example.chosen, example.rejected].map { tokenizer.encode($0) + [end] },
              ranks: [1, 2]))
        }
        if let last = rankings.last,
          let longest = last.completions.map({ $0.count + last.prompt.count }).max(),
          longest > decoder.configuration.contextLength
        {
          rankings.removeLast()
          throw record.error(
            "the longest completion with its prompt has \(longest) tokens and the model's context is "
              + "\(decoder.configuration.contextLength)", advice: "Shorten it, or use --skip-bad-lines.")
        }
      } catch let error as DataError {
        try reader.skip(error)
      }
    }
    DataOptions.reportBadLines(of: reader)
    guard rankings.count > 1 else {
      throw DataError(
        .noInput, path: data.joined(separator: ", "), problem: "fewer than two usable comparisons",
        advice: "Look at the files with 'apprentice data inspect'.")
    }
    let held = min(rankings.count - 1, Int(Double(rankings.count) * evalShare))
    let scorer = ScalarModel(decoder, generator: Generator(seed: settings.seed))
    let learner = RewardLearner(
      scorer, tokenizer: tokenizer, rankings: Array(rankings.dropLast(held)),
      heldOut: Array(rankings.suffix(held)), settings: settings)
    try training.drive(
      learner, title: "reward", settings: settings,
      extra: ["data": .array(data.map { .string($0) }), "model": .string(model)])
  }
}
