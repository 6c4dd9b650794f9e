import ArgumentParser
import Documents
import Foundation
import Teaching
import Training

/// `apprentice teach regex`.
struct TeachRegexCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "regex",
    abstract: "Learn a regular expression from strings that should and should not match.",
    discussion: """
      The files hold one string a line. The expression matches whole strings; --json also gives it \
      between anchors for engines that search. On a terminal the command goes on to ask about the \
      string whose label would tell most, until you are content.

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
    help: .init(
      "The probability that an example carries the wrong label.", valueName: "probability"))
  var noise = InductionConfiguration().noise

  @Option(
    help: .init(
      "How far positives are taken as drawn at random from the language: 1 fully, 0 not at all.",
      valueName: "exponent"))
  var sizePrinciple = InductionConfiguration().sizePrinciple

  @Option(help: .init("How many expressions to score.", valueName: "count"))
  var evaluations = InductionConfiguration().evaluations

  @Option(help: .init("How many expressions of the posterior to list.", valueName: "count"))
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
    guard noise > 0, noise < 0.5 else {
      throw ValidationError("--noise is a probability above 0 and below 0.5")
    }
    guard (0...1).contains(sizePrinciple) else {
      throw ValidationError("--size-principle is between 0 and 1")
    }
    guard evaluations > 0, evaluations <= 10_000_000, top > 0 else {
      throw ValidationError("--evaluations and --top are at least 1")
    }
    if output.json, interactive == true {
      throw ValidationError("--json prints one document: it can't be interactive as well")
    }
  }

  func run() throws {
    let examples = try InductionExamples(
      positives: try strings(positive), negatives: try negative.map(strings) ?? [])
    let tests = try test.map(strings) ?? []
    var lesson = RegexLesson(examples: examples, configuration: induction)
    let isTerminal = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
    let report = RegexReport(posterior: lesson.posterior, tests: tests, top: top)
    output.show(report.document, text: report.text)
    if interactive ?? (isTerminal && !output.json) {
      lesson.converse(tests: tests, top: top)
    }
  }

  private var induction: InductionConfiguration {
    var configuration = InductionConfiguration()
    configuration.noise = noise
    configuration.sizePrinciple = sizePrinciple
    configuration.evaluations = evaluations
    configuration.seed = seed
    return configuration
  }

  private func strings(_ path: String) throws -> [String] {
    let file = try StringFile(
      contentsOf: URL(fileURLWithPath: path), keepingBlankLines: keepBlankLines)
    if file.skippedBlankLines > 0 {
      Log.warning(
        "\(path): skipped \(file.skippedBlankLines) blank lines; --keep-blank-lines takes them for "
          + "the empty string")
    }
    if file.strings.isEmpty {
      throw DataError(
        .badData, path: path, problem: "holds no string", advice: "Write one string a line.")
    }
    return file.strings
  }
}
