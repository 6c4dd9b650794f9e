import Expressions
import ArgumentParser
import Documents
import Evaluation
import Settings

/// `apprentice evaluate format`.
struct EvaluateFormatCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "format",
    abstract: "The share of texts that match a regular expression from end to end.",
    discussion: """
      The expression is one that 'apprentice teach regex' prints, or any without look-around, \
      back-references or lazy quantifiers. Records hold the text as their completion or, without one, \
      as their text; --text-division lines takes a plain file's lines for texts. White space at a text's ends \
      counts unless --trim is given.

      EXAMPLE:
        apprentice evaluate format --regex '[0-9]{5}' --data answers.jsonl --json
      """)

  @Option(help: .init("The form.", valueName: "expression"))
  var regex: String

  @Option(parsing: .upToNextOption, help: .init("Files of texts.", valueName: "path"))
  var data: [String]

  @Flag(help: "Leave white space at both ends of a text out.")
  var trim = false

  @Option(in: .count(from: 0), help: .init("How many texts that don't match to show.", valueName: "count"))
  var show = 5

  @OptionGroup var dataOptions: DataOptions
  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    do throws(RegularExpressionSyntaxError) {
      _ = try FormatCheck(regex)
    } catch {
      throw ValidationError("--regex: \(error.description)")
    }
  }

  func run() throws {
    let check = try FormatCheck(regex)
    let reader = try RecordReader(paths: data, options: dataOptions.readerOptions)
    defer { DataOptions.reportBadLines(of: reader) }
    let survey = try FormatSurvey(reader, check, columns: dataOptions.columns, trims: trim, shown: show)

    var lines = ["\(survey.share.percentage) of \(survey.count) texts match"]
    lines += survey.others.map { "  \($0.origin): \($0.text.debugDescription) does not" }
    output.show(
      [
        "regex": .string(check.expression.description), "matching": try JSONValue(encoding: survey.share),
        "others": .array(survey.others.map { ["origin": .string($0.origin), "text": .string($0.text)] }),
      ], text: lines.joined(separator: "\n"))
  }
}
