public import ArgumentParser
import Documents
public import Feedback
import Foundation

/// `apprentice data export`.
struct DataExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write feedback from a store as JSON Lines.",
    discussion: """
      Writes TRL's columns, or our own format, which loses nothing. What a shape has no place for, such \
      as ties among preferences, is counted and reported.

      EXAMPLE:
        apprentice data export --store feedback.sqlite --shape preferences --out p.jsonl
      """)

  @Option(help: .init("The feedback store.", valueName: "file"))
  var store: String

  @Option(help: .init("The file to write.", valueName: "file"))
  var out: String

  @Option(help: "What a line looks like.")
  var shape = FeedbackWriter.Shape.preferences

  @Option(help: "What becomes of ties where the shape has no place for them.")
  var ties = FeedbackWriter.Ties.drop

  @Option(
    parsing: .upToNextOption,
    help: .init("Only the feedback of these labellers.", valueName: "name"))
  var labellers: [String] = []

  @Option(help: .init("Only this batch.", valueName: "name"))
  var batch: String?

  @Option(help: .init("Only feedback on this policy's responses.", valueName: "name"))
  var policy: String?

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let query = FeedbackQuery(
      labellers: labellers.isEmpty ? nil : Set(labellers), policy: policy, batch: batch)
    let report = try FeedbackStore(path: store, isReadOnly: true)
      .export(query, to: out, as: shape, ties: ties)
    output.show(
      [
        "path": .string(out), "lines": .int(report.lines), "ties_kept": .int(report.tiesKept),
        "ties_left_out": .int(report.tiesDropped),
        "left_out": .int(report.leftOut.values.reduce(0, +)),
      ],
      text: "\(out): \(report)")
  }
}

extension FeedbackWriter.Shape: ExpressibleByArgument {}
extension FeedbackWriter.Ties: ExpressibleByArgument {}
