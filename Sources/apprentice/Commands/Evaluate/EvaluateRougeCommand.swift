public import ArgumentParser
import Documents
public import Evaluation
import Foundation
import Training

/// `apprentice evaluate rouge`.
struct EvaluateRougeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rouge",
    abstract: "ROUGE-1, -2 and -L of texts against references.",
    discussion: """
      The F measures of the rouge-score package with its stemmer, with bootstrap intervals. Records hold \
      the text and its reference. Its tokenizer knows Latin letters without accents only; for other \
      languages there is '--tokenizer unicode'.

      EXAMPLE:
        apprentice evaluate rouge --data made.jsonl --completion-column summary --reference-column ref_text
      """)

  @Option(parsing: .upToNextOption, help: .init("Files of texts with their references.", valueName: "path"))
  var data: [String]

  @Option(help: .init("The field that holds the reference.", valueName: "name"))
  var referenceColumn = "reference"

  @Option(help: "The words that are compared: rouge-score's, of a to z and digits, or those of any script.")
  var tokenizer = Rouge.Words.rougeScore

  @Option(help: .init("Seeds the intervals' resampling.", valueName: "number"))
  var seed: UInt64 = 1

  @OptionGroup var dataOptions: DataOptions
  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let reader = try RecordReader(paths: data, options: dataOptions.readerOptions)
    let rouge = Rouge(words: tokenizer)
    var scores: [Rouge.Scores] = []
    var blind = 0
    while let record = try reader.next() {
      do throws(DataError) {
        let reference = try record.text(in: referenceColumn, role: "reference")
        let text = try record.text(in: dataOptions.completionColumn, role: "completion")
        scores.append(rouge.score(reference: reference, text: text))
        if rouge.isBlind(to: reference) || rouge.isBlind(to: text) { blind += 1 }
      } catch { try reader.skip(error) }
    }
    DataOptions.reportBadLines(of: reader)
    guard !scores.isEmpty else {
      throw DataError(
        .noInput, path: data.joined(separator: ", "), problem: "no record",
        advice: "Look at the files with 'apprentice data inspect'.")
    }
    if blind > 0 {
      Log.warning(
        "\(blind) of \(scores.count) records have a text in which rouge-score finds no word: their 0 says nothing; "
          + "try '--tokenizer unicode'")
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

extension Rouge.Words: ExpressibleByArgument {}
