public import Alignment

/// A problem in words with a worked solution and the answer that it comes to.
public struct WordProblem: Sendable, Codable, Equatable {
  /// Its name in its set: the record's own, else its file and line.
  public var id: String
  /// The question.
  public var question: String
  /// The worked solution, its last line or box with the answer; the bare answer where a set has no more.
  public var solution: String
  /// The answer as its set is graded.
  public var answer: String
  /// The way in which answers are found in solutions of its set.
  public var format: AnswerFormat

  /// A problem.
  public init(id: String, question: String, solution: String, answer: String, format: AnswerFormat = .gsm8k) {
    self.id = id
    self.question = question
    self.solution = solution
    self.answer = answer
    self.format = format
  }

  /// A verifier of the final answers to these problems, in their order.
  ///
  /// - Parameter format: finds the answer in completions; the problems' own way unless given.
  public static func verifier(of problems: [WordProblem], format: AnswerFormat? = nil) -> AnswerVerifier {
    let own = format ?? problems.first?.format ?? .gsm8k
    return AnswerVerifier(
      answers: problems.map { ReferenceAnswer(own.answer(in: $0.reference) ?? $0.answer) }, finder: own)
  }

  /// Whether a text's final answer is the problem's.
  ///
  /// - Parameter format: finds the answer in the text; the problem's own way unless given.
  public func isSolved(by text: String, format: AnswerFormat? = nil) -> Bool {
    let own = format ?? self.format
    guard let found = own.answer(in: text) else { return false }
    return found == (own.answer(in: reference) ?? answer)
  }

  /// A text in which every format finds the right answer in its own form.
  private var reference: String {
    switch format {
    case .gsm8k, .number, .chat: "#### \(answer)"
    case .boxed: "\\boxed{\(answer)}"
    case .line: answer
    }
  }
}
