import Console
public import Documents
public import Expressions

/// A report of what was learned from examples: the best expression and what explains it, others with their probability, strings
/// that were to be classified, and what to ask next.
public struct RegularExpressionReport {
  let posterior: RegularExpressionPosterior
  let tests: [String]
  let style: Style
  private let questions: [LabelQuestion]

  /// The extent of the report, and the engine that it is for.
  public struct Style: Sendable {
    /// How many expressions are listed.
    public var top: Int
    /// The engine that expressions are written for.
    public var dialect: RegularExpressionDialect
    /// Whether each part is explained.
    public var explains: Bool

    /// A report's extent.
    public init(top: Int = 10, dialect: RegularExpressionDialect = .pcre, explains: Bool = false) {
      (self.top, self.dialect, self.explains) = (top, dialect, explains)
    }
  }

  /// The report on a posterior.
  public init(posterior: RegularExpressionPosterior, tests: [String], style: Style) {
    self.posterior = posterior
    self.tests = tests
    self.style = style
    questions = posterior.questions(limit: 3)
  }

  /// `{"regex", "posterior": […], "test": […]}` and what explains it.
  public var document: JSONValue {
    let entries = posterior.entries.prefix(style.top).map { entry -> JSONValue in
      [
        "regex": .string(written(entry.expression)), "probability": .double(entry.probability),
      ]
    }
    let results = zip(tests, posterior.membershipProbabilities(of: tests)).map {
      string, probability -> JSONValue in
      ["string": .string(string), "probability": .double(probability)]
    }
    let asked = questions.map { question -> JSONValue in
      [
        "string": .string(question.string),
        "probability": .double(question.membershipProbability),
        "information": .double(question.expectedInformation),
      ]
    }
    var document: JSONObject = [
      "regex": .string(written(posterior.best)),
      "anchored": .string(posterior.best.anchored(for: style.dialect)),
      "posterior": .array(entries),
      "test": .array(results),
      "questions": .array(asked),
      "explanation": .array(posterior.explanation.map { .string($0) }),
      "caveats": .array((posterior.caveats + disagreements).map { .string($0) }),
    ]
    if style.explains { document["evidence"] = .array(posterior.evidence.map { .string($0) }) }
    return .object(document)
  }

  func written(_ expression: RegularExpression) -> String { expression.written(for: style.dialect) }

  /// The report for people.
  public var text: String {
    var lines = [written(posterior.best), ""]
    lines += posterior.explanation
    if style.explains { lines += posterior.evidence.map { "  " + $0 } }
    lines += (posterior.caveats + disagreements).map { "Note: \($0)." }
    var table = Table([("probability", .right), ("expression", .left)])
    for entry in posterior.entries.prefix(style.top) {
      table.add([Self.rounded(entry.probability), written(entry.expression)])
    }
    lines += ["", table.text]
    if !tests.isEmpty {
      var results = Table([("matches", .right), ("string", .left)])
      for (string, probability) in zip(tests, posterior.membershipProbabilities(of: tests)) {
        results.add([Self.rounded(probability), string])
      }
      lines += ["", results.text]
    }
    if let question = questions.first, question.expectedInformation > 0.01 {
      lines += ["", "The most telling string to label next: \"\(question.string)\""]
    }
    return lines.joined(separator: "\n")
  }

  /// The strings that PCRE2 reads otherwise than the expression was learned: none, one hopes.
  private var disagreements: [String] {
    do {
      let pattern = try PCREPattern(posterior.best.description)
      let automaton = PositionAutomaton(posterior.best)
      let examples = posterior.examples
      let strings = examples.positives + examples.confirmed + examples.negatives + tests
      // Of very many strings a few thousand tell.
      for place in stride(from: 0, to: strings.count, by: max(1, strings.count / 5_000)) {
        let string = strings[place]
        guard string.utf8.count <= 1_000 else { continue }
        if try pattern.matches(string) != automaton.accepts(string) {
          return ["PCRE2 reads the expression otherwise on \"\(string)\""]
        }
      }
      return []
    } catch {
      return ["\(error)"]
    }
  }

  private static func rounded(_ probability: Double) -> String {
    let thousandths = Int((probability * 1000).rounded())
    let digits = String(thousandths % 1000)
    return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - digits.count) + digits
  }
}
