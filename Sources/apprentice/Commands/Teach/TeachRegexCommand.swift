public import ArgumentParser
import Console
import Documents
import Expressions
import Foundation
import Teaching
import Training
import Settings

/// `apprentice teach regex`.
struct TeachRegexCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "regex",
    abstract: "Learn a regular expression from strings that should and should not match.",
    discussion: """
      The files hold one string a line; - is standard input. The expression matches whole strings; --json also gives it \
      between anchors for engines that search. It agrees with every label unless --noise says that some are wrong. Of \
      very many strings the telling ones are learned from, and all are checked. On a terminal the command goes on to ask \
      about the string whose label would tell most, until you are content.

      EXAMPLE:
        apprentice teach regex --positive dates.txt --negative not-dates.txt --test new.txt
      """)

  @Option(help: .init("The strings that should match.", valueName: "file"))
  var positive: String

  @Option(help: .init("The strings that should not match.", valueName: "file"))
  var negative: String?

  @Option(help: .init("Strings to classify.", valueName: "file"))
  var test: String?

  @Flag(help: "Take blank lines for the empty string instead of skipping them.")
  var keepBlankLines = false

  @Option(
    in: .above(0, below: 0.5),
    help: .init(
      "The probability that an example carries the wrong label; without it, all labels are right.",
      valueName: "probability"))
  var noise: Double?

  @Option(help: .init("The engine to write for: \(RegularExpressionDialect.names).", valueName: "engine"))
  var dialect = RegularExpressionDialect.pcre

  @Flag(help: "Say which part matched what, where negative examples fail, and what stood next in line.")
  var explain = false

  @Flag(help: "Bring all strings into Unicode's normal form C first.")
  var normalize = false

  @Option(
    in: .from(0, to: 1),
    help: .init(
      "How far positives are taken as drawn at random from the language: 1 fully, 0 not at all.",
      valueName: "exponent"))
  var sizePrinciple = InductionConfiguration().sizePrinciple

  @Option(in: .from(1, to: 10_000_000), help: .init("How many expressions to score.", valueName: "count"))
  var evaluations = InductionConfiguration().evaluations

  @Option(in: .count(), help: .init("How many expressions of the posterior to list.", valueName: "count"))
  var top = 10

  @Option(help: .init("The seed of everything random.", valueName: "number"))
  var seed: UInt64 = 0

  @Flag(
    inversion: .prefixedNo,
    help: "Ask about further strings. On by itself when run on a terminal without --json.")
  var interactive: Bool?

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if output.json, interactive == true {
      throw ValidationError("--json prints one document: it can't be interactive as well")
    }
  }

  func run() throws {
    let examples = try InductionExamples(
      positives: try strings(positive, mayBeEmpty: false),
      negatives: try negative.map { try strings($0, mayBeEmpty: true) } ?? [])
    let tests = try test.map { try strings($0, mayBeEmpty: false) } ?? []
    var lesson = RegularExpressionLesson(examples: examples, configuration: induction, tests: tests, style: style)
    let report = lesson.report
    output.show(report.document, text: report.text)
    if interactive ?? (Terminal.isThere && !output.json) { lesson.converse() }
  }

  private var induction: InductionConfiguration {
    var configuration = InductionConfiguration()
    if let noise { configuration.noise = noise }
    configuration.sizePrinciple = sizePrinciple
    configuration.evaluations = evaluations
    configuration.seed = seed
    return configuration
  }

  private var style: RegularExpressionReport.Style {
    RegularExpressionReport.Style(top: top, dialect: dialect, explains: explain)
  }

  private func strings(_ path: String, mayBeEmpty: Bool) throws -> [String] {
    let file = try StringFile(
      contentsOf: URL(fileURLWithPath: path), keepingBlankLines: keepBlankLines, normalized: normalize)
    if file.skippedBlankLines > 0 {
      Log.warning(
        "\(path): skipped \(file.skippedBlankLines) blank lines; --keep-blank-lines takes them for "
          + "the empty string")
    }
    if file.strings.isEmpty, !mayBeEmpty {
      throw DataError(
        .badData, path: path, problem: "holds no string", advice: "Write one string a line.")
    }
    return file.strings
  }
}

extension RegularExpressionDialect: ExpressibleByArgument {
  static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
