import ArgumentParser
import Documents
import Evaluation
import Foundation
import Training

/// `apprentice evaluate rouge`.
struct EvaluateRougeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rouge",
    abstract: "ROUGE-1, -2 and -L of texts against references.",
    discussion: """
      The F measures of the rouge-score package with its stemmer, with bootstrap intervals. Records hold \
      the text and its reference.

      EXAMPLE:
        apprentice evaluate rouge --data made.jsonl --completion-column summary --reference-column ref_text
      """)

  @Option(parsing: .upToNextOption, help: .init("Files of texts with their references.", valueName: "path"))
  var data: [String]

  @Option(help: .init("The field that holds the reference.", valueName: "name"))
  var referenceColumn = "reference"

  @Option(help: .init("Seeds the intervals' resampling.", valueName: "number"))
  var seed: UInt64 = 1

  @OptionGroup var dataOptions: DataOptions
  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let reader = try RecordReader(paths: data, options: dataOptions.readerOptions)
    let rouge = Rouge()
    var scores: [Rouge.Scores] = []
    while let record = try reader.next() {
      do throws(DataError) {
        scores.append(
          rouge.score(
            reference: try record.text(in: referenceColumn, role: "reference"),
            text: try record.text(in: dataOptions.completionColumn, role: "text")))
      } catch { try reader.skip(error) }
    }
    DataOptions.reportBadLines(of: reader)
    guard !scores.isEmpty else {
      throw DataError(
        .noInput, path: data.joined(separator: ", "), problem: "no record",
        advice: "Look at the files with 'apprentice data inspect'.")
    }
    let bootstrap = Bootstrap(seed: seed)
    let means: [(String, Estimate)] = [
      ("rouge1", bootstrap.mean(scores.map(\.rouge1.f1))),
      ("rouge2", bootstrap.mean(scores.map(\.rouge2.f1))),
      ("rougeL", bootstrap.mean(scores.map(\.rougeL.f1))),
    ]
    output.show(
      .object(JSONObject(try means.map { (key: $0.0, value: try JSONValue(encoding: $0.1)) })),
      text: means.map { "\($0.0)  \($0.1)" }.joined(separator: "\n"))
  }
}
