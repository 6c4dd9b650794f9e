import Alignment
import ArgumentParser
import Console
import Documents
import Experiments
import Foundation
import Torch
import Training
import Settings

/// `apprentice experiment choose`.
struct ExperimentChooseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "choose",
    abstract: "Choose which comparisons to ask a person next.",
    discussion: """
      Reward models that were trained alike but for their seed disagree where the data has not told them \
      enough. Records hold "prompt" and "completions" (all pairs are in the pool), or "chosen" and \
      "rejected", whose order is then ignored. Without --rewards, records hold what each member of an \
      ensemble makes of one pair: "probabilities", how probable it is that the first is preferred, one \
      number a member; or "rewards", one [first, second] a member. Optional: "id", "cost". Chooses a \
      batch in which no answer makes another superfluous.

      EXAMPLE:
        apprentice experiment choose --rewards runs/reward-1 runs/reward-2 runs/reward-3 \\
          --data pool.jsonl -n 16
      """)

  @Option(
    parsing: .upToNextOption,
    help: .init("The reward models: two or more.", valueName: "folder"))
  var rewards: [String] = []

  @Option(parsing: .upToNextOption, help: .init("Files of what may be asked.", valueName: "path"))
  var data: [String]

  @Option(
    name: [.customShort("n"), .long],
    in: .count(), help: .init("How many comparisons to choose.", valueName: "count"))
  var count = 10

  @Option(help: .init("The seed of everything random.", valueName: "number"))
  var seed: UInt64 = 0

  @Option(help: .init("auto, cpu, cuda, cuda:N or mps.", valueName: "device"))
  var device = "auto"

  @OptionGroup var dataOptions: DataOptions
  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard rewards.count != 1 else {
      throw ValidationError("--rewards needs two reward models or more: one can't disagree with itself.")
    }
  }

  func run() throws {
    var pool = ComparisonPool()
    if rewards.isEmpty {
      pool = try ComparisonPool(answered: data, options: dataOptions.reading, warn: Log.warning)
    }
    for reward in rewards {
      try pool.add(
        ScalarModel.scores(
          ofCompletionsIn: data, by: reward, device: Device(parsing: device), options: dataOptions.reading,
          warn: Log.warning), name: reward)
    }
    let batch = try QuestionChooser(pool.probabilities, costs: pool.costs()).batch(of: count, seed: seed)
    var table = Table([
      ("pair", .left), ("completions", .left), ("gain, nats", .right),
      ("P(first preferred)", .right),
    ])
    var rows: [JSONValue] = []
    for choice in batch {
      let pair = pool.pairs[choice.question]
      let opinions = pool.probabilities.map { $0[choice.question] }
      let range = [opinions.min() ?? 0, opinions.max() ?? 0].map { String(format: "%.2f", $0) }
      table.add([
        pair.name, "\(pair.first) or \(pair.second)", String(format: "%.4f", choice.gain),
        range.joined(separator: " to "),
      ])
      rows.append([
        "pair": .int(choice.question), "id": .string(pair.name), "first": .int(pair.first),
        "second": .int(pair.second), "gain": .double(choice.gain),
        "probabilities": .array(opinions.map { .double($0) }),
      ])
    }
    output.show(.array(rows), text: table.text)
  }
}
