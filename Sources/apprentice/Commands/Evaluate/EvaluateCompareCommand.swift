import ArgumentParser
import Console
import Documents
import Evaluation
import Foundation

/// `apprentice evaluate compare`.
struct EvaluateCompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Models side by side on the tasks that they were evaluated on, with significance.",
    discussion: """
      Each folder holds evaluations of one model, as 'apprentice evaluate tasks' or lm_eval write them; the newest \
      is taken. Documents are paired: the difference is the later model's less the first's, its interval a paired \
      bootstrap's, and p is McNemar's exact test of marks of 0 and 1, or the paired permutation test.

      EXAMPLE:
        apprentice evaluate compare runs/evaluation/small runs/evaluation/large
      """)

  @Argument(help: .init("Folders of evaluations, two or more.", valueName: "folder"))
  var folders: [String]

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard folders.count > 1 else { throw ValidationError("there is nothing to compare: give two folders or more") }
  }

  func run() throws {
    let comparison = try EvaluationComparison(folders: folders)
    for remark in comparison.remarks { Log.warning(remark) }
    var table = Table([
      ("task", .left), ("metric", .left), ("first", .right), ("other", .right), ("difference", .right), ("p", .right),
      ("n", .right), ("models", .left),
    ])
    for row in comparison.rows {
      table.add([
        row.task, row.metric, String(format: "%.4f", row.values.first), String(format: "%.4f", row.values.second),
        String(format: "%+.4f [%+.4f, %+.4f]", row.difference.value, row.difference.low, row.difference.high),
        String(format: "%.4f", row.pValue), "\(row.difference.n)", "\(row.models.first) | \(row.models.second)",
      ])
    }
    output.show(comparison.document, text: table.text)
  }
}
