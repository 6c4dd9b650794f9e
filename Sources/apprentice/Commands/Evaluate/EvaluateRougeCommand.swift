public import ArgumentParser
import Documents
public import Evaluation

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
    defer { DataOptions.reportBadLines(of: reader) }
    let survey = try RougeSurvey(
      reader, rouge: Rouge(words: tokenizer), referenceColumn: referenceColumn, columns: dataOptions.columns)
    if survey.blind > 0 {
      Log.warning(
        "\(survey.blind) of \(survey.scores.count) records have a text in which rouge-score finds no word: their 0 says "
          + "nothing; try '--tokenizer unicode'")
    }
    let means = survey.means(seed: seed)
    output.show(
      .object(JSONObject(try means.map { (key: $0.name, value: try JSONValue(encoding: $0.value)) })),
      text: means.map { "\($0.name)  \($0.value)" }.joined(separator: "\n"))
  }
}

extension Rouge.Words: ExpressibleByArgument {}
