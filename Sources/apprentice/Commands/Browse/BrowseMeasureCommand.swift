import ArgumentParser
import Browsing
import Documents
import Foundation
import Settings
import Statistics

/// `apprentice browse measure`.
struct BrowseMeasureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "measure",
    abstract: "Ask questions whose pages are known, and count what a model finds and cites.",
    discussion: """
      Questions are JSON lines with "question" and "page", the end of the address of the page that answers it, or "pages". Reported are \
      actions that couldn't be carried out, how often a right page was opened, and how often the answer's references hold: a checker \
      reads the pages again.

      EXAMPLE:
        apprentice browse measure --questions Benchmarks/browsing/questions.jsonl --model model.gguf --index docs.index
      """)

  @Option(help: .init("The questions.", valueName: "file"))
  var questions: String

  @Option(in: .count(), help: .init("How many of them; all unless given.", valueName: "count"))
  var limit: Int?

  @Option(help: .init("A file to write the episodes to, one a line.", valueName: "file"))
  var episodes: String?

  @OptionGroup var browsing: BrowsingOptions
  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    var study = try BrowsingStudy(path: questions)
    if let limit { study.items = Array(study.items.prefix(limit)) }
    let index = try PageIndex(path: browsing.index)
    var lines: [String] = []
    let all = study.items.count
    let outcomes = try study.outcomes(try browsing.browsingModel(), web: index, limits: browsing.limits) {
      number, outcome in
      Log.info(
        "\(number + 1) of \(all): \(outcome.isRightPageOpened ? "right page" : "other pages"), \(outcome.episode.question)"
      )
      lines.append(outcome.episode.summary.serialized())
      if let episodes { try DurableFile.write(lines.joined(separator: "\n") + "\n", to: episodes) }
    }
    let summary = BrowsingStudy.Summary(outcomes)
    let shares: [(key: String, label: String, value: Estimate)] = [
      ("right_page_among_results", "right page among the question's results", summary.found),
      ("right_page_opened", "right page opened", summary.opened), ("answered", "answered", summary.answered),
      ("references_hold", "answers whose references hold", summary.referencesHold),
      ("right_page_cited", "right page cited", summary.citesRightPage),
    ]
    var document: JSONObject = [
      "questions": .int(summary.questions), "actions": .int(summary.actions),
      "invalid_actions": .int(summary.invalidActions),
    ]
    for share in shares {
      document[share.key] = [
        "value": .double(share.value.value), "low": .double(share.value.low), "high": .double(share.value.high),
      ]
    }
    output.show(
      .object(document),
      text: ([
        "questions: \(summary.questions)", "actions: \(summary.actions), of which invalid: \(summary.invalidActions)",
      ]
        + shares.map { "\($0.label): \($0.value)" }).joined(separator: "\n"))
  }
}
