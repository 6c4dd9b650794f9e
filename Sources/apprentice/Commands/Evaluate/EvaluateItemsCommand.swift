import ArgumentParser
import Documents
import Evaluation
import Foundation
import Settings

/// `apprentice evaluate items`.
struct EvaluateItemsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "items",
    abstract: "Make items of the tasks that GPT-3 was asked: arithmetic, scrambled words, new words, symbols.",
    discussion: """
      The items are lines of {"context", "completion"}, as in the published files. The task files generated_* make \
      theirs by themselves.

      EXAMPLE:
        apprentice evaluate items two_digit_addition --count 2000 --seed 7 > two_digit_addition.jsonl
      """)

  @Argument(help: .init("The task: \(GeneratedTask.kinds.map(\.name).joined(separator: ", ")).", valueName: "task"))
  var task: String

  @Option(in: .count(), help: .init("How many items.", valueName: "count"))
  var count = 2_000

  @Option(help: .init("Same seed, same items.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(help: .init("A file of words to scramble, one a line.", valueName: "file"))
  var words: String?

  @OptionGroup var configuration: ConfigurationOptions

  func validate() throws {
    guard GeneratedTask.kinds.contains(where: { $0.name == task }) else {
      throw ValidationError(GeneratedTask.kinds.map(\.name).problem(ofUnknownKey: task, called: task))
    }
  }

  func run() throws {
    guard let kind = GeneratedTask.kinds.first(where: { $0.name == task })?.kind else { return }
    let list = try words.map { try WordList.read($0) } ?? WordList.common
    for item in GeneratedTask(kind, words: list).items(count: count, seed: seed) {
      print(JSONValue.object(item.record).serialized())
    }
  }
}
