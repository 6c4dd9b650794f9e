import Expressions
import Foundation
import Teaching

/// The conversation of `apprentice teach regex`: asks about the most telling string, takes the
/// answer, learns again.
struct RegexLesson {
  private(set) var examples: InductionExamples
  let configuration: InductionConfiguration
  private var induction: RegularExpressionInduction
  private var skipped: Set<String> = []
  /// The state before each answer, for taking it back.
  private var before: [(examples: InductionExamples, induction: RegularExpressionInduction)] = []

  init(examples: InductionExamples, configuration: InductionConfiguration) {
    self.examples = examples
    self.configuration = configuration
    induction = RegularExpressionInduction(examples, configuration: configuration)
  }

  var posterior: RegularExpressionPosterior { induction.posterior }

  /// Talks on standard input and output until the person quits or there is nothing left to ask.
  mutating func converse(tests: [String], style: RegexReport.Style) {
    print("\n" + Self.help)
    while true {
      let questions = posterior.questions(limit: 20)
      guard let question = questions.first(where: { !skipped.contains($0.string) }) else {
        print("There is nothing left to ask.")
        break
      }
      print("Does \"\(question.string)\" match? [y/n/s/+/-/q] ", terminator: "")
      guard let line = readLine() else {
        print("")
        break
      }
      switch line.trimmingCharacters(in: .whitespaces).lowercased() {
      case "y", "yes":
        learn { (examples) throws(InductionError) in
          try examples.adding(answer: true, to: question)
        }
      case "n", "no":
        learn { (examples) throws(InductionError) in
          try examples.adding(answer: false, to: question)
        }
      case "s", "skip": skipped.insert(question.string)
      case "u", "undo":
        guard let last = before.popLast() else {
          print("There is nothing to take back.")
          continue
        }
        (examples, induction) = last
      case "":
        // Each time as much again as has been done.
        induction.improve(evaluations: max(configuration.evaluations, induction.evaluations))
      case "q", "quit", "exit":
        print(RegexReport(posterior: posterior, tests: tests, style: style).text)
        return
      case "?", "h", "help":
        print(Self.help)
        continue
      case "+", "-":
        print("Type the example right after the sign, as in +text.")
        continue
      default:
        guard let sign = line.first, sign == "+" || sign == "-" else {
          print("That is none of y, n, s, +text, -text, undo, an empty line or q; ? says what they do.")
          continue
        }
        learn { (examples) throws(InductionError) in
          try examples.adding(String(line.dropFirst()), isPositive: sign == "+")
        }
      }
      let posterior = posterior
      print("  \(posterior.best.written(for: style.dialect))")
      for caveat in posterior.caveats { print("  note: \(caveat)") }
    }
    print(RegexReport(posterior: posterior, tests: tests, style: style).text)
  }

  private static let help = """
    Answer y or n; s skips; +text or -text gives an example of your own; undo takes the last of these back; an empty line \
    looks for better expressions; ? says this again; q ends.
    """

  private mutating func learn(
    _ adding: (InductionExamples) throws(InductionError) -> InductionExamples
  ) {
    do {
      let more = try adding(examples)
      before.append((examples, induction))
      examples = more
      induction = induction.learning(examples)
    } catch {
      print("  \(error)")
    }
  }
}
