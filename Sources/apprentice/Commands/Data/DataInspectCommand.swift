import ArgumentParser
import Documents
import Training
import Settings

/// `apprentice data inspect`.
struct DataInspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Say what data files hold: records, fields, lengths, bad lines.",
    discussion: """
      Reads JSON Lines, JSON, CSV, TSV and plain text, also gzipped, and folders of those. Ends with \
      exit code 65 where lines can't be read, unless --skip-bad-lines is given.

      EXAMPLE:
        apprentice data inspect tldr.csv --prompt-column context
      """)

  @Argument(help: "Files and folders.")
  var data: [String]

  @Option(in: .count(from: 0), help: .init("How many records to show.", valueName: "count"))
  var show = 2

  @OptionGroup var dataOptions: DataOptions
  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    var options = dataOptions.readerOptions
    options.skipBadLines = true
    let reader = try RecordReader(paths: data, options: options)
    var survey = DataSurvey(examplesToKeep: show, columns: dataOptions.columns)
    while let record = try reader.next() { survey.add(record) }
    output.show(survey.document(of: reader), text: survey.text(of: reader))
    if reader.badLineCount > 0, !dataOptions.skipBadLines {
      throw ExitCode(ExitStatus.badData.rawValue)
    }
  }
}
