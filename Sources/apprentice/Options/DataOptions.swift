import Alignment
public import ArgumentParser
import Documents
import LanguageModels
import Tokenization

/// Options for reading data files: the same flags in every command that reads some.
struct DataOptions: ParsableArguments {
  @Option(help: "The files' format, where their names don't tell: jsonl, json, csv, tsv or txt.")
  var format: DataFormat?

  @Option(
    help: .init(
      "How plain text is cut into documents: endoftext, paragraphs, lines or file.",
      valueName: "division"))
  var textDivision = TextDivisionName.endoftext

  @Flag(help: "Count and report lines that can't be read instead of stopping at the first.")
  var skipBadLines = false

  @Option(help: .init("The field that holds the text.", valueName: "name"))
  var textColumn = "text"

  @Option(help: .init("The field that holds the prompt.", valueName: "name"))
  var promptColumn = "prompt"

  @Option(help: .init("The field that holds the completion.", valueName: "name"))
  var completionColumn = "completion"

  @Option(help: .init("The field that holds the preferred completion.", valueName: "name"))
  var chosenColumn = "chosen"

  @Option(help: .init("The field that holds the other completion.", valueName: "name"))
  var rejectedColumn = "rejected"

  @Option(help: .init("The field that holds the conversation.", valueName: "name"))
  var messagesColumn = "messages"

  /// The options for the reader.
  var readerOptions: RecordReader.Options {
    .init(format: format, textDivision: textDivision.division, skipBadLines: skipBadLines)
  }

  /// The fields' names.
  var columns: ColumnNames {
    ColumnNames(
      text: textColumn, prompt: promptColumn, completion: completionColumn, chosen: chosenColumn,
      rejected: rejectedColumn, messages: messagesColumn)
  }

  /// Both, for what reads records.
  var reading: ReadingOptions { ReadingOptions(reader: readerOptions, columns: columns) }

  /// Says on stderr which lines were left out, if any were.
  static func reportBadLines(of reader: RecordReader) {
    if let report = reader.badLineReport { Log.warning(report) }
  }
}

extension TokenizedData {
  /// Data files as the command's flags describe them; what is left out is said on stderr.
  init(_ tokenizer: Tokenizer, _ configuration: DecoderConfiguration, options: DataOptions) {
    self.init(tokenizer, configuration, options: options.reading, warn: Log.warning)
  }
}

/// The names of ``TextDivision`` on the command line.
enum TextDivisionName: String, ExpressibleByArgument, CaseIterable {
  case endoftext, paragraphs, lines, file

  var division: TextDivision {
    switch self {
    case .endoftext: .endOfText
    case .paragraphs: .paragraphs
    case .lines: .lines
    case .file: .file
    }
  }
}

extension DataFormat: ExpressibleByArgument {}
