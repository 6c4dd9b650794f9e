import Expressions
import ArgumentParser
import Documents
import Evaluation
import Foundation
import Training
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
    var texts: [String] = []
    var others: [(place: String, text: String)] = []
    while let record = try reader.next() {
      do throws(DataError) {
        let text = try text(of: record)
        texts.append(text)
        if others.count < show, !check.accepts(text) {
          others.append((record.origin.description, text))
        }
      } catch { try reader.skip(error) }
    }
    DataOptions.reportBadLines(of: reader)
    guard !texts.isEmpty else {
      throw DataError(
        .badData, path: data.joined(separator: ", "), problem: "there is no text in it",
        advice: "Look at the files with 'apprentice data inspect'.")
    }
    let share = check.share(of: texts)
    var lines = ["\(share.percentage) of \(texts.count) texts match"]
    lines += others.map { "  \($0.place): \($0.text.debugDescription) does not" }
    output.show(
      [
        "regex": .string(check.expression.description),
        "matching": try JSONValue(encoding: share),
        "others": .array(
          others.map { ["origin": .string($0.place), "text": .string($0.text)] }),
      ], text: lines.joined(separator: "\n"))
  }

  private func text(of record: Record) throws(DataError) -> String {
    let column =
      record[dataOptions.completionColumn] != nil
      ? dataOptions.completionColumn : dataOptions.textColumn
    let text = try record.text(in: column, role: "text")
    return trim ? text.trimmingCharacters(in: .whitespacesAndNewlines) : text
  }
}
