public import Documents
import Foundation

extension WordProblem {
  /// Reads the problems of files, whichever of the published shapes each record has.
  ///
  /// - GSM8K: `question`, and an `answer` whose last line is `#### ` and the number (Cobbe 2021).
  /// - MATH: `problem` and `solution` with the answer in `\boxed{…}` (Hendrycks 2021), also one file a problem in a folder.
  /// - Saxton: text in which questions and answers take turns, a line each (Saxton 2019), or `question` and `answer` without a mark.
  ///
  /// - Throws: `DataError` with file and line for a record that is none of these, has no answer or two, and for an identifier that
  ///   stands there twice.
  public static func read(contentsOf paths: [String]) throws(DataError) -> [WordProblem] {
    var problems: [WordProblem] = []
    var places: [String: Record.Origin] = [:]
    func add(_ problem: WordProblem, _ record: Record) throws(DataError) {
      if let other = places.updateValue(record.origin, forKey: problem.id) {
        throw record.error(
          "the identifier '\(problem.id)' stands in \(other) already",
          advice: "Give every problem an identifier of its own, or none.")
      }
      problems.append(problem)
    }
    let reader = try RecordReader(paths: paths, options: .init(textDivision: .lines))
    var question: Record?
    while let record = try reader.next() {
      guard record.fields.keys == ["text"], let line = record["text"]?.string else {
        try add(try WordProblem(record), record)
        continue
      }
      // A question can't begin in one file and be answered in the next.
      guard let asked = question, asked.origin.path == record.origin.path else {
        if let question { throw question.error("the question has no answer in the next line") }
        question = record
        continue
      }
      question = nil
      guard let answer = AnswerFormat.line.answer(in: line) else { throw record.error("the answer is empty") }
      try add(
        WordProblem(
          id: name(of: asked), question: asked["text"]?.string ?? "", solution: answer, answer: answer, format: .line),
        asked)
    }
    if let question { throw question.error("the question has no answer in the next line") }
    guard !problems.isEmpty else {
      throw DataError(.badData, path: paths.joined(separator: ", "), problem: "there is no problem in the file")
    }
    return problems
  }

  private static func name(of record: Record) -> String {
    "\((record.origin.path as NSString).lastPathComponent):\(record.origin.line)"
  }

  /// The fields that name a record, the first that there is.
  private static let identifiers = ["id", "unique_id", "problem_id", "task_id"]

  /// A record of one of the published shapes.
  ///
  /// - Throws: `DataError` with its file and line.
  public init(_ record: Record) throws(DataError) {
    let id =
      Self.identifiers.lazy.compactMap { record[$0] }.first.flatMap { $0.string ?? $0.int.map(String.init) }
      ?? Self.name(of: record)
    if record.holds("problem", "solution") {
      let solution = try record.text(in: "solution")
      guard let boxed = AnswerFormat.boxed.answer(in: solution), !boxed.isEmpty else {
        throw record.error("the solution has no answer in \\boxed{…}")
      }
      self.init(
        id: id, question: try record.text(in: "problem"), solution: solution, answer: boxed, format: .boxed)
    } else {
      let question = try record.text(in: "question"), solution = try record.answerText()
      let marks = solution.matches(of: /####/).count
      switch marks {
      case 0:
        guard let answer = AnswerFormat.line.answer(in: solution) else { throw record.error("the answer is empty") }
        self.init(id: id, question: question, solution: solution, answer: answer, format: .line)
      case 1:
        guard let answer = AnswerFormat.gsm8k.answer(in: solution) else {
          throw record.error(
            "no number follows '#### ' in the answer", advice: "Its last line must read like '#### 72'.")
        }
        self.init(id: id, question: question, solution: solution, answer: answer, format: .gsm8k)
      default:
        throw record.error(
          "the answer has '####' \(marks) times", advice: "Leave only the line of the final answer, such as '#### 72'.")
      }
    }
    guard !self.question.allSatisfy(\.isWhitespace) else { throw record.error("the question is empty") }
  }
}

extension Record {
  /// The answer as text; sets with bare answers may have numbers.
  fileprivate func answerText() throws(DataError) -> String {
    if let number = self["answer"]?.int { return String(number) }
    return try text(in: "answer")
  }
}
