public import ArgumentParser
import Documents
public import Evaluation
import Foundation

/// `apprentice evaluate contamination`.
struct EvaluateContaminationCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "contamination",
    abstract: "Which documents of a task stand in training text, and results with and without them.",
    discussion: """
      --method gpt3 looks for runs of 8 to 13 words, gpt4 for three substrings of 50 letters and digits of each \
      document. With --results, a folder of evaluations of one model, metrics are given for the clean and the dirty \
      documents.

      EXAMPLE:
        apprentice evaluate contamination hellaswag --corpus books/ --data-dir data --results runs/evaluation/small
      """)

  @Argument(help: .init("Tasks, with commas between them.", valueName: "tasks"))
  var tasks: [String]

  @Option(parsing: .upToNextOption, help: .init("Files of training text.", valueName: "path"))
  var corpus: [String]

  @Option(help: "How documents are looked for.")
  var method = ContaminationCheck.Method.wordRuns

  @Option(help: .init("A folder of evaluations of one model.", valueName: "folder"))
  var results: String?

  @Option(help: .init("The folder of data sets.", valueName: "folder"))
  var dataDir: String?

  @Option(parsing: .upToNextOption, help: .init("Folders of further task files.", valueName: "folder"))
  var includePath: [String] = []

  @Option(help: .init("Seeds the choice of substrings.", valueName: "number"))
  var seed: UInt64 = 1

  @OptionGroup var dataOptions: DataOptions
  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let nodes = try TaskLibrary(folders: includePath).nodes(
      named: tasks.flatMap { $0.split(separator: ",").map(String.init) })
    let report = try ContaminationReport(
      nodes, dataFolder: dataDir, method: method, seed: seed, corpus: corpus, options: dataOptions.readerOptions,
      column: dataOptions.textColumn, results: results)
    output.show(report.document, text: report.text)
  }
}

extension ContaminationCheck.Method: ExpressibleByArgument {}
