public import ArgumentParser
import Documents
public import Feedback
import Foundation
import Training

/// `apprentice data import`.
struct DataImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Put feedback from data files into a feedback store.",
    discussion: """
      Reads demonstrations, comparisons, rankings and ratings in TRL's columns, in our own format, and \
      as OpenAI's summarization and WebGPT comparisons and hh-rlhf were published. Takes all of a call \
      or nothing; importing a file again adds nothing.

      EXAMPLE:
        apprentice data import pairs.jsonl --store feedback.sqlite
      """)

  @Argument(help: "Files and folders of feedback.")
  var files: [String] = []

  @Option(parsing: .upToNextOption, help: .init("The same, as other commands name them.", valueName: "path"))
  var data: [String] = []

  @Option(help: .init("The feedback store; made where there is none.", valueName: "file"))
  var store: String

  @Option(help: "The shape of the records, where their fields don't tell.")
  var shape: FeedbackFormat?

  @Option(help: .init("Who gave the feedback, where the records don't say.", valueName: "name"))
  var labeller = "unknown"

  @Option(help: .init("The batch to note with each item.", valueName: "name"))
  var batch: String?

  @OptionGroup var dataOptions: DataOptions
  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard !(files + data).isEmpty else { throw ValidationError("Name files or folders of feedback.") }
  }

  func run() throws {
    let data = files + data
    // Before the store is made: a mistyped path should leave nothing behind.
    _ = try DataFiles.find(data)
    let result = try FeedbackStore(path: store).importFiles(
      data,
      options: .init(
        format: shape, labeller: labeller, batch: batch, columns: dataOptions.columns,
        records: dataOptions.readerOptions))
    if result.badLines > 0 {
      Log.warning("skipped \(result.badLines) bad lines; the first are")
      for error in result.firstBadLines.prefix(5) { Log.raw("  \(error)") }
    }
    output.show(
      [
        "records": .int(result.records), "added": .int(result.added),
        "already_present": .int(result.alreadyPresent), "bad_lines": .int(result.badLines),
      ],
      text: "\(store): \(result.added) items added from \(result.records) records, "
        + "\(result.alreadyPresent) were there already")
  }
}

extension FeedbackFormat: ExpressibleByArgument {}
