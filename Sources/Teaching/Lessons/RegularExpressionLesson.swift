public import Console
import Expressions
import Foundation

/// A conversation in which a person teaches a regular expression: it asks about the most telling string, takes the answer, and
/// learns again.
public struct RegularExpressionLesson: Conversation {
  /// The examples so far.
  public private(set) var examples: InductionExamples
  /// How expressions are looked for.
  public let configuration: InductionConfiguration
  private let tests: [String]
  private let style: RegularExpressionReport.Style
  private var induction: RegularExpressionInduction
  private var asked: LabelQuestion?
  private var skipped: Set<String> = []
  /// The state before each answer, for taking it back.
  private var before: [(examples: InductionExamples, induction: RegularExpressionInduction)] = []
  /// Why the last answer was not learned from.
  private var complaint: String?

  /// A lesson that begins, once the examples that there are have been learned from.
  ///
  /// - Parameter tests: strings that the report classifies.
  public init(
    examples: InductionExamples, configuration: InductionConfiguration, tests: [String],
    style: RegularExpressionReport.Style
  ) {
    self.examples = examples
    self.configuration = configuration
    self.tests = tests
    self.style = style
    induction = RegularExpressionInduction(examples, configuration: configuration)
  }

  /// What the examples make of all expressions.
  public var posterior: RegularExpressionPosterior { induction.posterior }

  /// What has been learned.
  public var report: RegularExpressionReport {
    RegularExpressionReport(posterior: posterior, tests: tests, style: style)
  }

  /// The words that are understood.
  public let help = """
    Answer y or n; s skips; +text or -text gives an example of your own; undo takes the last of these back; an empty line \
    looks for better expressions; ? says this again; q ends.
    """

  /// What to say where nothing is left to ask.
  public let ending = "There is nothing left to ask."

  /// The report.
  public var farewell: String { report.text }

  /// The best expression now, or why the last answer was not learned from.
  public var remarks: [String] {
    if let complaint { return [complaint] }
    let posterior = posterior
    return [posterior.best.written(for: style.dialect)] + posterior.caveats.map { "note: " + $0 }
  }

  /// The string whose label would tell most.
  public mutating func question() -> String? {
    asked = posterior.questions(limit: 20).first { !skipped.contains($0.string) }
    return asked.map { "Does \"\($0.string)\" match? [y/n/s/+/-/q]" }
  }

  /// Takes the last example back.
  public mutating func undo() -> Bool {
    complaint = nil
    guard let last = before.popLast() else { return false }
    (examples, induction) = last
    return true
  }

  /// Takes an answer or an example in.
  public mutating func take(_ line: String) -> String? {
    guard let question = asked else { return nil }
    complaint = nil
    switch line.trimmingCharacters(in: .whitespaces).lowercased() {
    case "y", "yes":
      learn { (examples) throws(InductionError) in try examples.adding(answer: true, to: question) }
    case "n", "no":
      learn { (examples) throws(InductionError) in try examples.adding(answer: false, to: question) }
    case "s", "skip": skipped.insert(question.string)
    case "":
      // Each time as much again as has been done.
      induction.improve(evaluations: max(configuration.evaluations, induction.evaluations))
    case "+", "-": return "Type the example right after the sign, as in +text."
    default:
      guard let sign = line.first, sign == "+" || sign == "-" else {
        return "That is none of y, n, s, +text, -text, undo, an empty line or q; ? says what they do."
      }
      learn { (examples) throws(InductionError) in
        try examples.adding(String(line.dropFirst()), isPositive: sign == "+")
      }
    }
    return nil
  }

  private mutating func learn(
    _ adding: (InductionExamples) throws(InductionError) -> InductionExamples
  ) {
    do {
      let more = try adding(examples)
      before.append((examples, induction))
      examples = more
      induction = induction.learning(examples)
    } catch {
      complaint = "\(error)"
    }
  }
}
