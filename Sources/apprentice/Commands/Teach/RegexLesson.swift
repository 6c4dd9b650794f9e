import Teaching

/// The conversation of `apprentice teach regex`: asks about the most telling string, takes the
/// answer, learns again.
struct RegexLesson {
  private(set) var examples: InductionExamples
  let configuration: InductionConfiguration
  private var induction: RegularExpressionInduction
  private var skipped: Set<String> = []

  init(examples: InductionExamples, configuration: InductionConfiguration) {
    self.examples = examples
    self.configuration = configuration
    induction = RegularExpressionInduction(examples, configuration: configuration)
  }

  var posterior: RegularExpressionPosterior { induction.posterior }

  /// Talks on standard input and output until the person quits or there is nothing left to ask.
  mutating func converse(tests: [String], top: Int) {
    print(
      "\nAnswer y or n; s skips; +text or -text gives an example of your own; an empty line looks "
        + "for better expressions; q ends.")
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
      switch line {
      case "y", "yes":
        learn { (examples) throws(InductionError) in
          try examples.adding(answer: true, to: question)
        }
      case "n", "no":
        learn { (examples) throws(InductionError) in
          try examples.adding(answer: false, to: question)
        }
      case "s": skipped.insert(question.string)
      case "": induction.improve(evaluations: configuration.evaluations)
      case "q", "quit":
        print(RegexReport(posterior: posterior, tests: tests, top: top).text)
        return
      default:
        guard let sign = line.first, sign == "+" || sign == "-" else {
          print("That is none of y, n, s, +text, -text, an empty line or q.")
          continue
        }
        learn { (examples) throws(InductionError) in
          try examples.adding(String(line.dropFirst()), isPositive: sign == "+")
        }
      }
      let posterior = posterior
      print("  \(posterior.best)")
      for caveat in posterior.caveats { print("  note: \(caveat)") }
    }
    print(RegexReport(posterior: posterior, tests: tests, top: top).text)
  }

  private mutating func learn(
    _ adding: (InductionExamples) throws(InductionError) -> InductionExamples
  ) {
    do {
      examples = try adding(examples)
      induction = induction.learning(examples)
    } catch {
      print("  \(error)")
    }
  }
}
