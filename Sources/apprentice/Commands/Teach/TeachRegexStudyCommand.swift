import ArgumentParser
import Console
import Documents
import Foundation
import Teaching
import Training
import Settings

/// `apprentice teach regex-study`.
struct TeachRegexStudyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "regex-study",
    abstract: "Measure the learning of regular expressions against baselines and people.",
    discussion: """
      Without --data, over the study's own concepts only. With the published examples that people \
      wrote (teaching-examples.csv), also on those; with the published test answers \
      (generalization.csv) as well, on the very strings that people were tested on; and with the \
      corpora that these people were shown (--curricula), from the very examples that they had.

      EXAMPLE:
        apprentice teach regex-study --data regex-teaching/teaching-examples.csv
      """)

  @Option(help: .init("The examples that people wrote.", valueName: "file"))
  var data: String?

  @Option(help: .init("People's answers to the published test items.", valueName: "file"))
  var generalization: String?

  @Option(
    help: .init(
      "The corpora shown to the people who answered: columns worker.id (an answer's seq.id), rule.id, "
        + "example.num, polarity, string.", valueName: "file"))
  var curricula: String?

  @Option(in: .count(), help: .init("How many example sets for each concept and number.", valueName: "count"))
  var repetitions = 2

  @Option(help: .init("The seed of everything random.", valueName: "number"))
  var seed: UInt64 = 0

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard generalization == nil || data != nil, curricula == nil || generalization != nil else {
      throw ValidationError("--curricula needs --generalization, and --generalization needs --data")
    }
  }

  func run() async throws {
    // Read first: what is wrong with a file is said at once and not after the study.
    let people = try data.map { data in
      PeopleStudy(
        corpora: try TeachingCorpora(contentsOf: URL(fileURLWithPath: data)),
        answers: try generalization.map {
          try GeneralizationAnswers(contentsOf: URL(fileURLWithPath: $0))
        },
        curricula: try curricula.map { try TeachingCorpora(contentsOf: URL(fileURLWithPath: $0)) })
    }
    var study = RegexStudy()
    study.repetitions = max(1, repetitions)
    study.seed = seed
    let cells = await study.run { Log.info("concept \($0)") }
    let rows = await people?.run { Log.info("rule \($0)") } ?? []
    if people == nil {
      Log.info("give --data teaching-examples.csv to compare with people's examples as well")
    }
    output.show(
      ["concepts": try JSONValue(encoding: cells), "people": try JSONValue(encoding: rows)],
      text: text(study, cells) + (rows.isEmpty ? "" : "\n\n" + text(rows)))
  }

  private func text(_ study: RegexStudy, _ cells: [RegexStudy.Cell]) -> String {
    func mean(_ learner: String, _ count: Int, _ group: String? = nil) -> String {
      let values = cells.filter {
        $0.learner == learner && $0.examples == count && (group == nil || $0.group == group)
      }
      return format(values.reduce(0) { $0 + $1.accuracy } / Double(max(1, values.count)))
    }
    let columns = study.exampleCounts.map { ("\($0)+\($0)", Table.Alignment.right) }
    var table = Table([("accuracy by examples", .left)] + columns)
    for learner in study.learners {
      table.add([learner.name] + study.exampleCounts.map { mean(learner.name, $0) })
    }
    var groups = Table([("Bayesian, by group", .left)] + columns)
    var seen: Set<String> = []
    for group in study.concepts.map(\.group) where seen.insert(group).inserted {
      groups.add([group] + study.exampleCounts.map { mean("Bayesian", $0, group) })
    }
    return """
      \(study.concepts.count) concepts, \(study.repetitions) example sets each, \
      \(study.heldOut) members and as many non-members held out.

      \(table.text)

      \(groups.text)
      """
  }

  private func text(_ rows: [PeopleStudy.Row]) -> String {
    let learners = ["Bayesian", "character classes", "RPNI", "alternation"]
    var table = Table(
      [("rule", .left), ("expression", .left), ("corpora", .right)]
        + learners.map { ($0, .right) } + [("on items", .right), ("people", .right)])
    for row in rows {
      table.add(
        [row.rule, row.expression, "\(row.corpora)"]
          + learners.map { format(row.balancedAccuracy[$0]) }
          + [format(row.itemAccuracy["Bayesian"]), format(row.peopleAccuracy)])
    }
    return """
      On the examples that people wrote: accuracy on other teachers' strings (members and \
      non-members weighing alike), on the published test items, and people's on those.

      \(table.text)
      """
  }

  private func format(_ value: Double?) -> String {
    value.map { String(format: "%.3f", $0) } ?? "-"
  }
}
